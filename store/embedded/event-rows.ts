/** Walks stored events in time order, in windows that never take long, narrowed by SQL and decided by the matcher. */
import { compileCondition } from '../../core/conditions/matcher.ts';
import type { Condition } from '../../core/conditions/tree.ts';
import type { TimeRange } from '../time-range.ts';
import { narrow } from './condition-sql.ts';
import type { Database, SqlValue } from './database.ts';
import { eventFieldKey, type Term } from './terms.ts';

/** Rows looked at before others get a turn: about 10 ms. */
const WINDOW = 2_000;
/** Up to this many rows a set of several terms is collected and sorted; beyond, walking by time is cheaper. */
const SMALL_SET = 2_000;

export interface Place {
  at: number;
  seq: number;
}

export interface EventWalk extends TimeRange {
  condition: Condition;
  newest: boolean;
  /** Only events numbered up to here: what was there when the first page was read. */
  upTo: number;
  after: Place | undefined;
}

export interface EventRow extends Place {
  body: string;
  event: object;
}

/** Yields what the condition matches; `undefined` between windows. `fetched` is called for each row that SQL let through. */
export function* matchingEvents(
  db: Database,
  walk: EventWalk,
  fetched: () => void,
): Generator<EventRow | undefined, void, undefined> {
  const narrowing = narrow(walk.condition, eventFieldKey);
  const matches = compileCondition(walk.condition);
  const from = cheapest(db, walk, narrowing.required);
  const [beyond, order] = walk.newest ? ['<', 'DESC'] : ['>', 'ASC'];
  const rest = `w.at >= ? AND w.at < ? AND w.seq <= ? AND (w.at, w.seq) ${beyond} (?, ?)`;
  const edge = db.sql(
    `SELECT w.at, w.seq FROM ${from.sql} AND ${rest} ORDER BY w.at ${order}, w.seq ${order} LIMIT 1 OFFSET ${WINDOW - 1}`,
  );
  const until = `(w.at, w.seq) ${walk.newest ? '>=' : '<='} (?, ?)`;
  const rows = db.sql(
    `SELECT w.at AS at, w.seq AS seq, e.body AS body FROM ${from.sql} AND ${rest} AND ${until} AND (${narrowing.sql}) ORDER BY w.at ${order}, w.seq ${order}`,
  );
  const last: Place = walk.newest
    ? { at: Number.MIN_SAFE_INTEGER, seq: 0 }
    : { at: Number.MAX_SAFE_INTEGER, seq: 0 };
  let after =
    walk.after ??
    (walk.newest ? { at: Number.MAX_SAFE_INTEGER, seq: 0 } : { at: Number.MIN_SAFE_INTEGER, seq: 0 });
  for (let isLast = false; !isLast; ) {
    const bounds = [...from.values, walk.fromMs, walk.toMs, walk.upTo, after.at, after.seq];
    const found = edge.get(...bounds) as unknown as Place | undefined;
    isLast = found === undefined;
    after = found ?? last;
    // Collected, not iterated: a statement must not stay open while other requests write.
    const window = rows.all(...bounds, after.at, after.seq, ...narrowing.values) as unknown as {
      at: number;
      seq: number;
      body: string;
    }[];
    for (const row of window) {
      fetched();
      const event = JSON.parse(row.body) as object;
      if (matches(event)) yield { ...row, event };
    }
    yield undefined;
  }
}

interface From {
  /** Names `e` (events) and `w` (what is walked: `at` and `seq`). */
  sql: string;
  values: SqlValue[];
}

/** The term set with the fewest events in the range, when that beats walking all events by time. */
function cheapest(db: Database, range: TimeRange, required: readonly Term[][]): From {
  const probe = db.sql(
    `SELECT count(*) AS n FROM (SELECT 1 FROM event_terms WHERE field = ? AND term = ? AND at >= ? AND at < ? LIMIT ${SMALL_SET})`,
  );
  let best: { terms: Term[]; count: number } | undefined;
  for (const terms of required) {
    if (terms.length > 200) continue;
    let count = 0;
    for (const { key, term } of terms) count += Number(probe.get(key, term, range.fromMs, range.toMs)?.['n']);
    if (terms.length > 1 && count >= SMALL_SET) continue;
    if (!best || count < best.count) best = { terms, count };
  }
  if (!best)
    return {
      sql: 'events w INDEXED BY events_by_time CROSS JOIN events e ON e.seq = w.seq WHERE 1',
      values: [],
    };
  const values = best.terms.flatMap(({ key, term }) => [key, term]);
  if (best.terms.length === 1) {
    return {
      sql: 'event_terms w CROSS JOIN events e ON e.seq = w.seq WHERE w.field = ? AND w.term = ?',
      values,
    };
  }
  const union = best.terms
    .map(() => 'SELECT at, seq FROM event_terms WHERE field = ? AND term = ?')
    .join(' UNION ');
  return { sql: `(${union}) w CROSS JOIN events e ON e.seq = w.seq WHERE 1`, values };
}
