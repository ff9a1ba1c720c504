/** The queue: which incidents are on the screen in which order, held still under the hand. Pure functions over one record. */
import { LEVELS } from '../../../core/documents.ts';
import { compileFilter, type Test } from './filter.ts';
import type { IncidentRow, Place } from './state.ts';

export const VIEWS = ['open', 'mine', 'waiting', 'closed', 'all'] as const;
export type View = (typeof VIEWS)[number];
export const SORTS = ['priority', 'newest', 'oldest'] as const;
export type Sort = (typeof SORTS)[number];

export interface Queue extends Place {
  view: View;
  sort: Sort;
  filter: string;
  /** Why the filter cannot be read; the last good one stays in force. */
  filterProblem?: string;
  test: Test;
  records: Map<string, IncidentRow>;
  /** Shown, but no longer in the answer: with the newest content when it is known. */
  gone: Set<string>;
  /** Gone ones whose newest content was read. */
  explained: Set<string>;
  /** Rows in the order they are drawn; live data never changes it, except in follow mode. */
  order: string[];
  marks: Set<string>;
  follow: boolean;
  loadedAt?: number;
  /** False while the server has more than was read. */
  complete: boolean;
  /** Rows that the screen has room for; known after the first paint. */
  height: number;
}

export const emptyQueue = (): Queue => ({
  view: 'open',
  sort: 'priority',
  filter: '',
  test: () => true,
  records: new Map(),
  gone: new Set(),
  explained: new Set(),
  order: [],
  marks: new Set(),
  follow: false,
  complete: true,
  top: 0,
  height: 16,
});

const severity = (row: IncidentRow) => LEVELS.indexOf(row.severity);
const ORDERS: Readonly<Record<Sort, (a: IncidentRow, b: IncidentRow) => number>> = {
  priority: (a, b) => severity(b) - severity(a) || compare(a.created, b.created) || compare(a.id, b.id),
  newest: (a, b) => compare(b.created, a.created) || compare(a.id, b.id),
  oldest: (a, b) => compare(a.created, b.created) || compare(a.id, b.id),
};
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

/** Whether a record belongs into the view and passes the filter, now. */
export function belongs(queue: Queue, row: IncidentRow, me: string | undefined, now: number): boolean {
  if (queue.gone.has(row.id)) return false;
  if (queue.view === 'mine' && row.owner !== undefined && row.owner !== me) return false;
  return queue.test(row, now);
}

const wanted = (queue: Queue, me: string | undefined, now: number): string[] =>
  [...queue.records.values()]
    .filter((row) => belongs(queue, row, me, now))
    .sort(ORDERS[queue.sort])
    .map(({ id }) => id);

/** New incidents that wait behind the badge until the user takes them in. */
export function fresh(queue: Queue, me: string | undefined, now: number): number {
  const shown = new Set(queue.order);
  let count = 0;
  for (const row of queue.records.values())
    if (!shown.has(row.id) && belongs(queue, row, me, now)) count += 1;
  return count;
}

/** Builds the order anew: new rows enter, gone ones leave, sorting is applied. The selection stays on its record. */
export function takeIn(queue: Queue, me: string | undefined, now: number): Queue {
  const records = new Map([...queue.records].filter(([id]) => !queue.gone.has(id)));
  const clean = { ...queue, records, gone: new Set<string>(), explained: new Set<string>() };
  const order = wanted(clean, me, now);
  const before = queue.selected === undefined ? -1 : queue.order.indexOf(queue.selected);
  const found = queue.selected === undefined ? -1 : order.indexOf(queue.selected);
  const at = found >= 0 ? found : Math.min(Math.max(before, 0), order.length - 1);
  const selected = order[at];
  // The selected record keeps its line on the screen as far as the list allows.
  const top = before >= 0 && found >= 0 ? queue.top + found - before : queue.top;
  const { selected: _, ...rest } = clean;
  return held({ ...rest, order, top, ...(selected === undefined ? {} : { selected }) });
}

/** An answer of the server replaces what is known; what is drawn keeps its place. */
export function merge(
  queue: Queue,
  rows: readonly IncidentRow[],
  complete: boolean,
  me: string | undefined,
  now: number,
): Queue {
  const records = new Map(rows.map((row) => [row.id, row]));
  const gone = new Set<string>();
  for (const id of queue.order) {
    if (records.has(id)) continue;
    const kept = queue.records.get(id);
    if (!kept) continue;
    records.set(id, kept);
    gone.add(id);
  }
  const merged = { ...queue, records, gone, complete, loadedAt: now };
  return queue.follow || queue.order.length === 0 ? takeIn(merged, me, now) : merged;
}

/** Moves the selection by rows. */
export function move(queue: Queue, by: number): Queue {
  const at = queue.selected === undefined ? -1 : queue.order.indexOf(queue.selected);
  const selected = queue.order[Math.min(Math.max(at + by, 0), queue.order.length - 1)];
  return selected === undefined ? queue : held({ ...queue, selected });
}

/** The window follows the selection only at its edge, by half a page, so that most key presses repaint two lines. */
export function held<T extends Place & { order: string[]; height: number }>(list: T): T {
  return { ...list, top: windowOf(list, list.order, list.height) };
}

export function windowOf({ selected, top }: Place, order: readonly string[], height: number): number {
  const last = Math.max(0, order.length - height);
  const at = selected === undefined ? 0 : Math.max(0, order.indexOf(selected));
  const half = Math.max(1, Math.floor(height / 2));
  let first = Math.min(Math.max(top, 0), last);
  if (at < first) first = at < first - half ? at : Math.max(0, first - half);
  else if (at >= first + height) first = at >= first + height + half ? at - height + 1 : first + half;
  return Math.min(first, last);
}

export function withFilter(queue: Queue, text: string, me: string | undefined, now: number): Queue {
  const compiled = compileFilter(text);
  const { filterProblem: _, ...rest } = queue;
  if ('problem' in compiled) return { ...rest, filter: text, filterProblem: compiled.problem };
  return takeIn({ ...rest, filter: text, test: compiled.test, top: 0 }, me, now);
}
