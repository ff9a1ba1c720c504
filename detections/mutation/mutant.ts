/** A rule with one thing changed: some case must notice, or the rule could lose that thing without anybody knowing. */
import type { Rule } from '../engine/rule.ts';

export interface Mutant {
  /** What is changed, in words that stay the same while the rule does: case files name equivalent mutants by it. */
  name: string;
  /** Where it stands in the rule. */
  pointer: readonly (string | number)[];
  rule: Rule;
  /** The case that would notice. */
  missing: string;
}
