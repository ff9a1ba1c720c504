/**
 * What an episode keeps of its events: exact counts, the first ids and names, and enough ids to know an event again.
 * The order in which events are added makes no difference.
 */
import { type Entity, EVIDENCE_LIMIT } from '../../core/documents.ts';
import { order, type Sighting } from './windows.ts';

export interface Evidence {
  /** False when the event is known already. */
  add(event: Sighting): boolean;
  /** Forgets which events up to about then are known; they stay counted. */
  seal(beforeMs: number): void;
  /** Has it forgotten which events around that time it knows? Then within this span. */
  sealedAround(timeMs: number): TimeSpan | undefined;
  /** Counts a forgotten span anew, from all events that lie in it. */
  refill(span: TimeSpan, events: readonly Sighting[]): void;
  count(): number;
  /** The oldest event, which names the episode. */
  first(): string;
  /** Changes whenever the summary's span or count does. */
  mark(): string;
  /** How many ids are kept to know events again. */
  size(): number;
  summary(): EvidenceSummary;
}

/** Inclusive at both ends. */
export interface TimeSpan {
  fromMs: number;
  toMs: number;
}

export interface EvidenceSummary {
  from: string;
  to: string;
  /** Oldest first, up to `EVIDENCE_LIMIT`. */
  events: string[];
  eventCount: number;
  datasets: string[];
  entities: Entity[];
}

interface Named {
  entity: Entity;
  /** The first event that names it, and where in that event. */
  event: Sighting;
  place: number;
}

const compareEvents = (left: Sighting, right: Sighting): number =>
  left.timeMs - right.timeMs || order(left.at, right.at) || order(left.id, right.id);

/** Ids are kept by slices of this much event time, so that old ones can be forgotten together. */
const SLICES = 16;

export function evidence(latenessMs: number): Evidence {
  const sliceMs = Math.max(1_000, Math.ceil(latenessMs / SLICES));
  const known = new Map<number, Set<string>>();
  let size = 0;
  /** How many events were counted in slices whose ids are forgotten. */
  const sealed = new Map<number, number>();
  let count = 0;
  /** Sorted; as many as an alert keeps. */
  const first: Sighting[] = [];
  let newest: Sighting | undefined;
  const datasets = new Set<string>();
  const names = new Map<string, Named>();

  function keepFirst(event: Sighting): void {
    const last = first.at(-1);
    if (first.length === EVIDENCE_LIMIT && compareEvents(event, last!) > 0) return;
    const place = !last || compareEvents(event, last) > 0 ? first.length : placeOf(first, event);
    if (first[place]?.id === event.id) return;
    first.splice(place, 0, event);
    if (first.length > EVIDENCE_LIMIT) first.pop();
  }

  function keepNames(event: Sighting): void {
    for (const [place, entity] of event.entities.entries()) {
      const key = `${entity.type}:${entity.name.toLowerCase()}`;
      const named = names.get(key);
      if (!named || compareEvents(event, named.event) < 0) names.set(key, { entity, event, place });
    }
    // What is dropped is named later than all that is kept, whatever comes.
    if (names.size > 2 * EVIDENCE_LIMIT)
      for (const [key] of sortedNames().slice(EVIDENCE_LIMIT)) names.delete(key);
  }

  const sortedNames = () =>
    [...names].sort(([, a], [, b]) => compareEvents(a.event, b.event) || a.place - b.place);

  const sliceOf = (timeMs: number) => Math.floor(timeMs / sliceMs);

  function add(event: Sighting): boolean {
    const slice = sliceOf(event.timeMs);
    const ids = known.get(slice) ?? new Set<string>();
    if (ids.has(event.id)) return false;
    known.set(slice, ids.add(event.id));
    size += 1;
    count += 1;
    keepFirst(event);
    keepNames(event);
    datasets.add(event.dataset);
    if (!newest || compareEvents(event, newest) > 0) newest = event;
    return true;
  }

  return {
    add,
    seal(beforeMs) {
      for (const [slice, ids] of known) {
        if ((slice + 1) * sliceMs > beforeMs) continue;
        known.delete(slice);
        sealed.set(slice, ids.size);
        size -= ids.size;
      }
    },
    sealedAround(timeMs) {
      const slice = sliceOf(timeMs);
      return sealed.has(slice) ? { fromMs: slice * sliceMs, toMs: (slice + 1) * sliceMs - 1 } : undefined;
    },
    refill({ fromMs }, events) {
      const slice = sliceOf(fromMs);
      count -= sealed.get(slice) ?? 0;
      sealed.delete(slice);
      // What came before the episode, in the same slice, is no part of it.
      for (const event of events) if (compareEvents(event, first[0]!) >= 0) add(event);
    },
    count: () => count,
    first: () => first[0]!.id,
    mark: () => `${first[0]!.id}|${newest!.id}|${count}`,
    size: () => size,
    summary: () => ({
      from: first[0]!.at,
      to: newest!.at,
      events: first.map(({ id }) => id),
      eventCount: count,
      datasets: [...datasets].sort(),
      entities: sortedNames()
        .slice(0, EVIDENCE_LIMIT)
        .map(([, { entity }]) => entity),
    }),
  };
}

/** Index of the first that is not before the event. */
function placeOf(sorted: readonly Sighting[], event: Sighting): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareEvents(sorted[middle]!, event) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
