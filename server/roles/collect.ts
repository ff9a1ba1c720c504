/** Reads every configured source at once, each in its own order; a source that fails is restarted, loudly, alone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fairShare } from '../../collectors/delivery/share.ts';
import { type Delivery, type RunOptions, run, type Source } from '../../collectors/run.ts';
import { VigiaError } from '../../core/errors.ts';
import { announceSources, observeBatch } from '../observe.ts';
import type { Parts } from '../parts.ts';
import { sourcesOf } from '../sources.ts';

const RESTART_MS = 5_000;
const RESCAN_MS = 2_000;

export function deliveryOf(parts: Parts, extra: Partial<Delivery> = {}): Delivery {
  return {
    store: parts.store,
    evaluate: parts.detection.evaluate,
    now: parts.now,
    retentionDays: parts.settings.retentionDays,
    retention: parts.settings.retention,
    daily: parts.settings.dailyPartitions,
    inventory: parts.inventory,
    share: fairShare(),
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
  for (const settings of parts.settings.sources) {
    const { id, kafka } = settings;
    if (!kafka) continue;
    // Its client is only loaded where a topic is read.
    const { collectTopics } = await import('./collect-topics.ts');
    running.set(`${id}/`, collectTopics({ ...settings, kafka }, parts, options, readPartition));
  }
  await startNew();
  while (options.until === 'forever' && !options.signal.aborted) {
    await sleep(RESCAN_MS, undefined, { signal: options.signal }).catch(() => undefined);
    await startNew().catch((cause: Error) => parts.log.error(`looking for new files: ${cause.message}`));
  }
  await Promise.all(running.values());

  async function readPartition(source: Source, within: RunOptions): Promise<void> {
    announceSources(parts.metrics, [source.id], parts.now());
    await keepRunning(source, delivery, parts, within);
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
