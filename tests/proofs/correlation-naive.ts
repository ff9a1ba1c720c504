/** What the correlations must find, evaluated naively in one ordered pass over each group: every window measured from scratch. */
import { CORRELATIONS, type Matches, type RuleType, TIMESPAN_MS } from './correlation-matches.ts';

export interface Expected {
  group: number;
  fromMs: number;
  toMs: number;
  count: number;
}

export function* expectedEpisodes(matches: Matches): Generator<Expected> {
  for (let group = 0; group < matches.groups; group++) {
    const members = matches.members.subarray(matches.starts[group]!, matches.starts[group + 1]!);
    for (const burst of burstsOf(matches, members)) {
      const from = firstOf(matches, CORRELATIONS[group % CORRELATIONS.length]!.type, burst);
      if (from === undefined) continue;
      yield {
        group,
        fromMs: matches.times[burst[from]!]!,
        toMs: matches.times[burst.at(-1)!]!,
        count: burst.length - from,
      };
    }
  }
}

function burstsOf({ times }: Matches, members: Uint32Array): Uint32Array[] {
  const bursts: Uint32Array[] = [];
  let begin = 0;
  for (let at = 1; at <= members.length; at++) {
    if (at < members.length && times[members[at]!]! - times[members[at - 1]!]! <= TIMESPAN_MS) continue;
    bursts.push(members.subarray(begin, at));
    begin = at;
  }
  return members.length === 0 ? [] : bursts;
}

/** Where the episode of a burst begins: at the first point of the first window that holds. */
function firstOf(matches: Matches, type: RuleType, burst: Uint32Array): number | undefined {
  return type === 'range' || type === 'without'
    ? firstWhole(matches, type, burst)
    : firstSliding(matches, type, burst);
}

function firstSliding(matches: Matches, type: RuleType, burst: Uint32Array): number | undefined {
  const { times } = matches;
  let first = 0;
  for (let last = 0; last < burst.length; last++) {
    while (times[burst[last]!]! - times[burst[first]!]! > TIMESPAN_MS) first++;
    const window = burst.subarray(first, last + 1);
    if (!holds(matches, type, window)) continue;
    return type === 'ordered' ? first + window.findIndex((i) => !matches.isSecond[i]) : first;
  }
  return undefined;
}

function firstWhole(matches: Matches, type: RuleType, burst: Uint32Array): number | undefined {
  const { times } = matches;
  for (let first = 0; first < burst.length; ) {
    let end = first + 1;
    while (end < burst.length && times[burst[end]!]! - times[burst[first]!]! <= TIMESPAN_MS) end++;
    if (holds(matches, type, burst.subarray(first, end))) return first;
    first = end;
  }
  return undefined;
}

function holds({ value, isSecond, times }: Matches, type: RuleType, window: Uint32Array): boolean {
  // The second rule of a correlation that names only one is not seen by it, but every match here has a rule that is.
  const values = () => [...window].map((i) => value[i]!);
  const total = () => values().reduce((sum, one) => sum + one, 0);
  if (type === 'count') return window.length >= 4;
  if (type === 'distinct') return new Set(values()).size >= 4;
  if (type === 'range') return window.length >= 2 && window.length <= 3;
  if (type === 'without') return window.some((i) => !isSecond[i]) && !window.some((i) => isSecond[i] === 1);
  if (type === 'ordered') {
    const firstA = window.find((i) => !isSecond[i]);
    return firstA !== undefined && window.some((i) => isSecond[i] === 1 && times[i]! >= times[firstA]!);
  }
  if (type === 'sum') return total() >= 2_500;
  if (type === 'average') return total() / window.length > 600;
  const sorted = values().sort((a, b) => a - b);
  const place = 0.75 * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place % 1) > 800;
}
