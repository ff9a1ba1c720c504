/**
 * Five million matches in a few typed arrays, made from a seed: a million groups of a few matches in a burst, one hot group
 * that holds a fifth of all, another that never satisfies its rule; a tenth late, and all in the order of their arrival.
 */
import { groupKey } from '../../detections/index.ts';

export const MINUTE_MS = 60_000;
export const TIMESPAN_MS = 5 * MINUTE_MS;
export const LATENESS_MS = 10 * MINUTE_MS;
const START_MS = Date.parse('2026-03-01T00:00:00Z');
const SPAN_MS = 10 * 60 * MINUTE_MS;
export const BATCH = 2_000;
/** One match in so many is delivered a second time, in a later batch. */
const REPEATED = 100;

export type RuleType =
  | 'count'
  | 'distinct'
  | 'ordered'
  | 'range'
  | 'without'
  | 'average'
  | 'sum'
  | 'percentile';

/** What each correlation asks of its group; group `g` belongs to correlation `g % CORRELATIONS.length`. */
export const CORRELATIONS: readonly { type: RuleType; body: string }[] = [
  { type: 'count', body: 'type: event_count\n  rules: [a0]\n  condition: {gte: 4}' },
  { type: 'distinct', body: 'type: value_count\n  rules: [a1]\n  condition: {field: network.bytes, gte: 4}' },
  { type: 'ordered', body: 'type: temporal_ordered\n  rules: [a2, b2]' },
  { type: 'range', body: 'type: event_count\n  rules: [a3]\n  condition: {gte: 2, lte: 3}' },
  { type: 'without', body: 'type: temporal\n  rules: [a4, b4]\n  condition: a4 and not b4' },
  { type: 'average', body: 'type: value_avg\n  rules: [a5]\n  condition: {field: network.bytes, gt: 600}' },
  { type: 'sum', body: 'type: value_sum\n  rules: [a6]\n  condition: {field: network.bytes, gte: 2500}' },
  {
    type: 'percentile',
    body: 'type: value_percentile\n  rules: [a7]\n  condition: {field: network.bytes, percentile: 75, gt: 800}',
  },
];

export const correlationId = (index: number): string => `proof-correlation-${index}`;
const part = (name: string) =>
  `title: ${name}\nid: ${name}\nname: ${name}\nlevel: low\nlogsource: {product: linux}\ndetection: {sel: {event.action: ${name}}, condition: sel}\n`;

export const ruleTexts = (): string[] =>
  CORRELATIONS.flatMap(({ body }, index) => [
    part(`a${index}`),
    part(`b${index}`),
    `title: Proof correlation ${index}\nid: ${correlationId(index)}\nlevel: high\ncorrelation:\n  ${body}\n  group-by: [user.name]\n  timespan: 5m\n`,
  ]);

export interface Matches {
  count: number;
  groups: number;
  /** By match, in order of event time. */
  times: Float64Array;
  group: Uint32Array;
  /** 1: the second rule of its correlation. */
  isSecond: Uint8Array;
  value: Uint16Array;
  /** Matches in the order in which they arrive. */
  arrivals: Uint32Array;
  /** Moment of arrival, by place in `arrivals`. */
  arrivedMs: Float64Array;
  /** Batch in which the match arrives. */
  batch: Uint32Array;
  /** Matches of group `g`, in order of event time: `members[starts[g]]` to before `members[starts[g + 1]]`. */
  starts: Uint32Array;
  members: Uint32Array;
}

export const HOT = 0;
/** Its matches have few different values: its rule is never satisfied, so its window has to be kept. */
export const RESTLESS = 1;

export function makeMatches(count: number, seed = 7): Matches {
  const random = randomFrom(seed);
  const groups = Math.max(16, Math.round(count / 5));
  const [hot, restless] = [Math.round(count / 5), Math.round(count / 50)];
  const raw = new Float64Array(count);
  const owner = new Uint32Array(count);
  let burstMs = 0;
  for (let i = 0; i < count; i++) {
    if (i < hot) owner[i] = HOT;
    else if (i < hot + restless) owner[i] = RESTLESS;
    else {
      // Four matches for each group, in one burst or two.
      const nth = i - hot - restless;
      owner[i] = 2 + (Math.floor(nth / 4) % (groups - 2));
      if (nth % 4 === 0 || random() < 0.1) burstMs = random() * SPAN_MS;
    }
    raw[i] = Math.floor(
      START_MS + (owner[i]! < 2 ? random() * SPAN_MS : burstMs + random() * TIMESPAN_MS * 1.5),
    );
  }
  const order = new Uint32Array(count).map((_, i) => i).sort((a, b) => raw[a]! - raw[b]! || a - b);
  const matches: Matches = {
    count,
    groups,
    times: Float64Array.from(order, (i) => raw[i]!),
    group: Uint32Array.from(order, (i) => owner[i]!),
    isSecond: new Uint8Array(count).map(() => (random() < 0.3 ? 1 : 0)),
    value: new Uint16Array(count),
    arrivals: new Uint32Array(count),
    arrivedMs: new Float64Array(count),
    batch: new Uint32Array(count),
    starts: new Uint32Array(groups + 1),
    members: new Uint32Array(count),
  };
  for (let i = 0; i < count; i++)
    matches.value[i] = Math.floor(random() * (matches.group[i] === RESTLESS ? 3 : 1_000));
  arrive(matches, random);
  index(matches);
  return matches;
}

/** A tenth comes up to the allowed lateness late, the rest within two seconds. */
function arrive({ count, times, arrivals, arrivedMs, batch }: Matches, random: () => number): void {
  const at = times.map((time) => time + random() * (random() < 0.1 ? LATENESS_MS * 0.98 : 2_000));
  arrivals.set(new Uint32Array(count).map((_, i) => i).sort((a, b) => at[a]! - at[b]! || a - b));
  for (let place = 0; place < count; place++) {
    arrivedMs[place] = at[arrivals[place]!]!;
    batch[arrivals[place]!] = Math.floor(place / BATCH);
  }
}

function index({ count, groups, group, starts, members }: Matches): void {
  for (let i = 0; i < count; i++) starts[group[i]! + 1]! += 1;
  for (let g = 0; g < groups; g++) starts[g + 1]! += starts[g]!;
  const next = starts.slice();
  for (let i = 0; i < count; i++) members[next[group[i]!]!++] = i;
}

export const batchesOf = ({ count }: Matches): number => Math.ceil(count / BATCH);

/** Matches that batch `n` delivers, some of them once more. */
export function deliveredBy(matches: Matches, n: number): number[] {
  const { arrivals, count } = matches;
  const delivered = [...arrivals.subarray(n * BATCH, Math.min(count, (n + 1) * BATCH))];
  const earlier = Math.max(0, (n - 20) * BATCH);
  for (let k = 0; n > 0 && k < BATCH / REPEATED; k++)
    delivered.push(arrivals[earlier + ((n * 7_919 + k * 104_729) % (n * BATCH - earlier))]!);
  return delivered;
}

/** Sorts as the match does. */
export const eventIdOf = (i: number): string => String(i).padStart(8, '0');

export const userOf = (g: number): string => `user${g}`;
const correlationOf = (g: number): string => correlationId(g % CORRELATIONS.length);

export interface Keys {
  keyOf(g: number): string;
  groupOf(key: string): number;
}

const HASH_BYTES = 16;

/** Hashes of all groups, one after another: made once, because they cost more than the rest. */
export function hashGroups(groups: number): Buffer {
  const hashes = Buffer.alloc(groups * HASH_BYTES);
  for (let g = 0; g < groups; g++)
    hashes.write(groupKey('', [userOf(g)]).slice(1), g * HASH_BYTES, HASH_BYTES, 'hex');
  return hashes;
}

/** Keys of groups as `Match.groups` has them, and back. */
export function keysFrom(hashes: Buffer): Keys {
  const groups = hashes.length / HASH_BYTES;
  const heads = Float64Array.from({ length: groups }, (_, g) => hashes.readUIntBE(g * HASH_BYTES, 6));
  const order = Uint32Array.from({ length: groups }, (_, g) => g).sort((a, b) => heads[a]! - heads[b]!);
  return {
    keyOf: (g) => `${correlationOf(g)}|${hashes.toString('hex', g * HASH_BYTES, (g + 1) * HASH_BYTES)}`,
    groupOf(key) {
      const head = Number.parseInt(key.slice(-32, -20), 16);
      let [low, high] = [0, groups];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (heads[order[middle]!]! < head) low = middle + 1;
        else high = middle;
      }
      return order[low]!;
    },
  };
}

/** Mulberry32: small, fast, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
