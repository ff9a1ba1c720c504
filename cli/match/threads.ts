/** Spreads batches over this thread and worker threads; results come back in the order of the batches. */
import { Worker } from 'node:worker_threads';
import { errors } from '../../core/errors.ts';
import { sha256 } from '../../core/ids.ts';
import type { Engine } from '../../detections/matching.ts';
import type { Batch } from './batches.ts';
import { type Done, runBatch } from './run-batch.ts';

/** What a thread needs to load the rules itself, which is quicker than to be handed thousands of them. */
export interface RulesToLoad {
  paths: readonly string[];
  placeholders: Readonly<Record<string, readonly string[]>>;
  routing: boolean;
}

/** What a thread answers: first which rules it has, then one result for each batch, in the order of the batches. */
export type Answer = { rules: string } | Done;

export interface Crew {
  /** Never holds more than a few batches for each thread, however fast the input is. */
  run(engine: Engine, batches: AsyncIterable<Batch>): AsyncGenerator<{ batch: Batch; done: Done }>;
  end(): Promise<void>;
}

/** Matches are told by a rule's number: threads must have the same rules in the same order. */
export const fingerprint = ({ rules }: Engine): string => sha256(rules.map(({ hash }) => hash).join(' '));

/** Batches that wait at a thread: this one answers only between two batches of its own. */
const AHEAD = 3;
/** Results that wait for an earlier one, for each thread. */
const HELD = 6;

/** Started from `.ts` in tests and from `.js` in the built program: the worker has the same ending as this file. */
const workerFile = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/** Records live for microseconds: more room for young objects than this only spoils the cache and holds memory. */
const YOUNG_MEGABYTES = 12;

interface Thread {
  worker: Worker;
  /** Undefined until the thread has loaded its rules. */
  rules: string | undefined;
  /** Answers come in the order of the questions. */
  waiting: { resolve(done: Done): void; reject(cause: Error): void }[];
  failure: Error | undefined;
}

/** Workers load the rules while this thread does; until they are ready it works alone. */
export function startCrew(workers: number, rules: RulesToLoad): Crew {
  const all = Array.from({ length: workers }, () => startThread(rules));
  const ready = (): Thread | undefined => {
    const free = all.filter((thread) => thread.rules !== undefined && thread.waiting.length < AHEAD);
    return free.sort((left, right) => left.waiting.length - right.waiting.length)[0];
  };
  return {
    async *run(engine, batches) {
      const own = fingerprint(engine);
      const { routing } = rules;
      const running: Promise<{ batch: Batch; done: Done }>[] = [];
      for await (const batch of batches) {
        for (const { failure } of all) if (failure) throw failure;
        const thread = ready();
        if (thread && thread.rules !== own)
          throw errors.usage('the rules changed while they were read', 'run the command again');
        const done = thread ? ask(thread, batch) : Promise.resolve(runBatch(engine, batch, { routing }));
        const result = done.then((one) => ({ batch, done: one }));
        // The failure is met when its turn comes; until then it must not count as unhandled.
        result.catch(() => undefined);
        running.push(result);
        if (running.length >= (workers + 1) * HELD) yield await running.shift()!;
      }
      for (const result of running) yield await result;
    },
    end: async () => void (await Promise.all(all.map(({ worker }) => worker.terminate()))),
  };
}

function startThread(data: RulesToLoad): Thread {
  const worker = new Worker(workerFile, {
    workerData: data,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
  const thread: Thread = { worker, rules: undefined, waiting: [], failure: undefined };
  worker.on('message', (answer: Answer) => {
    if ('rules' in answer) thread.rules = answer.rules;
    else thread.waiting.shift()?.resolve(answer);
  });
  worker.on('error', (cause) => {
    thread.failure = cause instanceof Error ? cause : new Error(String(cause));
    for (const one of thread.waiting.splice(0)) one.reject(thread.failure);
  });
  return thread;
}

const ask = (thread: Thread, batch: Batch): Promise<Done> =>
  new Promise((resolve, reject) => {
    thread.waiting.push({ resolve, reject });
    thread.worker.postMessage(batch, batch.kind === 'lines' ? [batch.bytes.buffer] : []);
  });
