/** Could a condition hold if events carried only certain fields? A rule that waits for a field that never comes is no rule. */
import type { Condition } from '../../core/conditions/tree.ts';

/** The fewest fields that would have to be added; empty when the condition can hold. */
export function missingFields(
  condition: Condition,
  has: (field: string) => boolean,
  wanted = true,
): readonly string[] {
  const lacking = (...fields: string[]) => fields.filter((field) => !has(field));
  switch (condition.op) {
    case 'not':
      return missingFields(condition.of, has, !wanted);
    case 'and':
    case 'or': {
      const parts = condition.of.map((part) => missingFields(part, has, wanted));
      if ((condition.op === 'and') === wanted) return [...new Set(parts.flat())];
      return parts.reduce((best, part) => (part.length < best.length ? part : best));
    }
    case 'null':
      return wanted ? [] : lacking(condition.field);
    case 'sameAs':
      return wanted ? lacking(condition.field, condition.other) : [];
    case 'always':
    case 'never':
    case 'keyword':
    case 'keywordRegex':
      return [];
    default:
      // A missing field satisfies no other leaf, so that it never stands in the way of a negation.
      return wanted ? lacking(condition.field) : [];
  }
}
