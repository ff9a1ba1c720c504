/**
 * Calls the people of a step one after the other while it waits for an answer. Each call is in the journal before it is made
 * and is never made again; only one that was proven to be taken is waited for.
 */
import type { JournalEntry } from '../../core/documents.ts';
import { VigiaError } from '../../core/errors.ts';
import type { Called, Chain } from '../action.ts';
import { doorsOf } from './doors.ts';
import { contextOf } from './engine.ts';
import { append } from './journal.ts';
import { expectNotStopped, heldByStop } from './kill-switch.ts';
import { guarded, type StepResult, type Work } from './step.ts';

const STOPPED = 'Vigia stopped before the answer came; the call was not repeated';

/** `entries`: the journal of this step since it was asked. */
export async function callPeople(
  work: Work,
  chain: Chain,
  before: unknown,
  entries: readonly JournalEntry[],
): Promise<StepResult> {
  const { engine, run, step } = work;
  const people = chain.people(before);
  const calls = entries.filter(({ entry }) => entry === 'calling');
  let last = calls.at(-1);
  let outcome = await outcomeOf(work, last, entries);
  for (let number = calls.length; ; number += 1) {
    const waited = people[number - 1];
    if (last !== undefined && waited !== undefined && outcome === 'proven') {
      const until = Date.parse(last.at) + waited.waitMs;
      if (engine.now() < until)
        return {
          held: {
            step: step.index,
            why: 'question',
            detail: `${waited.who} was called at ${last.at} (${number} of ${people.length}); waits for an answer`,
            until: new Date(until).toISOString(),
          },
        };
    }
    const next = people[number];
    if (next === undefined) return await giveUp(work, people.length, entries);
    const held = await heldByStop(engine, step.index);
    if (held !== undefined) return { held };
    const { who, by, system } = next;
    const at = new Date(engine.now()).toISOString();
    await write(work, 'calling', { number, who, by, system });
    const called = await call(work, chain, before, number);
    await write(work, 'called', { number, who, ...called });
    if (called.acknowledgedBy !== undefined) {
      const text = `acknowledged: ${called.detail}`;
      await append(engine, run.id, {
        entry: 'answered',
        by: called.acknowledgedBy,
        step: step.index,
        key: work.key,
        data: { done: true, text },
      });
      return { outcome: 'proven', detail: `${called.acknowledgedBy}: ${text}` };
    }
    last = { at } as JournalEntry;
    outcome = called.outcome;
  }
}

const write = ({ engine, run, step, key, by }: Work, entry: 'calling' | 'called' | 'unheard', data: object) =>
  append(engine, run.id, { entry, by, step: step.index, key, data: { ...data } });

/** What became of the last call; of one that a process left half-way nobody knows, and so it says. */
async function outcomeOf(
  work: Work,
  last: JournalEntry | undefined,
  entries: readonly JournalEntry[],
): Promise<Called['outcome'] | undefined> {
  if (last === undefined) return undefined;
  const number = last.data['number'];
  const called = entries.find(({ entry, data }) => entry === 'called' && data['number'] === number);
  if (called !== undefined) return called.data['outcome'] as Called['outcome'];
  await write(work, 'called', {
    number,
    who: last.data['who'],
    outcome: 'unknown',
    detail: STOPPED,
    recovered: true,
  });
  return 'unknown';
}

async function call(work: Work, chain: Chain, before: unknown, number: number): Promise<Called> {
  const { engine, policies, run, step, lease } = work;
  const calls = guarded(engine, work, () => expectNotStopped(engine));
  const answer = `vigia runs answer ${run.number} --step ${step.index + 1} --text "I take it"`;
  try {
    return await lease.during(() =>
      chain.call(
        { input: step.input, before, number, answer },
        contextOf(engine, policies, doorsOf(engine, work), calls),
      ),
    );
  } catch (cause) {
    // Settings may have changed since the plan; whoever comes next must be called all the same.
    if (!(cause instanceof VigiaError) || !['usage', 'refused', 'not-found'].includes(cause.code))
      throw cause;
    return { outcome: 'not-proven', detail: cause.message };
  }
}

/** Loud: `concernsOf` makes an alert of it, whatever the flow does with the outcome. */
async function giveUp(work: Work, count: number, entries: readonly JournalEntry[]): Promise<StepResult> {
  const detail = `NOBODY ANSWERED: all ${count} people of the chain were called; see the journal for what became of each call`;
  if (!entries.some(({ entry }) => entry === 'unheard')) await write(work, 'unheard', { detail });
  return { outcome: 'not-proven', detail };
}
