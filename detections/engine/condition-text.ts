/** Reads the condition of a rule: `selection and not 1 of filter_*` (section 8 of the language). */
import { compilePattern } from '../../core/conditions/pattern.ts';
import type { Condition } from '../../core/conditions/tree.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { Pointer, Reading } from './reading.ts';

/** Deeper than any person writes; keeps every reader of the tree off the end of its stack. */
export const MAX_DEPTH = 200;
const MAX_LENGTH = 20_000;

class Unreadable extends Error {
  readonly hint: string | undefined;
  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

export function readConditionText(
  text: unknown,
  pointer: Pointer,
  identifiers: ReadonlyMap<string, Condition>,
  reading: Reading,
): Condition {
  if (typeof text !== 'string' || text.trim() === '') {
    reading.wrong(pointer, 'the condition must be text', 'for example condition: selection and not filter');
    return { op: 'never' };
  }
  try {
    refuseAggregation(text);
    return parse(text, identifiers);
  } catch (cause) {
    if (!(cause instanceof Unreadable)) throw cause;
    reading.wrong(pointer, `condition: ${cause.message}`, cause.hint);
    return { op: 'never' };
  }
}

/** C-11: Sigma 1 only. */
function refuseAggregation(text: string): void {
  if (text.length > MAX_LENGTH)
    throw new Unreadable(`${text.length} characters long; at most ${MAX_LENGTH} are read`);
  const pipe = /\|\s*([\w-]*)[\s\S]*$/.exec(text);
  if (!pipe) return;
  const construct = pipe[1] === 'near' ? 'near' : 'aggregation';
  throw new Unreadable(
    `${construct} "${pipe[0].slice(0, 60).trim()}" is Sigma 1 and not part of the language any more (C-11)`,
    'write a correlation rule (event_count, value_count, temporal) that refers to this rule',
  );
}

function parse(text: string, identifiers: ReadonlyMap<string, Condition>): Condition {
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const next = () => tokens[at]?.toLowerCase();

  function chain(op: 'and' | 'or', inner: () => Condition): Condition {
    const of = [inner()];
    while (next() === op) {
      at++;
      of.push(inner());
    }
    return of.length === 1 ? of[0]! : { op, of };
  }
  const or = (depth: number): Condition => chain('or', () => chain('and', () => negated(depth)));

  function negated(depth: number): Condition {
    let isNegated = false;
    while (next() === 'not') {
      at++;
      isNegated = !isNegated;
    }
    const inner = primary(depth);
    return isNegated ? { op: 'not', of: inner } : inner;
  }
  function primary(depth: number): Condition {
    if (depth > MAX_DEPTH) throw new Unreadable(`more than ${MAX_DEPTH} nested parentheses`);
    const token = tokens[at];
    if (token === undefined) throw new Unreadable('it ends where an identifier should follow');
    if (token === '(') {
      at++;
      const inner = or(depth + 1);
      if (tokens[at] !== ')')
        throw new Unreadable(
          tokens[at] === undefined ? 'a parenthesis is not closed' : `unexpected "${tokens[at]}"`,
        );
      at++;
      return inner;
    }
    if (token === ')') throw new Unreadable('unexpected ")"');
    if (tokens[at + 1]?.toLowerCase() === 'of' && ['1', 'any', 'all'].includes(token.toLowerCase())) {
      const target = tokens[at + 2];
      at += 3;
      return quantified(token.toLowerCase() === 'all' ? 'and' : 'or', token, target);
    }
    const found = identifiers.get(token);
    if (!found)
      throw new Unreadable(`there is no search identifier "${token}"`, didYouMean(token, identifiers.keys()));
    at++;
    return found;
  }
  function quantified(op: 'and' | 'or', quantifier: string, target: string | undefined): Condition {
    if (target === undefined || target === '(' || target === ')')
      throw new Unreadable(`"${quantifier} of" needs a name pattern or "them"`);
    const isThem = target.toLowerCase() === 'them';
    const fits = compilePattern(
      target.split('*').flatMap((part, index) => (index === 0 ? [part] : [{ wild: '*' }, part])),
    );
    // D-9: names starting with _ are reached only by patterns that start so themselves.
    const names = [...identifiers.keys()].filter((name) =>
      name.startsWith('_') ? target.startsWith('_') : true,
    );
    const of = names.filter((name) => isThem || fits(name)).map((name) => identifiers.get(name)!);
    if (of.length === 0)
      throw new Unreadable(
        `"${quantifier} of ${target}" fits no search identifier`,
        didYouMean(target.replaceAll('*', ''), names),
      );
    return of.length === 1 ? of[0]! : { op, of };
  }

  const condition = or(0);
  if (at < tokens.length)
    throw new Unreadable(`unexpected "${tokens[at]}"`, 'join identifiers with "and" or "or"');
  return condition;
}
