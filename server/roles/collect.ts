/** Reads every configured source at once, each in its own order; a source that fails is restarted, loudly, alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { listenTcp, listenUdp } from '../../collectors/reading/listen.ts';
import { openSpool } from '../../collectors/reading/spool.ts';
import { type Delivery, type RunOptions, run, type Source } from '../../collectors/run.ts';
import { VigiaError } from '../../core/errors.ts';
import { cannotListen } from '../cannot-listen.ts';
import { announceSources, observeBatch } from '../observe.ts';
import type { Parts } from '../parts.ts';
import { sourcesOf, spoolFolder } from '../sources.ts';

const RESTART_MS = 5_000;
const RESCAN_MS = 2_000;
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

/** `forever` also looks for files that appear in folders. Open the listeners first: `openListeners`. */
export async function collect(
  parts: Parts,
  options: RunOptions & { delivery?: Partial<Delivery> },
): Promise<void> {
  const delivery = deliveryOf(parts, options.delivery);
  const running = new Map<string, Promise<void>>();
  const startNew = async () => {
    for (const settings of parts.settings.sources) {
      for (const source of await sourcesOf(settings, parts.settings.state, parts)) {
        if (running.has(source.id)) continue;
        announceSources(parts.metrics, [source.id], parts.now());
        running.set(source.id, keepRunning(source, delivery, parts, options));
      }
    }
  };
  await startNew();
  while (options.until === 'forever' && !options.signal.aborted) {
    await sleep(RESCAN_MS, undefined, { signal: options.signal }).catch(() => undefined);
    await startNew().catch((cause: Error) => parts.log.error(`looking for new files: ${cause.message}`));
  }
  await Promise.all(running.values());
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

/** What is received from now on is spooled; `collect` reads the spools. Throws when an address cannot be taken. */
export async function openListeners({ settings, now, log, metrics }: Parts): Promise<() => Promise<void>> {
  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const one of opened.reverse()) await one();
  };
  try {
    for (const { id, listen } of settings.sources) {
      if (!listen) continue;
      const warn = (message: string) => log.warn(`source ${id}: ${message}`);
      const spool = await openSpool(spoolFolder(settings.state, id), { warn });
      opened.push(() => spool.close());
      const dropped = (count = 1) => metrics.count('vigia_spool_dropped_total', { source: id }, count);
      dropped(0);
      const options = { spool, maxRecordBytes: MAX_RECORD_BYTES, now, warn, dropped };
      for (const [kind, start] of [
        ['tcp', listenTcp],
        ['udp', listenUdp],
      ] as const) {
        const wanted = listen[kind];
        if (!wanted) continue;
        const { address, close: stop } = await start(wanted, options).catch(
          cannotListen(`source ${id}`, wanted),
        );
        opened.push(stop);
        log.info(`source ${id} listens on ${kind} ${address.host}:${address.port}`);
      }
    }
    return close;
  } catch (cause) {
    await close();
    throw cause;
  }
}
