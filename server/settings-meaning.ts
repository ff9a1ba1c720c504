/** What a schema cannot say about settings: names that must exist or be unique, addresses, what needs TLS. */
import { collectors } from '../collectors/index.ts';
import type { Problem } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import type { Settings, SourceSettings } from './settings.ts';

/** Where a key stands. */
type At = (pointer: string[]) => Omit<Problem, 'message'>;

/** Takes settings that the schema may have found wrong: nothing about their shape is sure. */
export function checkMeaning(settings: Partial<Settings> | null, at: At): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const sources: unknown = settings?.sources;
  for (const [index, source] of (Array.isArray(sources) ? sources : []).entries()) {
    if (typeof source !== 'object' || source === null) continue;
    problems.push(...checkSource(source, (pointer) => at(['sources', String(index), ...pointer]), seen));
  }
  const api = settings?.api;
  if (typeof api?.host === 'string' && !isLoopback(api.host) && !api.tls) {
    problems.push({
      ...at(['api', 'host']),
      message: `${api.host} is not loopback and there is no TLS`,
      hint: 'add api.tls with certFile and keyFile',
    });
  }
  return problems;
}

function checkSource(source: Partial<SourceSettings>, at: At, seen: Set<string>): Problem[] {
  const problems: Problem[] = [];
  const { id, collector, files, listen, activityApi } = source;
  const known = collectors.find((one) => one.id === collector);
  if (typeof collector === 'string' && !known) {
    const ids = collectors.map((one) => one.id);
    const hint = didYouMean(collector, ids) ?? `one of ${ids.join(', ')}`;
    problems.push({ ...at(['collector']), message: `no collector ${JSON.stringify(collector)}`, hint });
  }
  if (typeof id === 'string') {
    if (seen.has(id))
      problems.push({
        ...at(['id']),
        message: `source id ${JSON.stringify(id)} is used twice`,
        hint: 'ids of sources are unique',
      });
    seen.add(id);
  }
  if (!files && !listen && !activityApi)
    problems.push({ ...at([]), message: 'a source needs "files", "listen" or "activityApi"' });
  if (activityApi && known && known.id !== 'office-audit')
    problems.push({
      ...at(['activityApi']),
      message: `${known.id} does not read this API`,
      hint: 'write collector: office-audit',
    });
  if (activityApi && !activityApi.passwordFile && !activityApi.passwordEnv)
    problems.push({
      ...at(['activityApi']),
      message: 'the client secret is missing',
      hint: 'add passwordFile or passwordEnv',
    });
  if (typeof listen !== 'object' || listen === null) return problems;
  if (known?.framing.kind === 'file')
    problems.push({
      ...at(['listen']),
      message: `${known.id} reads files and cannot listen`,
      hint: 'write "files"',
    });
  if (!listen.tcp && !listen.udp)
    problems.push({ ...at(['listen']), message: 'names no address', hint: 'add tcp: 127.0.0.1:5514' });
  for (const kind of ['tcp', 'udp'] as const) {
    const address = listen[kind];
    if (typeof address === 'string' && !isAddress(address))
      problems.push({
        ...at(['listen', kind]),
        message: `${JSON.stringify(address)} is no address with a port`,
        hint: 'write 127.0.0.1:5514 or [::1]:5514',
      });
  }
  return problems;
}

function isAddress(text: string): boolean {
  const [, port] = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text) ?? [];
  return port !== undefined && Number(port) <= 65_535;
}

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\./.test(host);
