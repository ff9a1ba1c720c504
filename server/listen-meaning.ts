/** What a schema cannot say about `listen`: addresses, what needs TLS, what a collector can be sent. */
import type { Collector } from '../collectors/collector.ts';
import type { Problem } from '../core/errors.ts';
import { HTTP_KINDS, type HttpListenSettings, type ListenSettings } from './listen-settings.ts';
import { isLoopback } from './loopback.ts';
import type { SourceSettings } from './settings.ts';
import type { At } from './source-meaning.ts';

/** What is sent by these protocols only one collector reads. */
const OWN_COLLECTOR = { otlp: 'otlp-logs', alertmanager: 'alertmanager' } as const satisfies Partial<
  Record<keyof ListenSettings, string>
>;

/** Takes a `listen` that the schema may have found wrong. */
export function checkListen(
  { listen }: Partial<SourceSettings>,
  known: Collector | undefined,
  at: At,
): Problem[] {
  if (typeof listen !== 'object' || listen === null) return [];
  const problems: Problem[] = [];
  if (known && ['file', 'own', 'records'].includes(known.framing.kind))
    problems.push({
      ...at(['listen']),
      message: `${known.id} reads files and cannot listen`,
      hint: 'write "files"',
    });
  if (!listen.tcp && !listen.udp && !listen.tls && HTTP_KINDS.every((kind) => !listen[kind]))
    problems.push({ ...at(['listen']), message: 'names no address', hint: 'add tcp: 127.0.0.1:5514' });
  for (const kind of ['tcp', 'udp'] as const)
    problems.push(...checkAddress(listen[kind], (pointer) => at(['listen', kind, ...pointer])));
  problems.push(
    ...checkAddress(listen.tls?.address, (pointer) => at(['listen', 'tls', 'address', ...pointer])),
  );
  for (const [kind, collector] of Object.entries(OWN_COLLECTOR))
    if (known && kind in listen && known.id !== collector)
      problems.push({
        ...at(['listen', kind]),
        message: `${known.id} does not read what comes by ${kind}`,
        hint: `write collector: ${collector}, and a source of its own`,
      });
  for (const kind of HTTP_KINDS) {
    const settings: unknown = listen[kind];
    if (typeof settings !== 'object' || settings === null) continue;
    problems.push(...checkHttp(settings, (pointer) => at(['listen', kind, ...pointer])));
  }
  return problems;
}

function checkHttp(
  { address, tls, credentialsFile, credentialsEnv }: Partial<HttpListenSettings>,
  at: At,
): Problem[] {
  const problems = checkAddress(address, (pointer) => at(['address', ...pointer]));
  const host = typeof address === 'string' ? hostOf(address) : undefined;
  if (host !== undefined && !isLoopback(host)) {
    if (!tls)
      problems.push({
        ...at(['address']),
        message: `${host} is not loopback and there is no TLS`,
        hint: 'add tls with certFile and keyFile',
      });
    if (!credentialsFile && !credentialsEnv && !tls?.clientCaFile)
      problems.push({
        ...at(['address']),
        message: `${host} is not loopback and everybody may send`,
        hint: 'add credentialsFile, credentialsEnv or tls.clientCaFile',
      });
  }
  if (credentialsFile && credentialsEnv)
    problems.push({
      ...at(['credentialsEnv']),
      message: 'the credentials stand in a file already',
      hint: 'keep one of credentialsFile and credentialsEnv',
    });
  return problems;
}

function checkAddress(address: unknown, at: At): Problem[] {
  if (typeof address !== 'string' || hostOf(address) !== undefined) return [];
  return [
    {
      ...at([]),
      message: `${JSON.stringify(address)} is no address with a port`,
      hint: 'write 127.0.0.1:5514 or [::1]:5514',
    },
  ];
}

/** The host of `host:port`; undefined when it is not that. */
function hostOf(text: string): string | undefined {
  const [, six, name, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? [];
  return port !== undefined && Number(port) <= 65_535 ? (six ?? name) : undefined;
}
