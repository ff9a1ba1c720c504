/** How the cost of an event grows with the number of rules: the public rules, and variants of them that look for other texts. */
import { readFileSync } from 'node:fs';
import type { Condition } from '../../core/conditions/tree.ts';
import { buildEngine, type DetectionRule, matchLines } from '../../detections/index.ts';
import { percentile } from './measure.ts';

export interface Growth {
  rules: number;
  microsecondsPerEvent: number;
}

const SIZES = [100, 3_755, 15_000];
/** Some twenty megabytes: enough to be past compiling. */
const BYTES = 20_000_000;

/** Processor time of this thread, on the second of two rounds. */
export function growth(rules: readonly DetectionRule[], input: string): Growth[] {
  const bytes = wholeLines(readFileSync(input).subarray(0, BYTES));
  return SIZES.map((size) => {
    const engine = buildEngine(Array.from({ length: size }, (_, index) => variant(rules, index, size)));
    matchLines(engine, bytes);
    const before = threadMs();
    const { events } = matchLines(engine, bytes);
    return { rules: size, microsecondsPerEvent: Math.round(((threadMs() - before) / events) * 10_000) / 10 };
  });
}

/** How many rules are evaluated on an event, after the index has excluded the others. */
export function evaluatedPerEvent(rules: readonly DetectionRule[], input: string) {
  const bytes = wholeLines(readFileSync(input).subarray(0, BYTES));
  const engine = buildEngine(rules);
  const counts: number[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start) + 1;
    const before = engine.stats().met;
    matchLines(engine, bytes.subarray(start, end));
    counts.push(engine.stats().met - before);
    start = end;
  }
  return { median: percentile(counts, 0.5), p95: percentile(counts, 0.95) };
}

const wholeLines = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.lastIndexOf(10) + 1);

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Fewer rules than there are: evenly chosen. More: copies with other texts, of the same lengths and kinds. */
function variant(rules: readonly DetectionRule[], index: number, size: number): DetectionRule {
  if (size <= rules.length) return rules[Math.floor((index * rules.length) / size)]!;
  const rule = rules[index % rules.length]!;
  const copy = Math.floor(index / rules.length);
  if (copy === 0) return rule;
  return { ...rule, id: `${rule.id}-${copy}`, condition: changed(rule.condition, String(copy)) };
}

function changed(condition: Condition, mark: string): Condition {
  switch (condition.op) {
    case 'and':
    case 'or':
      return { ...condition, of: condition.of.map((inner) => changed(inner, mark)) };
    case 'not':
      return { ...condition, of: changed(condition.of, mark) };
    case 'equals':
      return {
        ...condition,
        value: typeof condition.value === 'string' ? turn(condition.value, mark) : condition.value,
      };
    case 'in':
      return {
        ...condition,
        values: condition.values.map((one) => (typeof one === 'string' ? turn(one, mark) : one)),
      };
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return { ...condition, value: turn(condition.value, mark) };
    default:
      return condition;
  }
}

/** Something else at the same place: the last letter but one becomes a number. */
const turn = (text: string, mark: string): string =>
  text.length < 4 ? `${text}${mark}` : `${text.slice(0, -2)}${mark}${text.slice(-1)}`;
