/** Which exceptions cover a match: compiled once, asked for every match. Nothing is hidden that the scope does not name. */
import { compileCondition } from '../conditions/matcher.ts';
import { parseQuery } from '../conditions/query-line.ts';
import type { Entity, Exception } from '../documents.ts';
import { DAY_MS } from './lifecycle.ts';
import type { ExceptionPolicy } from './policy.ts';

export interface Subject {
  /** Event time, epoch ms. */
  atMs: number;
  entities: readonly Entity[];
  /** Absent where there is no event (something that did not happen): exceptions with a condition do not cover it. */
  event?: object;
}

export interface Covering {
  /** Exceptions for this rule that cover the subject, the oldest first. */
  of(rule: string, subject: Subject): string[];
  /** Does any exception name this rule, or all rules? */
  concerns(rule: string): boolean;
  /** Ids of those that do, whatever else they ask for. */
  naming(rule: string): string[];
}

export const NO_EXCEPTIONS: Covering = { of: () => [], concerns: () => false, naming: () => [] };

interface Compiled {
  id: string;
  fromMs: number;
  untilMs: number;
  entities: readonly string[];
  matches: ((event: object) => boolean) | undefined;
}

/** `nowMs` is when the event is evaluated: long after its end an exception covers nothing more. */
export function covering(
  exceptions: readonly Exception[],
  policy: ExceptionPolicy,
  now: () => number,
): Covering {
  const byRule = new Map<string, Compiled[]>();
  const everyRule: Compiled[] = [];
  const ordered = [...exceptions].sort((a, b) => a.proposed.localeCompare(b.proposed));
  for (const exception of ordered) {
    // An ended one still covers what happened while it was in force, so that reading again gives the same.
    if (exception.decided === undefined || exception.state === 'refused') continue;
    const compiled = compile(exception);
    if (exception.scope.rules.length === 0) everyRule.push(compiled);
    for (const { id } of exception.scope.rules) byRule.set(id, [...(byRule.get(id) ?? []), compiled]);
  }
  if (byRule.size === 0 && everyRule.length === 0) return NO_EXCEPTIONS;
  const lateMs = policy.late_days * DAY_MS;
  const about = (rule: string) => [...(byRule.get(rule) ?? []), ...everyRule];
  return {
    concerns: (rule) => everyRule.length > 0 || byRule.has(rule),
    naming: (rule) => about(rule).map(({ id }) => id),
    of(rule, subject) {
      const nowMs = now();
      const covers = (one: Compiled) => nowMs < one.untilMs + lateMs && holds(one, subject);
      return about(rule)
        .filter(covers)
        .map(({ id }) => id);
    },
  };
}

const keyOf = ({ type, name }: Entity): string => `${type}:${name.trim().toLowerCase()}`;

function compile({ id, from, until, scope }: Exception): Compiled {
  return {
    id,
    fromMs: Date.parse(from),
    untilMs: Date.parse(until),
    entities: scope.entities.map(keyOf),
    matches: scope.where === undefined ? undefined : compileCondition(parseQuery(scope.where)),
  };
}

function holds({ fromMs, untilMs, entities, matches }: Compiled, subject: Subject): boolean {
  if (!(subject.atMs >= fromMs && subject.atMs < untilMs)) return false;
  if (entities.length > 0) {
    const there = new Set(subject.entities.map(keyOf));
    if (!entities.every((entity) => there.has(entity))) return false;
  }
  return matches === undefined || (subject.event !== undefined && matches(subject.event));
}
