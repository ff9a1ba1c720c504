/** Reads every configured source at once, each in its own order; a source that fails is restarted, loudly, alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Listener, listenTcp, listenUdp } from '../../collectors/reading/listen.ts';
import { openSpool } from '../../collectors/reading/spool.ts';
import { type Delivery, type RunOptions, run, type Source } from '../../collectors/run.ts';
import { VigiaError } from '../../core/errors.ts';
import { observeBatch } from '../observe.ts';
import type { Parts } from '../parts.ts';
import { sourcesOf, spoolFolder } from '../sources.ts';

const RESTART_MS = 5_000;
const MAX_RECORD_BYTES = 1_048_576;

export function deliveryOf(parts: Parts, extra: Partial<Delivery> = {}): Delivery {
  return {
    store: parts.store,
    evaluate: parts.detection.evaluate,
    now: parts.now,
    retentionDays: parts.settings.retentionDays,
    warn: (message) => parts.log.warn(message),
    failed: (stage) => parts.metrics.count('vigia_store_errors_total', { stage }),
    ...extra,
    observe: (facts) => {
      observeBatch(parts.metrics, facts, parts.now());
      extra.observe?.(facts);
    },
  };
}

export async function collect(
  parts: Parts,
  options: RunOptions & { delivery?: Partial<Delivery> },
): Promise<void> {
  const delivery = deliveryOf(parts, options.delivery);
  const sources = (
    await Promise.all(parts.settings.sources.map((source) => sourcesOf(source, parts.settings.state)))
  ).flat();
  const listeners = options.until === 'forever' ? await openListeners(parts) : [];
  try {
    await Promise.all(sources.map((source) => keepRunning(source, delivery, parts, options)));
  } finally {
    for (const listener of listeners) await listener.close();
  }
}

/** One source's trouble (a file without permission) must not stop the others. */
async function keepRunning(
  source: Source,
  delivery: Delivery,
  parts: Parts,
  options: RunOptions,
): Promise<void> {
  while (!options.signal.aborted) {
    try {
      await run(source, delivery, options);
      return;
    } catch (cause) {
      if (options.signal.aborted) return;
      if (options.until === 'end') throw cause;
      const known = cause instanceof VigiaError || (cause as NodeJS.ErrnoException).code !== undefined;
      parts.log.error(
        known ? `source ${source.id}: ${(cause as Error).message}` : { err: cause, source: source.id },
      );
      await sleep(RESTART_MS, undefined, { signal: options.signal }).catch(() => undefined);
    }
  }
}

async function openListeners(parts: Parts): Promise<Listener[]> {
  const opened: Listener[] = [];
  for (const { id, listen } of parts.settings.sources) {
    if (!listen) continue;
    const spool = await openSpool(spoolFolder(parts.settings.state, id));
    const options = {
      spool,
      maxRecordBytes: MAX_RECORD_BYTES,
      now: parts.now,
      warn: (message: string) => parts.log.warn(message),
    };
    const mine: Listener[] = [];
    if (listen.tcp) mine.push(await listenTcp(listen.tcp, options));
    if (listen.udp) mine.push(await listenUdp(listen.udp, options));
    for (const { address } of mine) parts.log.info(`source ${id} listens on ${address.host}:${address.port}`);
    opened.push({
      address: mine[0]?.address ?? { host: '', port: 0 },
      async close() {
        for (const listener of mine) await listener.close();
        await spool.close();
      },
    });
  }
  return opened;
}
