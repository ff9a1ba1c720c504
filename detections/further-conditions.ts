/** What a rule asks of an event besides its Sigma condition: that it names an indicator, that no grant covers it, that it is not what Vigia did. */
import { readField, segmentsOf } from '../core/conditions/values.ts';
import { explains } from '../core/deeds.ts';
import type { Deed, Grant } from '../core/documents.ts';
import type { Event } from '../core/event.ts';
import { covers } from '../core/grants.ts';
import { fieldResolver } from './engine/fields.ts';
import type { DetectionRule } from './engine/rule.ts';
import type { Known } from './known.ts';

/** Undefined when a condition does not hold; else what was found, in words (empty when there is nothing to say). */
export type FurtherConditions = (
  event: Event,
  known: Known,
  written: { readonly grants: readonly Grant[]; readonly deeds: readonly Deed[] },
) => string | undefined;

/** Undefined for a rule without any. */
export function furtherConditions(rule: DetectionRule): FurtherConditions | undefined {
  const { indicators, unlessGranted, unlessDone } = rule.extensions ?? {};
  if (!indicators && !unlessGranted && !unlessDone) return undefined;
  const resolve = fieldResolver(rule.logsource, rule.taxonomy);
  const readerOf = (field: string) => {
    const paths = resolve(field).flat().map(segmentsOf);
    return (event: Event): string[] => {
      for (const path of paths) {
        const values = readField(event, path)?.values;
        if (values && values.length > 0) return values.map(({ text }) => text);
      }
      return [];
    };
  };
  const fields = (indicators?.fields ?? []).map((field) => ({ field, read: readerOf(field) }));
  const who = unlessGranted && readerOf(unlessGranted.who);
  const system = unlessGranted && readerOf(unlessGranted.system);
  const done = unlessDone && {
    by: readerOf(unlessDone.by),
    system: readerOf(unlessDone.system),
    change: Object.entries(unlessDone.change).map(([part, names]) => ({ part, reads: names.map(readerOf) })),
  };

  function listed(event: Event, { lists }: Known, atMs: number): string | undefined {
    for (const { field, read } of fields) {
      for (const value of read(event)) {
        for (const name of indicators!.lists) {
          const found = lists(name)?.find(value, atMs);
          if (found)
            return `${field} ${value}: ${found.value} is in the list ${name} (${found.source}${found.tlp ? `, ${found.tlp}` : ''})`;
        }
      }
    }
    return undefined;
  }

  /** Without a name or a system nothing can be covered. */
  function ungranted(event: Event, known: Known, grants: readonly Grant[], atMs: number): string | undefined {
    const [people, systems] = [who!(event), system!(event)];
    if (unlessGranted!.managed && !systems.some((place) => known.isManaged(place))) return undefined;
    const isCovered = people.some((person) =>
      systems.some((place) =>
        grants.some((grant) => covers(grant, { who: person, system: place, atMs }, unlessGranted!.role)),
      ),
    );
    if (isCovered) return undefined;
    return `no grant covers ${people.join(', ') || 'an unnamed account'} on ${systems.join(', ') || 'an unnamed system'} at that time`;
  }

  /** One event may show a change of several accounts: one deed must say all of it. */
  function isDone(event: Event, deeds: readonly Deed[], atMs: number): boolean {
    const seen = {
      by: done!.by(event),
      system: done!.system(event),
      atMs,
      change: Object.fromEntries(
        done!.change.map(({ part, reads }) => [part, reads.flatMap((read) => read(event))]),
      ),
    };
    return deeds.some((deed) => explains(deed, seen));
  }

  return (event, known, { grants, deeds }) => {
    const atMs = Date.parse(event['@timestamp']);
    const said: string[] = [];
    for (const ask of [
      indicators ? () => listed(event, known, atMs) : undefined,
      unlessGranted ? () => ungranted(event, known, grants, atMs) : undefined,
      unlessDone ? () => (isDone(event, deeds, atMs) ? undefined : '') : undefined,
    ]) {
      if (!ask) continue;
      const answer = ask();
      if (answer === undefined) return undefined;
      if (answer !== '') said.push(answer);
    }
    return said.join('; ');
  };
}
