/** Shadow mode: rules that are evaluated and whose matches are kept, but that do not alert until somebody takes them out. */
import type { Rule } from './engine/rule.ts';

export interface ShadowEntry {
  /** Ids, names or titles of rules, or paths that end in `*` (`linux/*`). */
  rules: string[];
  why: string;
  /** The day it was decided. */
  since?: string;
}

export interface Shadow {
  /** By rule id. */
  entries: ReadonlyMap<string, ShadowEntry>;
  /** What the entries name and no loaded rule is. */
  unknown: readonly string[];
}

export function shadowOf(rules: readonly Rule[], entries: readonly ShadowEntry[]): Shadow {
  const found = new Map<string, ShadowEntry>();
  const unknown: string[] = [];
  for (const entry of entries) {
    for (const wanted of entry.rules) {
      const named = rules.filter((rule) => isNamed(rule, wanted));
      if (named.length === 0) unknown.push(wanted);
      for (const { id } of named) if (!found.has(id)) found.set(id, entry);
    }
  }
  return { entries: found, unknown };
}

const isNamed = ({ id, name, title, path }: Rule, wanted: string): boolean =>
  wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) : [id, name, title].includes(wanted);
