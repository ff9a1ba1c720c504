/** Loads correlation groups from stored matches, in time order and page by page, however long their episodes are. */
import { and, isIn } from '../../core/conditions/tree.ts';
import type { Alert } from '../../core/documents.ts';
import { everyDocument, findAll } from '../../core/find-all.ts';
import type { Stored } from '../../core/store.ts';
import type { GroupTrack } from '../../detections/index.ts';
import type { GroupRule, Parts } from '../parts.ts';
import { MOST_POINTS_OF_GROUP } from './group-memory.ts';
import { matchesWithin, type Span } from './spans.ts';

/** A correlation group, and the event time in which batches touched it. */
export interface Touched extends Span {
  rule: GroupRule;
}

export interface LoadedGroup extends Touched {
  track: GroupTrack;
  /** Nothing newer is in the store: the track may be kept up to date with what comes. */
  isLatest: boolean;
}

interface Loading extends LoadedGroup {
  loadFromMs: number;
  loadToMs: number;
  loadedToMs: number;
  /** Of the last match loaded. */
  lastMs: number;
  open: Stored<Alert>[];
}

export interface LoadOptions {
  latenessMs: number;
  /** The newest event time seen; groups touched long before it are loaded for once, and only around that time. */
  newestMs: number;
  /** Hears which group had a window too large for memory, and how many of its matches were left out. */
  leftOut(key: string, count: number): void;
}

export async function loadGroups(
  parts: Parts,
  touched: readonly Touched[],
  options: LoadOptions,
): Promise<LoadedGroup[]> {
  if (touched.length === 0) return [];
  const open = await openAlerts(parts, touched);
  const groups = touched.map((group) => startOf(group, open.get(group.key) ?? [], options));
  await findStarts(
    parts,
    groups.filter(({ rule }) => rule.needsStart),
  );
  const loading = groups.map((group) => begin(group, options));
  let wanting: Loading[] = loading;
  while (wanting.length > 0) {
    await load(parts, wanting);
    wanting = wanting.filter(isCutOff);
    for (const group of wanting) group.loadToMs = group.lastMs + 2 * group.rule.reachMs;
  }
  for (const { track, open: alerts, loadedToMs } of loading)
    track.expect(alerts.filter(({ body }) => Date.parse(body.from) <= loadedToMs).map(({ id }) => id));
  return loading;
}

/** Open alerts of these groups that reach into the time touched, or follow it; by group. */
async function openAlerts(
  { store }: Parts,
  touched: readonly Touched[],
): Promise<Map<string, Stored<Alert>[]>> {
  const earliest = touched.reduce(
    (least, { fromMs, rule }) => Math.min(least, fromMs - rule.reachMs),
    Infinity,
  );
  const keys = touched.map(({ key }) => key);
  const where = and(isIn('group.key', keys), isIn('state', ['open', 'suppressed']), {
    op: 'range',
    field: 'to',
    gte: new Date(earliest).toISOString(),
  });
  return Map.groupBy(await findAll(store.documents, 'alert', { where }), ({ body }) => body.group!.key);
}

/** From where the matches of the group must be known: one reach before what was touched, or before the episode it is in. */
function startOf(group: Touched, alerts: readonly Stored<Alert>[], { newestMs, latenessMs }: LoadOptions) {
  const { reachMs, needsStart } = group.rule;
  const open = alerts.filter(({ body }) => Date.parse(body.to) >= group.fromMs - reachMs);
  const first = open.reduce((least, { body }) => Math.min(least, Date.parse(body.from)), group.fromMs);
  const isLatest = group.toMs >= newestMs - 2 * reachMs - latenessMs;
  // A search for the start of a burst begins at the first of both.
  const loadFromMs = needsStart ? first : first - reachMs;
  return { ...group, open, judgedFromMs: first, loadFromMs, isLatest };
}

type Start = ReturnType<typeof startOf>;

/** Moves the start of each group back to the first match behind a gap; its windows or those below count from there. */
async function findStarts({ store }: Parts, groups: readonly Start[]): Promise<void> {
  let wanting = groups.map((group) => ({ group, searchedFromMs: group.loadFromMs }));
  for (let reaches = 1; wanting.length > 0; reaches *= 2) {
    const spans = wanting.map(({ group, searchedFromMs }) => ({
      key: group.key,
      fromMs: searchedFromMs - reaches * group.rule.reachMs,
      toMs: searchedFromMs - 1,
    }));
    const byKey = new Map(wanting.map(({ group }) => [group.key, group]));
    const query = { where: matchesWithin(spans), sort: ['-event.at'] };
    for await (const { body } of everyDocument(store.documents, 'match', query)) {
      const timeMs = Date.parse(body.event.at);
      for (const key of body.groups) {
        const group = byKey.get(key);
        if (group && timeMs < group.loadFromMs && group.loadFromMs - timeMs <= group.rule.reachMs)
          group.loadFromMs = timeMs;
      }
    }
    wanting = wanting.flatMap(({ group }, index) => {
      const searchedFromMs = spans[index]!.fromMs;
      return group.loadFromMs - group.rule.reachMs < searchedFromMs ? [{ group, searchedFromMs }] : [];
    });
  }
}

function begin(group: Start, { latenessMs, leftOut }: LoadOptions): Loading {
  const { rule, loadFromMs, isLatest, toMs } = group;
  const track = rule.track({
    // Behind a gap nothing earlier matters.
    knownFromMs: rule.needsStart ? loadFromMs - rule.reachMs : loadFromMs,
    judgedFromMs: rule.needsStart ? -Infinity : group.judgedFromMs,
    latenessMs,
    points: MOST_POINTS_OF_GROUP,
    leftOut: (count) => leftOut(group.key, count),
  });
  return {
    ...group,
    track,
    loadToMs: isLatest ? Infinity : toMs + 2 * rule.reachMs,
    loadedToMs: -Infinity,
    lastMs: -Infinity,
  };
}

async function load({ store }: Parts, groups: readonly Loading[]): Promise<void> {
  const spans = groups.map(({ key, loadFromMs, loadedToMs, loadToMs }) => ({
    key,
    fromMs: Math.max(loadFromMs, loadedToMs),
    toMs: loadToMs,
  }));
  const byKey = new Map(groups.map((group, index) => [group.key, { group, span: spans[index]! }]));
  const query = { where: matchesWithin(spans), sort: ['event.at'] };
  for await (const { body } of everyDocument(store.documents, 'match', query)) {
    const timeMs = Date.parse(body.event.at);
    for (const key of body.groups) {
      const found = byKey.get(key);
      if (!found || timeMs < found.span.fromMs || timeMs > found.span.toMs) continue;
      found.group.track.load(body);
      found.group.lastMs = Math.max(found.group.lastMs, timeMs);
    }
  }
  for (const group of groups) group.loadedToMs = group.loadToMs;
}

/** Does the burst go on behind what is loaded? */
const isCutOff = ({ lastMs, loadedToMs, rule }: Loading): boolean => lastMs + rule.reachMs >= loadedToMs;
