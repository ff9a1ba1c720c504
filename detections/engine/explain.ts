/** Says why a rule matches an event, or which part of it does not hold (`vigia rules explain`, `vigia match --explain`). */
import { compileTest } from '../../core/conditions/matcher.ts';
import type { Condition, PatternPart } from '../../core/conditions/tree.ts';
import { makeSlots } from './compile.ts';
import { fieldResolver } from './fields.ts';
import { type Gathered, makeGather } from './gather.ts';
import { accepts, originOf } from './routing.ts';
import type { DetectionRule } from './rule.ts';

/** One part of the rule with its verdict; `found` are the event's values there (hostile text: escape before showing). */
export interface Explanation {
  text: string;
  holds: boolean;
  found?: string[];
  parts?: Explanation[];
}

export interface Explained {
  /** False when the event comes from another log source: then the rule is not evaluated on it. */
  logSource: boolean;
  matches: boolean;
  condition: Explanation;
}

/** Values longer than this are cut in the explanation; the verdict sees all of them. */
const SHOWN_CHARACTERS = 300;
const SHOWN_VALUES = 20;

export function explain(rule: DetectionRule, record: object, { routing = true } = {}): Explained {
  const resolve = fieldResolver(rule.logsource, rule.taxonomy);
  const slots = makeSlots();
  const slotOf = (field: string) => slots.slotOf(resolve(field));
  eachField(rule.condition, slotOf);
  const gathered = makeGather(slots.candidates)(record);
  const condition = explainPart(rule.condition, gathered, slotOf);
  const logSource = !routing || accepts(rule.logsource, originOf(record));
  return { logSource, matches: logSource && condition.holds, condition };
}

function explainPart(
  condition: Condition,
  gathered: Gathered,
  slotOf: (field: string) => number,
): Explanation {
  const holds = compileTest(condition, slotOf)(gathered);
  if (condition.op === 'and' || condition.op === 'or') {
    const text = condition.op === 'and' ? 'all of' : 'any of';
    return { text, holds, parts: condition.of.map((inner) => explainPart(inner, gathered, slotOf)) };
  }
  if (condition.op === 'not')
    return { text: 'not', holds, parts: [explainPart(condition.of, gathered, slotOf)] };
  const found = 'field' in condition ? gathered.held[slotOf(condition.field)]?.values : undefined;
  return {
    text: describe(condition),
    holds,
    ...(found === undefined ? {} : { found: found.slice(0, SHOWN_VALUES).map(({ text }) => shorten(text)) }),
  };
}

function eachField(condition: Condition, visit: (field: string) => void): void {
  if (condition.op === 'and' || condition.op === 'or')
    for (const inner of condition.of) eachField(inner, visit);
  else if (condition.op === 'not') eachField(condition.of, visit);
  else {
    if ('field' in condition) visit(condition.field);
    if (condition.op === 'sameAs') visit(condition.other);
  }
}

function describe(leaf: Condition): string {
  switch (leaf.op) {
    case 'equals':
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return `${leaf.field} ${leaf.op} ${shorten(JSON.stringify(leaf.value))}`;
    case 'in':
      return `${leaf.field} is one of ${shorten(leaf.values.map((value) => JSON.stringify(value)).join(', '))}`;
    case 'wildcard':
      return `${leaf.field} is like ${shorten(patternText(leaf.pattern))}`;
    case 'regex':
      return `${leaf.field} matches /${shorten(leaf.source)}/${leaf.flags}`;
    case 'cidr':
      return `${leaf.field} lies in ${leaf.network}`;
    case 'exists':
      return `${leaf.field} exists`;
    case 'null':
      return `${leaf.field} has no value`;
    case 'sameAs':
      return `${leaf.field} ${leaf.how} field ${leaf.other}`;
    case 'datePart':
      return `${leaf.part} of ${leaf.field} is ${leaf.value}`;
    case 'range': {
      const { op: _op, field, ...bounds } = leaf;
      return `${field} ${Object.entries(bounds)
        .map(([how, limit]) => `${how} ${limit}`)
        .join(' and ')}`;
    }
    case 'keyword':
      return `the message contains ${shorten(patternText(leaf.pattern))}`;
    case 'keywordRegex':
      return `the message matches /${shorten(leaf.source)}/${leaf.flags}`;
    default:
      return leaf.op;
  }
}

const patternText = (pattern: readonly PatternPart[]): string =>
  JSON.stringify(pattern.map((part) => (typeof part === 'string' ? part : part.wild)).join(''));

const shorten = (text: string): string =>
  text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
