/** What a schema cannot say about settings: names that must exist or be unique, addresses, what needs TLS. */
import type { Collector } from '../collectors/collector.ts';
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
    const inside: At = (pointer) => at(['sources', String(index), ...pointer]);
    problems.push(...checkSource(source, inside, seen, settings?.targets));
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

function checkTarget(name: string, { id, framing }: Collector, at: At, targets: unknown): Problem[] {
  if (framing.kind !== 'rows')
    return [{ ...at(['target']), message: `${id} reads no databases`, hint: 'write "files" or "listen"' }];
  const named = Object.entries((targets ?? {}) as Record<string, { kind?: unknown } | null>);
  const usable = named.filter(([, target]) => target?.kind === framing.target).map(([key]) => key);
  if (usable.includes(name)) return [];
  return [
    {
      ...at(['target']),
      message: `no target ${JSON.stringify(name)} of kind ${framing.target}`,
      hint:
        usable.length > 0
          ? (didYouMean(name, usable) ?? `one of ${usable.join(', ')}`)
          : `add one under "targets" with kind: ${framing.target}`,
    },
  ];
}

function checkSource(
  source: Partial<SourceSettings>,
  at: At,
  seen: Set<string>,
  targets: unknown,
): Problem[] {
  const problems: Problem[] = [];
  const { id, collector, files, listen, target } = source;
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
  if (!files && !listen && !target)
    problems.push({ ...at([]), message: 'a source needs "files", "listen" or "target"' });
  if (target && (files || listen))
    problems.push({
      ...at(['target']),
      message: 'a source that reads a target reads nothing else',
      hint: 'make two sources of it',
    });
  if (typeof target === 'string' && known) problems.push(...checkTarget(target, known, at, targets));
  if (known && (known.id === 'described') !== (source.description !== undefined))
    problems.push(
      known.id === 'described'
        ? {
            ...at(['collector']),
            message: 'collector described needs a description',
            hint: 'add description: apache-access, or a file',
          }
        : {
            ...at(['description']),
            message: `collector ${known.id} takes no description`,
            hint: 'it belongs to collector described',
          },
    );
  if (typeof listen !== 'object' || listen === null) return problems;
  if (known?.framing.kind === 'file' || known?.framing.kind === 'records')
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
