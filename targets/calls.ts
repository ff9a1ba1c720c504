/** What wraps every call that changes something on a target: the lease is checked there, and the crash proof cuts there. */
import type { ShownChange } from '../core/documents.ts';

/** What the events of a target will show of a call, where rules watch for it. */
export interface Shown {
  readonly system: string;
  /** Vigia's own account there, by every name that events give it. */
  readonly by: readonly string[];
  readonly changes: readonly ShownChange[];
}

export interface ChangeCalls {
  /** Runs immediately before the call goes out; throwing keeps it from going out. */
  before(call: string, shown?: Shown): Promise<void> | void;
  /** Runs as soon as the answer is there. */
  after(call: string): Promise<void> | void;
}

/** For callers that only read: a change is a mistake of ours, whatever the account would be allowed to do. */
export const readsOnly: ChangeCalls = {
  before(call) {
    throw new Error(`${call} was attempted where only reads are allowed`);
  },
  after() {},
};

export async function changing<T>(
  calls: ChangeCalls,
  call: string,
  run: () => Promise<T>,
  shown?: Shown,
): Promise<T> {
  await calls.before(call, shown);
  const answer = await run();
  await calls.after(call);
  return answer;
}
