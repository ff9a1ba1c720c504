/** Whether what Vigia itself did explains an event: the meeting point of who changes targets and who looks at their events. */
import type { Deed, ShownChange } from './documents.ts';
import { CLOCK_SKEW_MS, sameSystem } from './grants.ts';

/** No call to a target takes longer: the leases that guard them last as long. */
export const CALL_MS = 60_000;

/** What an event shows of a change; a part that the rule does not look at is absent. */
export type SeenChange = { readonly [Part in keyof ShownChange]?: readonly string[] };

/** What an event shows of who changed something, where and when. */
export interface Seen {
  readonly by: readonly string[];
  readonly system: readonly string[];
  /** Epoch ms. */
  readonly atMs: number;
  readonly change: SeenChange;
}

/** This account, on this system, at this time, and one change that says all that the event says. */
export const explains = (deed: Deed, { by, system, atMs, change }: Seen): boolean =>
  atMs >= Date.parse(deed.from) - CLOCK_SKEW_MS &&
  atMs <= Date.parse(deed.to) + CLOCK_SKEW_MS &&
  isNamed(by, deed.by) &&
  system.some((name) => [deed.system, ...(deed.also ?? [])].some((one) => sameSystem(one, name))) &&
  deed.shows.some((shown) => isShown(shown, change));

/** Times of deeds that may explain an event between these two (ISO). */
export const deedsAround = (from: string, to: string): { from: string; to: string } => ({
  from: new Date(Date.parse(from) - CLOCK_SKEW_MS).toISOString(),
  to: new Date(Date.parse(to) + CLOCK_SKEW_MS).toISOString(),
});

/** A part that only one of the two has makes another change of it. */
const isShown = (shown: ShownChange, change: SeenChange): boolean =>
  (Object.entries(change) as [keyof ShownChange, readonly string[]][]).every(([part, seen]) => {
    const names = shown[part] ?? [];
    return names.length === 0 ? seen.length === 0 : isNamed(seen, names);
  });

const isNamed = (seen: readonly string[], names: readonly string[]): boolean => {
  const known = new Set(names.map(spelt));
  return seen.length > 0 && seen.every((one) => known.has(spelt(one)));
};
const spelt = (name: string): string => name.trim().toLowerCase();
