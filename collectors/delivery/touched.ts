/** Which correlation groups a batch touched, with the event time their new matches span: the correlator's work list. */
import type { Match } from '../../core/documents.ts';
import type { BatchRecord } from '../../core/store.ts';

/** Matches of a group that are further apart have spans of their own: one late match must not make the correlator read all between. */
const CLOSE_MS = 30_000;
/** In one batch a group has at most this many spans; then the last one takes the rest. */
const MOST_SPANS = 20;

export function touchedBy(matches: readonly Match[]): BatchRecord['touched'] {
  const times = new Map<string, string[]>();
  for (const { groups, event } of matches) {
    for (const group of groups) {
      const known = times.get(group);
      if (known) known.push(event.at);
      else times.set(group, [event.at]);
    }
  }
  return [...times].flatMap(([group, all]) => spansOf(all.sort()).map((span) => ({ group, ...span })));
}

function spansOf(times: readonly string[]): { from: string; to: string }[] {
  const spans: { from: string; to: string }[] = [];
  for (const at of times) {
    const last = spans.at(-1);
    if (last && (spans.length === MOST_SPANS || Date.parse(at) - Date.parse(last.to) <= CLOSE_MS))
      last.to = at;
    else spans.push({ from: at, to: at });
  }
  return spans;
}
