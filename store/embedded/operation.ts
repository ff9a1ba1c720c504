/** What the worker thread can be asked to do, and how each kind of work shares the one connection. */

/** Runs inside a transaction that other waiting writes share; durable when answered. */
export interface Write<Input, Output> {
  kind: 'write';
  run(input: Input): Output;
}

/**
 * Long work in slices, so that writes are not kept waiting: each `yield` lets others run. With `writes`, each slice is a
 * transaction of its own.
 */
export interface Steps<Input, Output> {
  kind: 'steps';
  writes: boolean;
  run(input: Input): Generator<undefined, Output, undefined>;
}

export const write = <Input, Output>(run: (input: Input) => Output): Write<Input, Output> => ({
  kind: 'write',
  run,
});

/** A read that is short by nature. */
export const quick = <Input, Output>(run: (input: Input) => Output): Steps<Input, Output> => ({
  kind: 'steps',
  writes: false,
  // biome-ignore lint/correctness/useYield: one slice
  *run(input) {
    return run(input);
  },
});

export const steps = <Input, Output>(
  run: (input: Input) => Generator<undefined, Output, undefined>,
  { writes = false }: { writes?: boolean } = {},
): Steps<Input, Output> => ({ kind: 'steps', writes, run });
