/** What people must hear about runs whatever else goes on: runs that are stuck, unanswered, unapproved, unreviewed, or all stopped. */
import { and, equals, isIn } from '../../core/conditions/tree.ts';
import type { JournalEntry, Level, Run } from '../../core/documents.ts';
import { findAll } from '../../core/find-all.ts';
import { isApproved } from './approve.ts';
import { unreviewed } from './break-glass.ts';
import type { Engine } from './engine.ts';
import { readJournal } from './journal.ts';
import { SWITCH, stopped, stoppedText } from './kill-switch.ts';
import { readRun } from './runs.ts';

export type ConcernKind =
  | 'stuck'
  | 'unanswered'
  | 'unheard'
  | 'unapproved'
  | 'break-glass'
  | 'unreviewed'
  | 'stopped'
  | 'not-started';

export interface Concern {
  readonly kind: ConcernKind;
  /** The same as long as it is the same trouble: it is told once. */
  readonly key: string;
  readonly level: Level;
  readonly title: string;
  readonly detail: string;
  /** ISO UTC. */
  readonly since: string;
  /** The person it is about, where it is about one. */
  readonly user?: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Long enough to be told after an outage of the whole service. */
const UNHEARD_MS = 72 * HOUR_MS;

export async function concernsOf(engine: Engine): Promise<Concern[]> {
  const stop = await stopped(engine);
  const where = isIn('state', ['waiting', 'running', 'compensating']);
  const open = (await findAll(engine.store.documents, 'run', { where })).map(({ body }) => body);
  const ofRuns = await Promise.all(open.map((run) => concernsOfRun(engine, run, stop !== undefined)));
  return [
    ...ofRuns.flat(),
    ...(await unreviewed(engine)).flatMap((run) => brokenGlass(engine, run)),
    ...(await unheard(engine)),
    ...(stop === undefined
      ? []
      : [
          {
            kind: 'stopped' as const,
            key: `${SWITCH}:${engine.memory.sequence}`,
            level: 'high' as const,
            title: 'All playbooks are stopped',
            detail: `${stoppedText(stop)}; an approver releases them`,
            since: stop.at,
          },
        ]),
  ];
}

async function concernsOfRun(engine: Engine, run: Run, isStopped: boolean): Promise<Concern[]> {
  const about = `${run.number} (${run.flow.title})`;
  if (run.state === 'waiting' && !isApproved(run))
    return run.escalated === undefined
      ? []
      : [
          {
            kind: 'unapproved',
            key: run.id,
            level: 'high',
            title: 'A playbook waits for approval',
            detail: `${about}: ${run.approvals.length} of ${run.approvalsNeeded} approvals; it expires at ${run.expires}. Tell ${run.escalated.tell.join(', ')}`,
            since: run.escalated.at,
          },
        ];
  const { stuck_minutes, unanswered_hours } = engine.policies().automation.watch;
  const age = (at: string) => engine.now() - Date.parse(at);
  // What changed lately is not stuck, and a young run has no old question: its journal need not be read.
  if (age(lastChange(run)) < stuck_minutes * MINUTE_MS && age(run.requested) < unanswered_hours * HOUR_MS)
    return [];
  const journal = await readJournal(engine, run.id);
  const late = openQuestions(run, journal).filter(({ at }) => age(at) >= unanswered_hours * HOUR_MS);
  const unanswered = late.map(
    (asked): Concern => ({
      kind: 'unanswered',
      key: `${run.id}/${asked.sequence}`,
      level: 'medium',
      title: 'A playbook waits for an answer',
      detail: `${about}: step ${(asked.step ?? 0) + 1} was asked at ${asked.at}, and nobody answered`,
      since: asked.at,
    }),
  );
  const last = journal.at(-1);
  const isQuiet = last !== undefined && age(last.at) >= stuck_minutes * MINUTE_MS;
  if (!isQuiet || isStopped || run.held !== undefined) return unanswered;
  return [
    ...unanswered,
    {
      kind: 'stuck',
      key: `${run.id}/${last.sequence}`,
      level: 'high',
      title: 'A playbook is stuck',
      detail: `${about} is ${run.state === 'waiting' ? 'approved' : run.state}, and nothing happened since ${last.at} (${last.entry}${last.step === undefined ? '' : `, step ${last.step + 1}`}); resume it, skip the step or abandon it`,
      since: last.at,
    },
  ];
}

/** A chain that ended without an answer, told also after its run has ended. */
async function unheard(engine: Engine): Promise<Concern[]> {
  const since = new Date(engine.now() - UNHEARD_MS).toISOString();
  const where = and(equals('entry', 'unheard'), { op: 'range', field: 'at', gte: since });
  const found = await findAll(engine.store.documents, 'journal', { where });
  return await Promise.all(
    found.map(async ({ body: { run, sequence, at, step = 0, data } }): Promise<Concern> => {
      const { number, flow } = await readRun(engine, run);
      return {
        kind: 'unheard',
        key: `${run}/${sequence}`,
        level: 'critical',
        title: 'Nobody on call answered',
        detail: `${number} (${flow.title}), step ${step + 1}: ${String(data['detail'])}`,
        since: at,
      };
    }),
  );
}

/** Of its document; the journal may know something later. */
const lastChange = ({ requested, approvals, history }: Run): string =>
  [...approvals, ...history].reduce((last, { at }) => (at > last ? at : last), requested);

/** The last question of each step that has come to nothing yet. */
const openQuestions = (run: Run, journal: readonly JournalEntry[]): JournalEntry[] =>
  run.steps.flatMap(({ index, outcome }) => {
    const asked = journal.findLast(({ entry, step }) => entry === 'asked' && step === index);
    return outcome === undefined && asked !== undefined ? [asked] : [];
  });

function brokenGlass(engine: Engine, { id, number, flow, breakGlass }: Run): Concern[] {
  if (breakGlass === undefined) return [];
  const { by, at, reason, reviewDue } = breakGlass;
  const about = `${number} (${flow.title}): ${by} had it executed without the approvals it lacked: ${reason}`;
  const broken: Concern = {
    kind: 'break-glass',
    key: id,
    level: 'critical',
    title: 'Break-glass: a playbook went on without approval',
    detail: `${about}; a written review is due by ${reviewDue}`,
    since: at,
    user: by,
  };
  const overdue: Concern = {
    ...broken,
    kind: 'unreviewed',
    level: 'high',
    title: 'The review of a break-glass run is overdue',
    detail: `${about}; the review was due by ${reviewDue}`,
    since: reviewDue,
  };
  return engine.now() >= Date.parse(reviewDue) ? [broken, overdue] : [broken];
}
