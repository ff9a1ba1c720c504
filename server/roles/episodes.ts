/** Loads, for many correlation groups at once, all matches that hang together with what was touched. */
import { and, isIn } from '../../core/conditions/tree.ts';
import type { Alert, Match } from '../../core/documents.ts';
import { findAll } from '../../core/find-all.ts';
import type { Parts } from '../parts.ts';

/** A correlation group with the event time that was touched (epoch ms). */
export interface Group {
  key: string;
  rule: { timespanMs: number; settle(matches: readonly Match[]): Alert[] };
  from: number;
  to: number;
}

export interface Episode {
  group: Group;
  /** In event time order. */
  matches: Match[];
}

interface Loading extends Group {
  found: Map<string, Match>;
  /** Event time within which every match of the group is loaded. */
  loadedFrom: number;
  loadedTo: number;
}

/** Widens each group until a whole timespan without a match lies on both sides; each round is one search for all groups that need it. */
export async function loadEpisodes(parts: Parts, groups: readonly Group[]): Promise<Episode[]> {
  const all: Loading[] = groups.map((group) => ({
    ...group,
    found: new Map(),
    loadedFrom: Infinity,
    loadedTo: -Infinity,
  }));
  let wanting = all.map((group) => ({
    group,
    from: group.from - group.rule.timespanMs,
    to: group.to + group.rule.timespanMs,
  }));
  while (wanting.length > 0) {
    const from = Math.min(...wanting.map((one) => one.from));
    const to = Math.max(...wanting.map((one) => one.to));
    await load(
      parts,
      wanting.map(({ group }) => group),
      from,
      to,
    );
    wanting = all.flatMap((group) => widened(group));
  }
  return all.map((group) => ({
    group,
    matches: [...group.found.values()].sort(
      (a, b) => a.event.at.localeCompare(b.event.at) || a.event.id.localeCompare(b.event.id),
    ),
  }));
}

async function load({ store }: Parts, groups: readonly Loading[], from: number, to: number): Promise<void> {
  const byKey = new Map(groups.map((group) => [group.key, group]));
  const where = and(isIn('groups', [...byKey.keys()]), {
    op: 'range',
    field: 'event.at',
    gte: new Date(from).toISOString(),
    lte: new Date(to).toISOString(),
  });
  for (const { body } of await findAll(store.documents, 'match', { where })) {
    for (const key of body.groups) byKey.get(key)?.found.set(body.id, body);
  }
  for (const group of groups) {
    group.loadedFrom = Math.min(group.loadedFrom, from);
    group.loadedTo = Math.max(group.loadedTo, to);
  }
}

/** What lies within one timespan of the outermost matches and is not loaded yet. */
function widened(group: Loading): { group: Loading; from: number; to: number }[] {
  if (group.found.size === 0) return [];
  const times = [...group.found.values()].map((match) => Date.parse(match.event.at));
  const from = times.reduce((least, time) => Math.min(least, time)) - group.rule.timespanMs;
  const to = times.reduce((most, time) => Math.max(most, time)) + group.rule.timespanMs;
  return from < group.loadedFrom || to > group.loadedTo ? [{ group, from, to }] : [];
}
