/** Reads the analyst's query line: `host.name:srv-app-07 and (event.code:4662 or not user.name:"x y*")`. */
import { errors } from '../errors.ts';
import { networkMistake } from './network.ts';
import { plainOf } from './pattern.ts';
import { type Token, tokenise } from './query-tokens.ts';
import { checkRegex } from './regex.ts';
import { parsePattern } from './text-pattern.ts';
import { type Condition, not } from './tree.ts';

/** Deeper nesting than a person writes; keeps every reader of the tree off the stack's end. */
const MAX_DEPTH = 100;

/**
 * `field:value`, `field:*` (exists), `field:(a or b)`, `field:/regex/i`, `field:10.0.0.0/8`, `field>=10`, bare words
 * (anywhere in the message), `and`, `or`, `not`, parentheses. `*` and `?` are wildcards, quoted or not; `\*` is a star.
 * Throws `errors.invalid` with the column and what to write instead.
 */
export function parseQuery(line: string): Condition {
  const fail: Fail = (column, message, hint) => {
    throw errors.invalid('query', [{ path: 'query', line: 1, column, message, ...(hint ? { hint } : {}) }]);
  };
  const tokens = tokenise(line, fail);
  if (tokens[0]!.kind === 'end') return { op: 'always' };
  const reader = makeReader(tokens, fail);
  const condition = reader.or(0);
  const rest = reader.peek();
  if (rest.kind === ')') fail(rest.column, 'this parenthesis closes nothing', 'remove it or open one before');
  if (rest.kind !== 'end') fail(rest.column, `unexpected ${rest.text}`, 'join terms with "and" or "or"');
  return condition;
}

export type Fail = (column: number, message: string, hint?: string) => never;

function makeReader(tokens: readonly Token[], fail: Fail) {
  let at = 0;
  const peek = () => tokens[at]!;
  const isWord = (word: string) => peek().kind === 'word' && peek().text.toLowerCase() === word;

  function chain(op: 'and' | 'or', inner: () => Condition): Condition {
    const of = [inner()];
    while (isWord(op)) {
      at++;
      of.push(inner());
    }
    return of.length === 1 ? of[0]! : { op, of };
  }
  function or(depth: number): Condition {
    if (depth > MAX_DEPTH)
      fail(peek().column, `more than ${MAX_DEPTH} nested parentheses`, 'split the query');
    return chain('or', () => chain('and', () => negated(depth)));
  }
  function negated(depth: number): Condition {
    let count = 0;
    while (isWord('not')) {
      at++;
      count++;
    }
    const inner = primary(depth);
    return count % 2 === 1 ? not(inner) : inner;
  }
  function primary(depth: number): Condition {
    const token = peek();
    if (token.kind === '(') return group(() => or(depth + 1));
    if (token.kind === 'end')
      fail(
        token.column,
        'the query ends where a term should follow',
        'write for example host.name:srv-app-07',
      );
    if (token.kind !== 'word' && token.kind !== 'quoted')
      fail(token.column, `unexpected ${token.text}`, 'write for example host.name:srv-app-07');
    if (token.kind === 'word' && ['and', 'or'].includes(token.text.toLowerCase())) {
      fail(
        token.column,
        `"${token.text}" stands where a term should be`,
        `put the word in quotes to search for it: "${token.text}"`,
      );
    }
    at++;
    const operator = peek();
    if (operator.kind === ':') {
      at++;
      return peek().kind === '(' ? group(() => values(token.text, depth + 1)) : value(token.text);
    }
    if (operator.kind === 'compare') {
      at++;
      return range(token.text, operator.text);
    }
    return { op: 'keyword', pattern: parsePattern(token.text) };
  }
  function group(inner: () => Condition): Condition {
    const open = peek();
    at++;
    const condition = inner();
    if (peek().kind !== ')')
      fail(open.column, 'this parenthesis is not closed', 'add ")"; join terms with "and" or "or"');
    at++;
    return condition;
  }
  function values(field: string, depth: number): Condition {
    if (depth > MAX_DEPTH)
      fail(peek().column, `more than ${MAX_DEPTH} nested parentheses`, 'split the query');
    return chain('or', () =>
      chain('and', () => {
        if (isWord('not')) {
          at++;
          return not(value(field));
        }
        return peek().kind === '(' ? group(() => values(field, depth + 1)) : value(field);
      }),
    );
  }
  function operand(field: string): Token {
    const token = peek();
    if (token.kind !== 'word' && token.kind !== 'quoted' && token.kind !== 'regex') {
      fail(token.column, `${field} has no value`, `write ${field}:value, or ${field}:* for any value`);
    }
    at++;
    return token;
  }
  function value(field: string): Condition {
    const token = operand(field);
    if (token.kind === 'regex') {
      try {
        checkRegex(token.text, token.flags ?? '');
      } catch (cause) {
        fail(
          token.column,
          cause instanceof Error ? cause.message : String(cause),
          'look-around and back references are not taken',
        );
      }
      return { op: 'regex', field, source: token.text, flags: token.flags ?? '' };
    }
    if (token.kind === 'word' && token.text.includes('/') && networkMistake(token.text) === undefined) {
      return { op: 'cidr', field, network: token.text };
    }
    const pattern = parsePattern(token.text);
    const plain = plainOf(pattern);
    if (plain === undefined) return { op: 'wildcard', field, pattern };
    if (plain.how === 'any') return { op: 'exists', field };
    return { op: plain.how, field, value: plain.value };
  }
  function range(field: string, operator: string): Condition {
    const token = operand(field);
    const limit =
      token.kind === 'word' && /^-?\d+(\.\d+)?$/.test(token.text) ? Number(token.text) : token.text;
    const bound = { '>': 'gt', '>=': 'gte', '<': 'lt', '<=': 'lte' }[operator]!;
    return { op: 'range', field, [bound]: limit };
  }
  return { or, peek };
}
