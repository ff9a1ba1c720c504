/** The contract of a check: a sentence, a severity, and functions from a rule, or from all of them, to what is wrong. */
import type { Problem } from '../../core/errors.ts';
import type { CaseFile } from '../case-events.ts';
import type { PreparedCase } from '../cases.ts';
import type { Rule } from '../engine/rule.ts';
import type { History } from '../history.ts';

/**
 * `error`: the rule is not fit to ship. It cannot be trusted (unproven, ambiguous), or it leaves the person who gets the
 * alert without what they need. The gate fails.
 * `warning`: the rule works, but something about it is probably not meant. Shown; the gate passes.
 */
export type Severity = 'error' | 'warning';

export interface CheckContext {
  rule: Rule;
  /** The first rule of its file gives the file its name and its cases. */
  isMain: boolean;
  /** The cases beside the rule's file; undefined when there are none that can be read. */
  cases: CaseFile | undefined;
  /** The cases of the file, with their events. */
  prepared: readonly PreparedCase[];
  /** Both files of the rule as they are written. */
  texts: readonly { path: string; text: string }[];
}

export interface Collection {
  /** The rules that are checked. */
  rules: readonly Rule[];
  /** All rules that are loaded with them: what a rule may refer to. */
  loaded: readonly Rule[];
  /** What was released and retired; only when the whole of our own pack is checked. */
  history: History | undefined;
}

export interface Check {
  /** Stable: `attack-tags`. */
  id: string;
  /** What it asks for, in a sentence. */
  summary: string;
  severity: Severity;
  /** About one rule. */
  check?(context: CheckContext): Problem[];
  /** About the whole set, once. */
  finish?(collection: Collection): Problem[];
}

/** A problem at a key of the rule. */
export const problemAt = (
  rule: Rule,
  pointer: readonly (string | number)[],
  message: string,
  hint: string,
): Problem => ({
  path: rule.path,
  ...rule.source.at(pointer),
  message,
  hint,
});

export const has = (rule: Rule, key: string): boolean => {
  const value = rule.source.value;
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
};
