/** Steps that a person does: Vigia asks, waits, and keeps the answer with its evidence. It never takes silence for done. */
import type { JournalEntry, PlannedStep, Role, Run, StepOutcome } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import type { Action } from '../action.ts';
import { type Person, same } from './approve.ts';
import { callPeople } from './call-people.ts';
import { keepEvidence, MAX_EVIDENCE_BYTES } from './doors.ts';
import { type Engine, findAction } from './engine.ts';
import { stateAfter } from './execute.ts';
import { append, readJournal } from './journal.ts';
import { holding } from './lease.ts';
import { changeRun, doing, readRun, withOutcome, withState } from './runs.ts';
import { appendStartedOnce, keyOf, mark, type StepResult, startedId, type Work } from './step.ts';

export interface Answer {
  readonly done: boolean;
  /** What the person did or found, in a sentence. */
  readonly text: string;
  /** A file that shows it: a log, a screen, a signed page. */
  readonly evidence?: { readonly name: string; readonly content: Uint8Array };
}

const ANSWERERS: readonly Role[] = ['responder', 'approver'];

const waiting = ({ index, plan }: PlannedStep): StepResult => ({
  held: { step: index, why: 'question', detail: `waits for a person: ${plan.changes.join('; ')}` },
});

export async function ask(work: Work, before: unknown): Promise<StepResult> {
  await mark(work, before);
  await appendAsked(work);
  return await wait(work, before, []);
}

/** Silence is waited out, or the next of the chain is called. */
const wait = (work: Work, before: unknown, entries: readonly JournalEntry[]): Promise<StepResult> =>
  work.action.chain === undefined
    ? Promise.resolve(waiting(work.step))
    : callPeople(work, work.action.chain, before, entries);

const appendAsked = ({ engine, run, step, key, by }: Work, data = {}) =>
  append(engine, run.id, { entry: 'asked', by, step: step.index, key, data });

/** Asked before: an answer that stands in the journal counts, though the process stopped before the run showed it. */
export async function askedBefore(work: Work, before: unknown): Promise<StepResult> {
  const { engine, run, step, action } = work;
  const entries = await sinceAsked(engine, run, step);
  const given = entries.find(({ entry }) => entry === 'answered');
  if (given !== undefined) return verdictOf(given, action);
  if (!entries.some(({ entry }) => entry === 'asked')) {
    await appendStartedOnce(work, before);
    await appendAsked(work, { recovered: true });
  }
  return await wait(work, before, entries);
}

/** Whoever resumes a run asks anew what was not proven: answers from before count no more. */
async function sinceAsked(engine: Engine, run: Run, step: PlannedStep): Promise<JournalEntry[]> {
  const journal = await readJournal(engine, run.id);
  const anew = journal.findLastIndex(
    ({ entry, data }) => entry === 'resumed' && (data['steps'] as number[]).includes(step.index),
  );
  const key = keyOf(run, step);
  return journal.slice(anew + 1).filter((entry) => entry.key === key);
}

/** Records the answer, the first one for good; the caller executes the run further. */
export async function answerStep(
  engine: Engine,
  id: string,
  index: number,
  person: Person,
  answer: Answer,
): Promise<Run> {
  if (answer.text.trim() === '') throw errors.usage('an answer is needed', 'say in a sentence what was done');
  const size = answer.evidence?.content.length ?? 0;
  if (size > MAX_EVIDENCE_BYTES)
    throw errors.usage(`the evidence has ${size} bytes, at most ${MAX_EVIDENCE_BYTES} are kept`);
  return await holding(engine, id, async (engine) => {
    const run = await readRun(engine, id);
    const step = await expectAsked(engine, run, index, person);
    if (!answer.done && findAction(engine, step.action).chain !== undefined)
      throw errors.usage(
        'a call can only be taken',
        'leave it to the next of the chain, or skip the step with a reason',
      );
    const before = (await sinceAsked(engine, run, step)).find(({ entry }) => entry === 'answered');
    const given = before ?? (await record(engine, run, step, person.by, answer));
    const { outcome, detail } = verdictOf(given, findAction(engine, step.action));
    return await changeRun(engine, id, `step ${outcome}`, (found) => {
      const { held: _, ...free } = found;
      const answered = withOutcome(free, index, outcome, detail, doing(engine, person.by));
      const next = stateAfter(step, outcome);
      return next === undefined ? answered : withState(answered, next, doing(engine, person.by, detail));
    });
  });
}

async function expectAsked(engine: Engine, run: Run, index: number, person: Person): Promise<PlannedStep> {
  const step = run.steps.find((each) => each.index === index);
  if (step === undefined) throw errors.notFound(`step of run ${run.number}`, String(index));
  const isAsked =
    findAction(engine, step.action).asks === true &&
    (await engine.store.documents.get('marker', startedId(keyOf(run, step)))) !== undefined;
  if (run.state !== 'running' || step.outcome !== undefined || !isAsked)
    throw errors.refused(`step ${index} of run ${run.number} asks nobody now`);
  if (!ANSWERERS.some((role) => person.roles.includes(role)))
    throw errors.refused(`${person.by} may not answer`, `needs one of the roles ${ANSWERERS.join(', ')}`);
  const except = (step.input['except'] ?? []) as readonly string[];
  if (except.some((name) => same(name, person.by)))
    throw errors.refused(
      `${person.by} may not answer: it is about what ${person.by} did`,
      'somebody else must',
    );
  return step;
}

type Answered = Pick<JournalEntry, 'by' | 'data'>;

async function record(
  engine: Engine,
  run: Run,
  step: PlannedStep,
  by: string,
  { done, text, evidence }: Answer,
): Promise<Answered> {
  const kept = evidence && (await keepEvidence(engine, run, step, by, evidence));
  const data = { done, text, ...(kept ? { evidence: kept } : {}) };
  await append(engine, run.id, { entry: 'answered', by, step: step.index, key: keyOf(run, step), data });
  return { by, data };
}

/** The word of a person is an answer; only with something to look at it is a proof, unless the answer is all that was asked for. */
function verdictOf(
  { by, data }: Answered,
  { chain }: Pick<Action, 'chain'>,
): { outcome: StepOutcome; detail: string } {
  // What `record` wrote.
  const { done, text, evidence } = data as { done: boolean; text: string; evidence?: string };
  if (!done) return { outcome: 'failed', detail: `${by}: not done: ${text}` };
  if (chain !== undefined) return { outcome: 'proven', detail: `${by}: ${text}` };
  return evidence === undefined
    ? { outcome: 'not-proven', detail: `${by} says, without evidence: ${text}` }
    : { outcome: 'proven', detail: `${by}: ${text} (evidence ${evidence.slice(0, 16)})` };
}
