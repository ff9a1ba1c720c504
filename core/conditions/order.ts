/** Arranges the parts of a condition so that the cheap ones are tested first and long lists are searched together. */
import type { Condition } from './tree.ts';

/** The order decides nothing but time: look-ups before searches, expressions last. */
export const cheapestFirst = (of: readonly Condition[]): Condition[] =>
  [...of].sort((left, right) => costOf(left) - costOf(right));

function costOf(condition: Condition): number {
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.of.reduce((sum, inner) => sum + costOf(inner), 0);
    case 'not':
      return costOf(condition.of);
    case 'contains':
      return 3;
    case 'wildcard':
    case 'cidr':
    case 'sameAs':
    case 'datePart':
      return 6;
    case 'keyword':
      return 50;
    case 'regex':
    case 'keywordRegex':
      return 100;
    default:
      return 1;
  }
}

/** Many `contains` on one field under one `or`: searched together, in one pass over the text. */
export interface ContainsGroup {
  op: 'containsAny';
  field: string;
  values: string[];
}
/** Below this, plain searches are faster than one pass for all. */
const GROUP_FROM = 12;

export function groupContains(of: readonly Condition[]): (Condition | ContainsGroup)[] {
  if (of.length < GROUP_FROM) return [...of];
  const byField = new Map<string, string[]>();
  const rest: Condition[] = [];
  for (const inner of of) {
    if (inner.op !== 'contains' || inner.cased) rest.push(inner);
    else if (byField.has(inner.field)) byField.get(inner.field)!.push(inner.value.toLowerCase());
    else byField.set(inner.field, [inner.value.toLowerCase()]);
  }
  const groups: (Condition | ContainsGroup)[] = rest;
  for (const [field, values] of byField) {
    if (values.length >= GROUP_FROM) groups.push({ op: 'containsAny', field, values });
    else for (const value of values) groups.push({ op: 'contains', field, value });
  }
  return groups;
}
