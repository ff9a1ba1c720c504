/** What becomes of an exception: proposed by one person, approved or refused by another, ended by anybody, over by itself. Pure. */
import { parseQuery } from '../conditions/query-line.ts';
import type { Change, Exception, ExceptionScope } from '../documents.ts';
import { errors } from '../errors.ts';
import type { ExceptionPolicy } from './policy.ts';

export const DAY_MS = 86_400_000;

export interface Proposal {
  scope: ExceptionScope;
  why: string;
  /** ISO; now when left out. */
  from?: string;
  until: string;
  ticket?: string;
}

/** Where an exception stands at a moment. `lapsed`: nobody decided before it would have ended. */
export type Standing = 'proposed' | 'lapsed' | 'scheduled' | 'active' | 'expired' | 'ended' | 'refused';

export function standingOf(exception: Exception, nowMs: number): Standing {
  const { state, from, until } = exception;
  const isOver = nowMs >= Date.parse(until);
  if (state === 'proposed') return isOver ? 'lapsed' : 'proposed';
  if (state !== 'active') return state;
  if (isOver) return 'expired';
  return nowMs < Date.parse(from) ? 'scheduled' : 'active';
}

/** Whole days until it ends, for an exception in force that ends soon enough to say so. */
export function endsInDays(
  exception: Exception,
  nowMs: number,
  { warn_days }: ExceptionPolicy,
): number | undefined {
  if (!['active', 'scheduled'].includes(standingOf(exception, nowMs))) return undefined;
  const days = Math.ceil((Date.parse(exception.until) - nowMs) / DAY_MS);
  return days <= warn_days ? days : undefined;
}

/** Throws a usage error that says what is missing or too wide. */
export function proposed(
  id: string,
  proposal: Proposal,
  by: string,
  nowMs: number,
  policy: ExceptionPolicy,
): Exception {
  const { scope, ticket } = proposal;
  const why = proposal.why.trim();
  if (why === '') throw errors.usage('an exception says why', 'write the reason that an auditor will read');
  const where = scope.where?.trim() ?? '';
  if (where !== '') parseQuery(where);
  if (where === '' && scope.entities.length === 0 && scope.rules.length === 0)
    throw errors.usage('an exception of everything is none', 'name rules, entities or a condition');
  if (where === '' && scope.entities.length === 0 && scope.rules.length > 1)
    throw errors.usage(
      `without a condition or an entity, an exception of ${scope.rules.length} rules switches them off`,
      'name a condition or entities, or one rule only',
    );
  const fromMs = Math.max(timeOf(proposal.from ?? new Date(nowMs).toISOString(), 'beginning'), nowMs);
  const untilMs = timeOf(proposal.until, 'end');
  if (untilMs <= fromMs)
    throw errors.usage('the end of an exception lies after its beginning and in the future');
  if (untilMs - fromMs > policy.longest_days * DAY_MS)
    throw errors.refused(
      `an exception lasts at most ${policy.longest_days} days`,
      'choose an earlier end and propose it again when it ends: somebody looks again then',
    );
  return {
    id,
    why,
    scope: { rules: scope.rules, entities: scope.entities, ...(where === '' ? {} : { where }) },
    from: new Date(fromMs).toISOString(),
    until: new Date(untilMs).toISOString(),
    ...(ticket ? { ticket } : {}),
    state: 'proposed',
    proposedBy: by,
    proposed: new Date(nowMs).toISOString(),
    history: [],
  };
}

/** In force from now on, never for what was before: nobody hides afterwards what was already there to be seen. */
export function approved(exception: Exception, by: string, nowMs: number): Exception {
  secondPerson(exception, by, 'approve');
  undecided(exception, nowMs);
  const at = new Date(nowMs).toISOString();
  const decided = withState(exception, 'active', { by, at });
  return { ...decided, decidedBy: by, decided: at, from: exception.from > at ? exception.from : at };
}

export function refused(exception: Exception, by: string, reason: string, nowMs: number): Exception {
  undecided(exception, nowMs);
  const at = new Date(nowMs).toISOString();
  return {
    ...withState(exception, 'refused', { by, at, reason: needed(reason) }),
    decidedBy: by,
    decided: at,
  };
}

/** Shows more, hides less: one person is enough. What it has covered so far stays covered. */
export function ended(exception: Exception, by: string, reason: string, nowMs: number): Exception {
  const standing = standingOf(exception, nowMs);
  if (standing !== 'active' && standing !== 'scheduled' && standing !== 'proposed')
    throw errors.usage(`${exception.id} is ${standing}`, 'there is nothing to end');
  const at = new Date(nowMs).toISOString();
  const over = withState(exception, 'ended', { by, at, reason: needed(reason) });
  return { ...over, until: at };
}

function undecided(exception: Exception, nowMs: number): void {
  const standing = standingOf(exception, nowMs);
  if (standing !== 'proposed')
    throw errors.refused(`${exception.id} is ${standing}; only a proposed exception can be decided`);
}

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

function secondPerson(exception: Exception, by: string, what: string): void {
  if (same(exception.proposedBy, by))
    throw errors.refused(
      `${by} proposed ${exception.id} and cannot ${what} it`,
      'a second person must approve',
    );
}

function withState(
  exception: Exception,
  to: Exception['state'],
  line: { by: string; at: string; reason?: string },
): Exception {
  const change: Change = { field: 'state', from: exception.state, to, ...line };
  return { ...exception, state: to, history: [...exception.history, change] };
}

function needed(reason: string): string {
  const text = reason.trim();
  if (text === '') throw errors.usage('a reason is needed');
  return text;
}

function timeOf(text: string, what: string): number {
  const at = Date.parse(text);
  if (Number.isFinite(at)) return at;
  throw errors.usage(
    `the ${what} ${JSON.stringify(text)} is no time`,
    'write it as 2026-12-01T08:00:00Z or 2026-12-01',
  );
}
