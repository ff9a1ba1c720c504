/** Reads the condition of a temporal correlation as text: `a and b and not c` over rule names. */
import { didYouMean } from '../../core/suggest.ts';
import { MAX_DEPTH } from './condition-text.ts';
import type { RuleExpression } from './rule.ts';

export function readRuleExpression(
  text: string,
  rules: readonly string[],
  wrong: (message: string) => void,
): RuleExpression | undefined {
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const next = () => tokens[at]?.toLowerCase();

  function chain(op: 'and' | 'or', inner: () => RuleExpression): RuleExpression {
    const of = [inner()];
    while (next() === op) {
      at++;
      of.push(inner());
    }
    return of.length === 1 ? of[0]! : { op, of };
  }
  const or = (depth: number): RuleExpression => chain('or', () => chain('and', () => primary(depth, false)));

  function primary(depth: number, isNegated: boolean): RuleExpression {
    if (depth > MAX_DEPTH) throw new Error(`more than ${MAX_DEPTH} nested levels`);
    const token = tokens[at++];
    if (token?.toLowerCase() === 'not') return primary(depth + 1, !isNegated);
    let found: RuleExpression;
    if (token === '(') {
      found = or(depth + 1);
      if (tokens[at++] !== ')') throw new Error('a parenthesis is not closed');
    } else {
      if (token === undefined || token === ')') throw new Error('a rule name is missing');
      if (!rules.includes(token))
        throw new Error(`"${token}" is not under rules; ${didYouMean(token, rules) ?? 'list it there'}`);
      found = { op: 'rule', id: token };
    }
    return isNegated ? { op: 'not', of: found } : found;
  }
  try {
    const expression = or(0);
    if (at < tokens.length) throw new Error(`unexpected "${tokens[at]}"`);
    return expression;
  } catch (cause) {
    wrong(`condition: ${cause instanceof Error ? cause.message : String(cause)}`);
    return undefined;
  }
}
