/** Conditions of steps in the pattern grammar that CACAO asks for, over its variables. */
import type { Condition, PatternPart, Scalar } from '../../core/conditions/tree.ts';

/** `input.role` is `__role__`, `steps.lock.outcome` is `__lock_outcome__`. */
export function variableOf(field: string): string {
  const [root, ...rest] = field.split('.');
  const name = root === 'input' ? rest.join('_') : field.replace(/^steps\./, '').replaceAll('.', '_');
  return `__${name}__`;
}

const quoted = (value: Scalar): string =>
  typeof value === 'string' ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'` : String(value);

const like = (parts: readonly PatternPart[]): string =>
  quoted(parts.map((part) => (typeof part === 'string' ? part : part.wild === '*' ? '%' : '_')).join(''));

export function conditionText(condition: Condition): string {
  const value = (field: string) => `${variableOf(field)}:value`;
  switch (condition.op) {
    case 'and':
    case 'or':
      return condition.of.map((part) => `(${conditionText(part)})`).join(` ${condition.op.toUpperCase()} `);
    case 'not':
      return `NOT (${conditionText(condition.of)})`;
    case 'exists':
      return `${value(condition.field)} != ''`;
    case 'null':
      return `${value(condition.field)} = ''`;
    case 'equals':
      return `${value(condition.field)} = ${quoted(condition.value)}`;
    case 'in':
      return `${value(condition.field)} IN (${condition.values.map(quoted).join(', ')})`;
    case 'contains':
      return `${value(condition.field)} LIKE ${quoted(`%${condition.value}%`)}`;
    case 'startsWith':
      return `${value(condition.field)} LIKE ${quoted(`${condition.value}%`)}`;
    case 'endsWith':
      return `${value(condition.field)} LIKE ${quoted(`%${condition.value}`)}`;
    case 'wildcard':
      return `${value(condition.field)} LIKE ${like(condition.pattern)}`;
    case 'regex':
      return `${value(condition.field)} MATCHES ${quoted(condition.source)}`;
    case 'cidr':
      return `${value(condition.field)} ISSUBSET ${quoted(condition.network)}`;
    case 'range':
      return (['gt', 'gte', 'lt', 'lte'] as const)
        .flatMap((bound) =>
          condition[bound] === undefined
            ? []
            : [`${value(condition.field)} ${OPERATORS[bound]} ${quoted(condition[bound])}`],
        )
        .join(' AND ');
    default:
      // The query line of a flow has no other parts; a reader who gets one must not take it for true.
      return `NOT EXPRESSIBLE: ${condition.op}`;
  }
}

const OPERATORS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;
