/** Finds the witness of a rule: something that an event must hold before the rule can match at all. */
import { regexLiterals } from '../../core/conditions/regex-literals.ts';
import type { Condition, PatternPart, Scalar } from '../../core/conditions/tree.ts';

/** Number of the pseudo-field that stands for the whole message. */
export const MESSAGE = -1;

/** One thing to look for in one field: the whole value, a part of it (anywhere or at an edge), or that the field is there at all. */
export interface Sign {
  slot: number;
  kind: 'exact' | 'part' | 'starts' | 'ends' | 'present';
  /** Lower case; empty for `present`. */
  text: string;
  /** Guess of how many events show it: short texts are common, long ones rare. */
  weight: number;
}

/** Signs of which every matching event shows at least one. */
export type Witness = readonly Sign[];
/** All witnesses that a condition offers; the index takes the most telling one. */
export type Witnesses = readonly Witness[];

/** More signs than this in one witness cost more than they save, unless there is no other. */
const MAX_SIGNS = 200_000;

/** The signs of an engine: rules that look for the same thing share one object. */
export interface Signs {
  slotOf(field: string): number;
  sign(slot: number, kind: Sign['kind'], text: string): Sign;
}

/** Each sign is made, and its weight guessed, once. */
export function makeSigns(): Signs['sign'] {
  const bySlot = new Map<number, Record<Sign['kind'], Map<string, Sign>>>();
  return (slot, kind, text) => {
    let kinds = bySlot.get(slot);
    if (kinds === undefined) {
      const none = () => new Map<string, Sign>();
      kinds = { exact: none(), part: none(), starts: none(), ends: none(), present: none() };
      bySlot.set(slot, kinds);
    }
    let sign = kinds[kind].get(text);
    if (sign === undefined)
      kinds[kind].set(text, (sign = { slot, kind, text, weight: signWeight(slot, kind, text) }));
    return sign;
  };
}

/** Empty when the condition can be satisfied by an event that shows nothing (only negated parts). */
export function witnessesOf(condition: Condition, signs: Signs, negated = false): Witnesses {
  const inner = (of: Condition): Witnesses => witnessesOf(of, signs, negated);
  switch (condition.op) {
    case 'not':
      return witnessesOf(condition.of, signs, !negated);
    case 'and':
    case 'or': {
      const isEvery = (condition.op === 'and') !== negated;
      return isEvery ? condition.of.flatMap(inner) : oneOfEach(condition.of.map(inner));
    }
    case 'null':
      return negated ? [[present(signs, condition.field)]] : [];
    case 'never':
      return negated ? [] : [[]];
    case 'always':
      return [];
    default:
      return negated ? [] : leafWitnesses(condition, signs);
  }
}

/** Whichever branch holds, its witness shows: the union of the best of each. */
function oneOfEach(branches: readonly Witnesses[]): Witnesses {
  const chosen: Sign[] = [];
  for (const witnesses of branches) {
    if (witnesses.length === 0) return [];
    const best = witnesses.reduce((left, right) => (weightOf(right) < weightOf(left) ? right : left));
    chosen.push(...best);
    if (chosen.length > MAX_SIGNS) return [];
  }
  return [chosen];
}

type Leaf = Exclude<Condition, { op: 'and' | 'or' | 'not' | 'null' | 'never' | 'always' }>;

function leafWitnesses(leaf: Leaf, signs: Signs): Witnesses {
  switch (leaf.op) {
    case 'equals':
      return [[leaf.cased ? partOrPresent(signs, leaf) : exact(signs, leaf.field, leaf.value)]];
    case 'in':
      return [leaf.values.map((value) => exact(signs, leaf.field, value))];
    case 'contains':
      return [[partOrPresent(signs, leaf)]];
    case 'startsWith':
      return [[partOrPresent(signs, leaf, 'starts')]];
    case 'endsWith':
      return [[partOrPresent(signs, leaf, 'ends')]];
    case 'wildcard':
      return [[partOrPresent(signs, { ...leaf, value: longestLiteral(leaf.pattern) })]];
    case 'regex': {
      const slot = signs.slotOf(leaf.field);
      const literals = regexLiterals(leaf.source, leaf.flags);
      return [literals?.map((text) => signs.sign(slot, 'part', text)) ?? [present(signs, leaf.field)]];
    }
    case 'keyword':
      return keywordWitness(signs, [longestLiteral(leaf.pattern)], leaf.cased);
    case 'keywordRegex':
      return keywordWitness(signs, regexLiterals(leaf.source, leaf.flags) ?? [''], false);
    case 'sameAs':
      return [[present(signs, leaf.field)], [present(signs, leaf.other)]];
    default:
      return [[present(signs, leaf.field)]];
  }
}

const present = ({ sign, slotOf }: Signs, field: string): Sign => sign(slotOf(field), 'present', '');
const exact = ({ sign, slotOf }: Signs, field: string, value: Scalar): Sign =>
  sign(slotOf(field), 'exact', String(value).toLowerCase());

/** Cased texts beyond ASCII are not looked for: lower-casing may change them differently inside other text. */
function partOrPresent(
  signs: Signs,
  { field, value, cased }: { field: string; value: Scalar; cased?: boolean },
  kind: 'part' | 'starts' | 'ends' = 'part',
): Sign {
  const text = String(value);
  if (text === '' || (cased && /[^ -~]/.test(text))) return present(signs, field);
  return signs.sign(signs.slotOf(field), kind, text.toLowerCase());
}

function keywordWitness({ sign }: Signs, texts: readonly string[], cased: boolean | undefined): Witnesses {
  if (texts.some((text) => text === '' || (cased && /[^ -~]/.test(text)))) return [];
  return [texts.map((text) => sign(MESSAGE, 'part', text.toLowerCase()))];
}

function longestLiteral(pattern: readonly PatternPart[]): string {
  return pattern.reduce<string>(
    (best, part) => (typeof part === 'string' && part.length > best.length ? part : best),
    '',
  );
}

/** Guess of how many events show the witness. `others`: rules that would use a sign, too. */
export function weightOf(witness: Witness, others: (sign: Sign) => number = () => 0): number {
  let weight = 0;
  for (const one of witness) weight += one.weight * (1 + others(one));
  return weight;
}

/** Words that most paths and command lines hold. */
const COMMON = /windows|system32|program(?: files|data)?|microsoft|users|https?|\.exe|\.dll|powershell|cmd/g;

function signWeight(slot: number, kind: Sign['kind'], text: string): number {
  if (kind === 'present') return 500;
  const telling = text.length > 30 ? text.length : text.replace(COMMON, '').length;
  const byLength = telling > 8 ? 2 : ([500, 300, 100, 25, 10, 7, 5, 4, 3][telling] ?? 2);
  const isSearch = slot === MESSAGE ? 4 : 1;
  // A whole value is rarer than a part of one, except for numbers, which are event codes and flags.
  if (kind === 'exact') return /^\d*$/.test(text) ? 20 : Math.min(byLength, 4);
  // Looked up, not searched for, and found in one place only.
  if (kind !== 'part') return byLength / 2;
  return byLength * isSearch;
}
