/** The main thread's end of the worker: posts requests, settles their promises, and notices when the worker is gone. */
import { Worker } from 'node:worker_threads';
import { errors } from '../../core/errors.ts';
import { errorOf } from './faults.ts';
import type { Steps, Write } from './operation.ts';
import type { Answer, Operations, Request } from './worker.ts';

type Name = keyof Operations;
type InputOf<N extends Name> = Parameters<Operations[N]['run']>[0];
type OutputOf<N extends Name> =
  Operations[N] extends Write<never, infer Output>
    ? Output
    : Operations[N] extends Steps<never, infer Output>
      ? Output
      : never;

export interface Thread {
  call<N extends Name>(name: N, input: InputOf<N>): Promise<OutputOf<N>>;
  close(): Promise<void>;
}

/** Started from `.ts` in tests and from `.js` in the built program: the worker has the same ending as this file. */
const workerFile = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

interface Pending {
  name: string;
  resolve(output: unknown): void;
  reject(error: Error): void;
}

export async function startThread(file: string): Promise<Thread> {
  const worker = new Worker(workerFile, { workerData: { file } });
  const pending = new Map<number, Pending>();
  let count = 0;
  let gone: Error | undefined;

  const ask = (name: Request['name'], input: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (gone) return reject(gone);
      pending.set(++count, { name, resolve, reject });
      worker.postMessage({ number: count, name, input } satisfies Request);
    });

  const opened = new Promise<unknown>((resolve, reject) => pending.set(0, { name: 'open', resolve, reject }));
  worker.on('message', (answer: Answer) => {
    const waiting = pending.get(answer.number);
    pending.delete(answer.number);
    if ('fault' in answer) waiting?.reject(errorOf(answer.fault, waiting.name));
    else waiting?.resolve(answer.output);
  });
  const fail = (error: Error): void => {
    gone = error;
    for (const waiting of pending.values()) waiting.reject(error);
    pending.clear();
  };
  worker.on('error', (cause) =>
    fail(
      errors.remote(
        'embedded store',
        'worker thread',
        cause,
        'restart Vigia; what was acknowledged is on disk',
      ),
    ),
  );
  worker.on('exit', () => fail(errors.remote('embedded store', 'request', 'the store is closed')));

  await opened;
  return {
    call: (name, input) => ask(name, input) as Promise<never>,
    async close() {
      if (gone) return;
      const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
      await ask('close', undefined);
      await exited;
    },
  };
}
