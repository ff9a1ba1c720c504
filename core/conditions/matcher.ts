/** The in-process reader of the query tree: decides exactly whether a document satisfies a condition. */

import { searchLiterals } from './literals.ts';
import { messageOf } from './message.ts';
import { compileNetwork } from './network.ts';
import { type ContainsGroup, cheapestFirst, groupContains } from './order.ts';
import { compilePattern, lowerPattern, plainOf, type TextTest } from './pattern.ts';
import { checkRegex, compileRegex } from './regex.ts';
import { regexLiterals } from './regex-literals.ts';
import { compareRange, partOfDate } from './scalars.ts';

import type { Condition, Scalar } from './tree.ts';
import { type Held, readField, segmentsOf, type Value } from './values.ts';

/** What a compiled condition looks at: the values of each field by number, and the whole message. */
export interface View {
  readonly held: readonly (Held | undefined)[];
  /** `event.original`, else `message`, else the values of all fields. */
  message(): readonly Value[];
}

export type Test = (view: View) => boolean;

/** `compileCondition({op: 'equals', field: 'host.name', value: 'srv-1'})(document)`. Throws a usage error on a bad regex or network. */
export function compileCondition(condition: Condition): (document: object) => boolean {
  const numbers = new Map<string, number>();
  const paths: (readonly string[])[] = [];
  const test = compileTest(condition, (field) => {
    const known = numbers.get(field);
    if (known !== undefined) return known;
    numbers.set(field, paths.length);
    return paths.push(segmentsOf(field)) - 1;
  });
  return (document) => {
    const held = paths.map((path) => readField(document, path));
    return test({ held, message: () => messageOf(document) });
  };
}

/** Compiles against numbered fields, for a caller that fills the view itself (the rule engine). */
export function compileTest(condition: Condition, fieldNumber: (field: string) => number): Test {
  const compile = (inner: Condition): Test => compileTest(inner, fieldNumber);
  /** A leaf that any value of a field may satisfy. */
  const anyValue = (field: string, accepts: (value: Value) => boolean): Test => {
    const number = fieldNumber(field);
    return (view) => {
      const values = view.held[number]?.values;
      if (values === undefined) return false;
      for (let index = 0; index < values.length; index++) if (accepts(values[index]!)) return true;
      return false;
    };
  };
  const anyText = (field: string, cased: boolean | undefined, test: TextTest): Test =>
    anyValue(field, cased ? (value) => test(value.text) : (value) => test(value.lower));

  switch (condition.op) {
    case 'always':
      return () => true;
    case 'never':
      return () => false;
    case 'and':
      return every(cheapestFirst(condition.of).map(compile));
    case 'or':
      return some(groupContains(cheapestFirst(condition.of)).map(compileGroup));
    case 'not': {
      const inner = compile(condition.of);
      return (view) => !inner(view);
    }
    case 'equals':
      return anyValue(condition.field, equalTo(condition.value, condition.cased));
    case 'in': {
      const wanted = new Set(condition.values.map((value) => String(value).toLowerCase()));
      const numeric = new Set(condition.values.filter((value) => typeof value === 'number'));
      return anyValue(
        condition.field,
        (value) => wanted.has(value.lower) || (typeof value.raw === 'number' && numeric.has(value.raw)),
      );
    }
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return anyText(
        condition.field,
        condition.cased,
        textTest(condition.op, condition.value, condition.cased),
      );
    case 'wildcard': {
      const plain = plainOf(condition.pattern);
      if (plain?.how === 'any') {
        const number = fieldNumber(condition.field);
        return (view) => hasValue(view.held[number]);
      }
      if (plain?.how === 'equals') return anyValue(condition.field, equalTo(plain.value, condition.cased));
      if (plain)
        return anyText(condition.field, condition.cased, textTest(plain.how, plain.value, condition.cased));
      return anyText(condition.field, condition.cased, patternTest(condition.pattern, condition.cased));
    }
    case 'regex':
      return anyValue(condition.field, regexTest(condition));
    case 'range':
      return anyValue(condition.field, compareRange(condition));
    case 'cidr': {
      const test = compileNetwork(condition.network);
      return anyValue(condition.field, (value) => test(value.text));
    }
    case 'exists': {
      const number = fieldNumber(condition.field);
      return (view) => view.held[number] !== undefined;
    }
    case 'null': {
      const number = fieldNumber(condition.field);
      return (view) => !hasValue(view.held[number]);
    }
    case 'sameAs': {
      const number = fieldNumber(condition.field);
      const other = fieldNumber(condition.other);
      const compare = comparisons[condition.how];
      return (view) => {
        const others = view.held[other]?.values ?? [];
        return (view.held[number]?.values ?? []).some((value) =>
          others.some((right) => compare(value.lower, right.lower)),
        );
      };
    }
    case 'datePart': {
      const { part, value: wanted } = condition;
      return anyValue(condition.field, (value) => partOfDate(value, part) === wanted);
    }
    case 'keyword': {
      const test = patternTest([{ wild: '*' }, ...condition.pattern, { wild: '*' }], condition.cased);
      return condition.cased
        ? (view) => view.message().some((value) => test(value.text))
        : (view) => view.message().some((value) => test(value.lower));
    }
    case 'keywordRegex': {
      const test = regexTest(condition);
      return (view) => view.message().some(test);
    }
  }

  function compileGroup(group: Condition | ContainsGroup): Test {
    return group.op === 'containsAny' ? anyValue(group.field, anyLiteral(group.values)) : compile(group);
  }
}

/** Looking for a text that every match must hold is cheaper than running the expression, and mostly enough. */
function regexTest({ source, flags }: { source: string; flags: string }): (value: Value) => boolean {
  checkRegex(source, flags);
  let compiled: TextTest | undefined;
  const test: TextTest = (text) => (compiled ??= compileRegex(source, flags))(text);
  const literals = regexLiterals(source, flags);
  if (literals === undefined || literals.length > FEW) return (value) => test(value.text);
  return ({ text, lower }) => {
    for (let index = 0; index < literals.length; index++)
      if (lower.includes(literals[index]!)) return test(text);
    return false;
  };
}

/** More literals than this are no cheaper to look for than the expression is to run. */
const FEW = 4;

/** Built at first use: most rules with long lists are never reached. */
function anyLiteral(literals: readonly string[]): (value: Value) => boolean {
  let search: ReturnType<typeof searchLiterals> | undefined;
  const yes = () => true;
  return (value) => (search ??= searchLiterals(literals))(value, yes);
}

const hasValue = (held: Held | undefined): boolean =>
  held !== undefined && (held.values.length > 0 || held.hasObject);

function every(tests: readonly Test[]): Test {
  if (tests.length === 1) return tests[0]!;
  return (view) => {
    for (let index = 0; index < tests.length; index++) if (!tests[index]!(view)) return false;
    return true;
  };
}

function some(tests: readonly Test[]): Test {
  if (tests.length === 1) return tests[0]!;
  return (view) => {
    for (let index = 0; index < tests.length; index++) if (tests[index]!(view)) return true;
    return false;
  };
}

function equalTo(wanted: Scalar, cased: boolean | undefined): (value: Value) => boolean {
  if (typeof wanted === 'number') return (value) => value.raw === wanted || value.text === String(wanted);
  if (typeof wanted === 'boolean') return (value) => value.lower === String(wanted);
  if (cased) return (value) => value.text === wanted;
  const lower = wanted.toLowerCase();
  return (value) => value.lower === lower;
}

const comparisons = {
  equals: (left: string, right: string) => left === right,
  contains: (left: string, right: string) => left.includes(right),
  startsWith: (left: string, right: string) => left.startsWith(right),
  endsWith: (left: string, right: string) => left.endsWith(right),
};

function textTest(
  how: 'contains' | 'startsWith' | 'endsWith',
  value: string,
  cased: boolean | undefined,
): TextTest {
  const wanted = cased ? value : value.toLowerCase();
  if (how === 'contains') return (text) => text.includes(wanted);
  if (how === 'startsWith') return (text) => text.startsWith(wanted);
  return (text) => text.endsWith(wanted);
}

function patternTest(pattern: Parameters<typeof compilePattern>[0], cased: boolean | undefined): TextTest {
  const wanted = cased ? pattern : lowerPattern(pattern);
  const plain = plainOf(wanted);
  if (plain?.how === 'any') return () => true;
  if (plain?.how === 'equals') return (text) => text === plain.value;
  return plain ? textTest(plain.how, plain.value, true) : compilePattern(wanted);
}
