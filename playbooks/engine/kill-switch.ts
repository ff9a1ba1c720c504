/** The kill switch: nothing more is sent to any target until an approver releases it. Its state is the last entry of a journal of its own. */
import type { JournalEntry, Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { type Engine, write } from './engine.ts';
import { expectReason, type Reasoned } from './reasons.ts';

/** Stands where a run stands in the journal of a run. */
export const SWITCH = 'kill-switch';

/** What a process knows of that journal, so that a look costs one read of the next number. */
export interface SwitchMemory {
  sequence: number;
  last?: JournalEntry;
}

export interface Stopped {
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

export async function stopped(engine: Engine): Promise<Stopped | undefined> {
  const { memory } = engine;
  for (;;) {
    const next = await engine.store.documents.get('journal', `${SWITCH}:${memory.sequence + 1}`);
    if (next === undefined) break;
    memory.sequence += 1;
    memory.last = next.body;
  }
  const { last } = memory;
  return last?.entry === 'stopped'
    ? { by: last.by, at: last.at, reason: String(last.data['reason']) }
    : undefined;
}

/** Holds for every process that shares the store, before its next call at the latest. */
export async function stopAll(engine: Engine, why: Reasoned): Promise<Stopped> {
  expectReason(why.reason);
  return (await stopped(engine)) ?? (await turn(engine, 'stopped', why));
}

/** Runs go on where they were. */
export async function release(engine: Engine, why: Reasoned): Promise<void> {
  expectReason(why.reason);
  if ((await stopped(engine)) === undefined) throw errors.refused('playbooks are not stopped');
  await turn(engine, 'released', why);
}

async function turn(
  engine: Engine,
  entry: 'stopped' | 'released',
  { by, reason }: Reasoned,
): Promise<Stopped> {
  const at = new Date(engine.now()).toISOString();
  const sequence = engine.memory.sequence + 1;
  const body = { run: SWITCH, sequence, at, by, entry, data: { reason } };
  const written = await write(engine, `journal ${entry}`, () =>
    engine.store.documents.create('journal', `${SWITCH}:${sequence}`, body),
  );
  if (written === 'exists') throw errors.conflict('the kill switch', 'look at it again');
  return { by, at, reason };
}

export const stoppedText = ({ by, at, reason }: Stopped): string =>
  `all playbooks are stopped by ${by} since ${at}: ${reason}`;

/** Asked right before each call that an action sends. Taking back is left to people, also while all else stands still. */
export async function expectNotStopped(engine: Engine): Promise<void> {
  const stop = await stopped(engine);
  if (stop !== undefined) throw errors.refused(stoppedText(stop), 'nothing more was sent to the target');
}

export async function heldByStop(engine: Engine, step: number): Promise<Run['held']> {
  const stop = await stopped(engine);
  return stop && { step, why: 'stopped', detail: stoppedText(stop) };
}
