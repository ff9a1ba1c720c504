/** Names of the fields that a condition reads. */
import type { Condition } from '../core/conditions/tree.ts';

export function fieldsOf(condition: Condition): string[] {
  const fields = new Set<string>();
  const walk = (inner: Condition): void => {
    if ('field' in inner) fields.add(inner.field);
    if ('other' in inner) fields.add(inner.other);
    if (inner.op === 'not') walk(inner.of);
    if (inner.op === 'and' || inner.op === 'or') for (const part of inner.of) walk(part);
  };
  walk(condition);
  return [...fields];
}
