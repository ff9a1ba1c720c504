/** Correlations over correlations: the results of those below become points of the one above. */
import type { Match } from '../../core/documents.ts';
import type { Episode } from './burst.ts';
import { evidence } from './evidence.ts';
import type { CorrelationRule, Rule } from './rule.ts';
import { compare, isWholeWindow, type Point, scanner } from './windows.ts';

export type RuleById = (id: string) => Rule | undefined;

/** The correlations that a correlation refers to. */
const below = (rule: CorrelationRule, byId: RuleById): CorrelationRule[] =>
  [...new Set(rule.rules)].flatMap((id) => {
    const referred = byId(id);
    return referred?.kind === 'correlation' ? [referred] : [];
  });

export const isChain = (rule: CorrelationRule, byId: RuleById): boolean => below(rule, byId).length > 0;

/** Event time around a match within which others may matter to it. */
export const reachMs = (rule: CorrelationRule, byId: RuleById): number =>
  rule.timespanMs + Math.max(0, ...below(rule, byId).map((one) => reachMs(one, byId)));

/** Does the rule, or one below, say something about windows that must be over first? */
export const waits = (rule: CorrelationRule, byId: RuleById): boolean =>
  isWholeWindow(rule) || below(rule, byId).some((one) => waits(one, byId));

/** A run of points with no gap longer than the timespan. */
export function runs(points: readonly Point[], timespanMs: number): Point[][] {
  const found: Point[][] = [];
  let previous = -Infinity;
  for (const point of points) {
    if (point.timeMs - previous > timespanMs) found.push([]);
    found.at(-1)!.push(point);
    previous = point.timeMs;
  }
  return found;
}

/** What the rule sees of matches in time order: matches of the rules it names, and results of the correlations it names. */
function pointsOf(
  rule: CorrelationRule,
  byId: RuleById,
  matches: readonly Point[],
  decidedToMs: number,
): Point[] {
  const named = new Set(rule.rules);
  const own = matches
    .filter((match) => named.has(match.rule))
    .map((match) => ({ ...match, values: valuesFor(rule, match.group) }));
  const results = below(rule, byId).flatMap((one) => resultsOf(rule, one, byId, matches, decidedToMs));
  return [...own, ...results].sort(compare);
}

export const valuesFor = (rule: CorrelationRule, group: Match['group'] | undefined): Point['values'] =>
  group?.[rule.id]?.values ?? [];

/** One point for each window in which the correlation below holds, in each of its own groups. */
function resultsOf(
  rule: CorrelationRule,
  one: CorrelationRule,
  byId: RuleById,
  matches: readonly Point[],
  decidedToMs: number,
): Point[] {
  const groups = Map.groupBy(
    matches.filter((match) => match.group?.[one.id] !== undefined),
    (match) => JSON.stringify(match.group![one.id]!.by).toLowerCase(),
  );
  return [...groups.values()].flatMap((group) => {
    const values = valuesFor(rule, group.find((match) => match.group?.[rule.id])?.group);
    return runs(pointsOf(one, byId, group, decidedToMs), one.timespanMs).flatMap((points) => {
      const scan = scanner(one);
      const results: Point[] = [];
      const satisfied = [...points.map((point) => scan.push(point)), scan.end(decidedToMs)];
      for (const window of satisfied) {
        if (!window) continue;
        // The first result brings its whole window, later ones what they add: together all, and no more than once.
        const inside = results.length === 0 ? window.points() : [window.last];
        const events = inside.flatMap((point) => point.events);
        results.push({ timeMs: window.last.timeMs, rule: one.id, events, values });
      }
      return results;
    });
  });
}

/** The episodes among all matches of a group, in time order. */
export function chainEpisodes(
  rule: CorrelationRule,
  byId: RuleById,
  matches: readonly Point[],
  decidedToMs: number,
): Episode[] {
  return runs(pointsOf(rule, byId, matches, decidedToMs), rule.timespanMs).flatMap((points) => {
    const scan = scanner(rule);
    for (const point of [...points, undefined]) {
      const window = point ? scan.push(point) : scan.end(decidedToMs);
      if (!window) continue;
      const proof = evidence(0);
      for (const { events } of points.slice(points.indexOf(window.points()[0]!)))
        for (const event of events) proof.add(event);
      return [{ evidence: proof, value: window.value }];
    }
    return [];
  });
}
