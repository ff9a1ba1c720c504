/** The contract of a check: a sentence, and a function from a rule to what is wrong with it. */
import type { Problem } from '../../core/errors.ts';
import type { CaseFile } from '../case-events.ts';
import type { Rule } from '../engine/rule.ts';

export interface CheckContext {
  rule: Rule;
  /** The first rule of its file gives the file its name and its cases. */
  isMain: boolean;
  /** The cases beside the rule's file; undefined when there are none that can be read. */
  cases: CaseFile | undefined;
}

export interface Check {
  /** Stable: `attack-tags`. */
  id: string;
  /** What it asks for, in a sentence. */
  summary: string;
  check(context: CheckContext): Problem[];
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
