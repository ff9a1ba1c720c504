/** What a store is asked for before the engine decides: every event that a rule could match, and as few others as possible. */
import type { Condition } from '../../core/conditions/tree.ts';
import { type Candidates, fieldResolver } from './fields.ts';
import type { DetectionRule } from './rule.ts';

/**
 * The rule's condition over the fields of stored events. A field that may lie in several places becomes an `or` of
 * them; where that would lose events (under a negation), the part is left out. Log sources are not looked at.
 */
export function narrowingCondition(rule: DetectionRule): Condition {
  return widen(rule.condition, fieldResolver(rule.logsource, rule.taxonomy), false);
}

function widen(condition: Condition, resolve: (field: string) => Candidates, negated: boolean): Condition {
  switch (condition.op) {
    case 'not':
      return widen(condition.of, resolve, !negated);
    case 'and':
    case 'or': {
      const isEvery = (condition.op === 'and') !== negated;
      return join(
        isEvery ? 'and' : 'or',
        condition.of.map((inner) => widen(inner, resolve, negated)),
      );
    }
    case 'always':
    case 'never':
      return { op: (condition.op === 'always') === negated ? 'never' : 'always' };
    case 'keyword':
    case 'keywordRegex':
      // A store searches more of an event than rules do, who leave out where it comes from.
      return negated ? { op: 'always' } : condition;
    case 'sameAs': {
      const pairs = resolve(condition.field)
        .flat()
        .flatMap((field) =>
          resolve(condition.other)
            .flat()
            .map((other): Condition => ({ ...condition, field, other })),
        );
      return leaf(pairs, negated);
    }
    case 'null': {
      // "Has a value" is what can be told from several places; "has none" cannot.
      const places = resolve(condition.field)
        .flat()
        .map((field): Condition => ({ op: 'null', field }));
      if (negated)
        return join(
          'or',
          places.map((of) => ({ op: 'not', of })),
        );
      return places.length === 1 ? places[0]! : { op: 'always' };
    }
    default:
      return leaf(
        resolve(condition.field)
          .flat()
          .map((field): Condition => ({ ...condition, field })),
        negated,
      );
  }
}

function leaf(places: Condition[], negated: boolean): Condition {
  if (!negated) return join('or', places);
  return places.length === 1 ? { op: 'not', of: places[0]! } : { op: 'always' };
}

function join(op: 'and' | 'or', of: readonly Condition[]): Condition {
  const deciding = op === 'and' ? 'never' : 'always';
  const idle = op === 'and' ? 'always' : 'never';
  const parts = of.filter((part) => part.op !== idle);
  if (parts.some((part) => part.op === deciding)) return { op: deciding };
  if (parts.length === 0) return { op: idle };
  return parts.length === 1 ? parts[0]! : { op, of: parts };
}
