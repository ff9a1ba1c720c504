/** Which correlation groups a batch touched, with the event time their new matches span: the correlator's work list. */
import type { Match } from '../../core/documents.ts';
import type { BatchRecord } from '../../core/store.ts';

export function touchedBy(matches: readonly Match[]): BatchRecord['touched'] {
  const spans = new Map<string, { from: string; to: string }>();
  for (const { groups, event } of matches) {
    for (const group of groups) {
      const span = spans.get(group);
      if (!span) spans.set(group, { from: event.at, to: event.at });
      else if (event.at < span.from) span.from = event.at;
      else if (event.at > span.to) span.to = event.at;
    }
  }
  return [...spans].map(([group, span]) => ({ group, ...span }));
}
