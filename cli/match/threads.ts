/** Spreads batches over worker threads; results come back in the order of the batches. */
import { Worker } from 'node:worker_threads';
import type { DetectionRule } from '../../detections/index.ts';
import type { Batch } from './batches.ts';
import type { Done } from './run-batch.ts';

/** A rule without the YAML behind it, which a thread has no use for. */
export type HandedRule = Omit<DetectionRule, 'source'>;

export interface Handed {
  rules: HandedRule[];
  routing: boolean;
}

export const handed = (rules: readonly DetectionRule[]): HandedRule[] =>
  rules.map(({ source: _source, ...rest }) => rest);

/** Matching never asks for the text of a rule. */
export const received = (rules: readonly HandedRule[]): DetectionRule[] =>
  rules.map((rule) => ({
    ...rule,
    source: { path: rule.path, value: undefined, at: () => ({ line: 1, column: 1 }) },
  }));

/** Batches that wait at each thread: one is worked on, the next is there already. */
const AHEAD = 2;

/** Started from `.ts` in tests and from `.js` in the built program: the worker has the same ending as this file. */
const workerFile = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Records live for microseconds: more room for young objects than this only spoils the cache and holds memory. */
const YOUNG_MEGABYTES = 12;

interface Thread {
  worker: Worker;
  /** Answers come in the order of the questions. */
  waiting: { resolve(done: Done): void; reject(cause: Error): void }[];
}

/** Never holds more than a few batches for each thread, however fast the input is. */
export async function* runOnThreads(
  batches: AsyncIterable<Batch>,
  threads: number,
  data: Handed,
): AsyncGenerator<{ batch: Batch; done: Done }> {
  const all = Array.from({ length: threads }, () => startThread(data));
  const running: Promise<{ batch: Batch; done: Done }>[] = [];
  try {
    for await (const batch of batches) {
      const thread = all.reduce((least, one) => (one.waiting.length < least.waiting.length ? one : least));
      const result = ask(thread, batch).then((done) => ({ batch, done }));
      // The failure is met when its turn comes; until then it must not count as unhandled.
      result.catch(() => undefined);
      running.push(result);
      if (running.length >= threads * AHEAD) yield await running.shift()!;
    }
    for (const result of running) yield await result;
  } finally {
    await Promise.all(all.map(({ worker }) => worker.terminate()));
  }
}

function startThread(data: Handed): Thread {
  const worker = new Worker(workerFile, {
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
  const thread: Thread = { worker, waiting: [] };
  worker.on('message', (done: Done) => thread.waiting.shift()?.resolve(done));
  worker.on('error', (cause) => {
    for (const one of thread.waiting.splice(0))
      one.reject(cause instanceof Error ? cause : new Error(String(cause)));
  });
  return thread;
}

const ask = (thread: Thread, batch: Batch): Promise<Done> =>
  new Promise((resolve, reject) => {
    thread.waiting.push({ resolve, reject });
    thread.worker.postMessage(batch, batch.kind === 'lines' ? [batch.bytes.buffer] : []);
  });
