/** What a rule asks of an event besides its Sigma condition: that it names an indicator, that no grant covers or explains it. */
import { readField, segmentsOf } from '../core/conditions/values.ts';
import type { Grant } from '../core/documents.ts';
import type { Event } from '../core/event.ts';
import { covers, isGivenUnder } from '../core/grants.ts';
import { fieldResolver } from './engine/fields.ts';
import type { DetectionRule } from './engine/rule.ts';
import type { Known } from './known.ts';

/** Undefined when a condition does not hold; else what was found, in words (empty when there is nothing to say). */
export type FurtherConditions = (event: Event, known: Known, grants: readonly Grant[]) => string | undefined;

/** Undefined for a rule without any. */
export function furtherConditions(rule: DetectionRule): FurtherConditions | undefined {
  const { indicators, unlessGranted, unlessGiven } = rule.extensions ?? {};
  if (!indicators && !unlessGranted && !unlessGiven) return undefined;
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
  const giving = unlessGiven && {
    by: readerOf(unlessGiven.by),
    to: unlessGiven.to.map(readerOf),
    role: readerOf(unlessGiven.role),
    system: readerOf(unlessGiven.system),
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

  /** One event may give several roles to several accounts: a grant must stand behind each. */
  function isGiven(event: Event, grants: readonly Grant[], atMs: number): boolean {
    const { by, to, role, system: where } = giving!;
    const [givers, systems] = [by(event), where(event)];
    const accounts = to.flatMap((read) => read(event));
    const each = accounts.flatMap((account) => role(event).map((one) => ({ to: account, role: one })));
    return (
      each.length > 0 &&
      each.every((given) =>
        grants.some((grant) =>
          givers.some((giver) =>
            systems.some((place) => isGivenUnder(grant, { ...given, by: giver, system: place, atMs })),
          ),
        ),
      )
    );
  }

  return (event, known, grants) => {
    const atMs = Date.parse(event['@timestamp']);
    const said: string[] = [];
    for (const ask of [
      indicators ? () => listed(event, known, atMs) : undefined,
      unlessGranted ? () => ungranted(event, known, grants, atMs) : undefined,
      unlessGiven ? () => (isGiven(event, grants, atMs) ? undefined : '') : undefined,
    ]) {
      if (!ask) continue;
      const answer = ask();
      if (answer === undefined) return undefined;
      if (answer !== '') said.push(answer);
    }
    return said.join('; ');
  };
}
