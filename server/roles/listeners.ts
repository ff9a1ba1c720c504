/** Opens the addresses that records are sent to; what is received is spooled, and `collect` reads the spools. */
import { readFileSync } from 'node:fs';
import { type Listener, listenTcp } from '../../collectors/reading/listen.ts';
import { listenUdp } from '../../collectors/reading/listen-udp.ts';
import { openSpool, type Spool } from '../../collectors/reading/spool.ts';
import { alertmanagerProtocol } from '../../collectors/receiving/alertmanager/alertmanager-protocol.ts';
import { bulkProtocol } from '../../collectors/receiving/bulk/bulk-protocol.ts';
import { type Admit, admitting } from '../../collectors/receiving/credentials.ts';
import { otlpProtocol } from '../../collectors/receiving/otlp/otlp-protocol.ts';
import type { Protocol } from '../../collectors/receiving/protocol.ts';
import { type Reception, receiveHttp } from '../../collectors/receiving/receive-http.ts';
import { errors } from '../../core/errors.ts';
import { cannotListen } from '../cannot-listen.ts';
import { HTTP_KINDS, type HttpListenSettings, type ListenSettings } from '../listen-settings.ts';
import type { Parts } from '../parts.ts';
import { findCollector, spoolFolder } from '../sources.ts';

const MAX_RECORD_BYTES = 1_048_576;
const MEBIBYTE = 1_024 * 1_024;
const RECEPTIONS = [
  ...(['taken', 'greeted', 'refused', 'full', 'unauthenticated', 'failed'] as const),
] satisfies Reception[];

/** Throws when an address cannot be taken; the answer closes them all. */
export async function openListeners(parts: Parts): Promise<() => Promise<void>> {
  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const one of opened.reverse()) await one();
  };
  try {
    for (const { id, collector, listen } of parts.settings.sources) {
      if (!listen) continue;
      const warn = (message: string) => parts.log.warn(`source ${id}: ${message}`);
      const { spoolMegabytes } = listen;
      const spool = await openSpool(spoolFolder(parts.settings.state, id), {
        warn,
        ...(spoolMegabytes === undefined ? {} : { diskBytes: spoolMegabytes * MEBIBYTE }),
      });
      opened.push(() => spool.close());
      const maxRecordBytes = findCollector(collector).maxBytes ?? MAX_RECORD_BYTES;
      for (const [kind, address, start] of startsOf({ id, listen, spool, maxRecordBytes, warn }, parts)) {
        const listener = await start().catch(cannotListen(`source ${id}`, address));
        opened.push(() => listener.close());
        const { host, port } = listener.address;
        parts.log.info(`source ${id} listens on ${kind} ${host}:${port}`);
      }
    }
    return close;
  } catch (cause) {
    await close();
    throw cause;
  }
}

interface Listening {
  id: string;
  listen: ListenSettings;
  spool: Spool;
  maxRecordBytes: number;
  warn: (message: string) => void;
}
type Start = [kind: string, address: string, start: () => Promise<Listener>];

function startsOf({ id, listen, spool, maxRecordBytes, warn }: Listening, { metrics, now }: Parts): Start[] {
  const options = { spool, maxRecordBytes, now, warn };
  const starts: Start[] = [];
  const { tcp, udp, tls } = listen;
  if (tcp) starts.push(['tcp', tcp, () => listenTcp(tcp, options)]);
  if (udp) {
    const dropped = (count = 1) => metrics.count('vigia_spool_dropped_total', { source: id }, count);
    const kernelDropped = (count: number) =>
      metrics.count('vigia_udp_kernel_dropped_total', { source: id }, count);
    dropped(0);
    kernelDropped(0);
    starts.push(['udp', udp, () => listenUdp(udp, { ...options, dropped, kernelDropped })]);
  }
  if (tls) starts.push(['tls', tls.address, () => listenTcp(tls.address, { ...options, tls })]);
  for (const kind of HTTP_KINDS) {
    const settings = listen[kind];
    if (!settings) continue;
    const heard = (outcome: Reception, count = 1) =>
      metrics.count('vigia_receiver_calls_total', { source: id, outcome }, count);
    for (const outcome of RECEPTIONS) heard(outcome, 0);
    const admit = admitOf(settings, `source ${id}`);
    starts.push([
      kind,
      settings.address,
      () =>
        receiveHttp(settings.address, protocolOf(kind, listen, maxRecordBytes), {
          ...{ spool, now, warn, heard: (outcome: Reception) => heard(outcome) },
          ...(settings.tls ? { tls: settings.tls } : {}),
          ...(admit ? { admit } : {}),
        }),
    ]);
  }
  return starts;
}

function protocolOf(
  kind: (typeof HTTP_KINDS)[number],
  { bulk }: ListenSettings,
  maxRecordBytes: number,
): Protocol {
  switch (kind) {
    case 'bulk':
      return bulkProtocol({ maxRecordBytes, ...(bulk?.field ? { field: bulk.field } : {}) });
    case 'otlp':
      return otlpProtocol(maxRecordBytes);
    case 'alertmanager':
      return alertmanagerProtocol;
  }
}

function admitOf({ credentialsFile, credentialsEnv }: HttpListenSettings, what: string): Admit | undefined {
  if (credentialsFile !== undefined) {
    try {
      return admitting(readFileSync(credentialsFile, 'utf8'), what);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === undefined) throw cause;
      throw errors.usage(`${what}: the credentials cannot be read: ${(cause as Error).message}`);
    }
  }
  if (credentialsEnv === undefined) return undefined;
  const lines = process.env[credentialsEnv];
  if (lines === undefined)
    throw errors.usage(
      `${what}: the environment variable ${credentialsEnv} is not set`,
      'the settings say that it holds credentials',
    );
  return admitting(lines, what);
}
