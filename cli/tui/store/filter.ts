/** The filter line of the queue: words are AND, `!word`, `"exact"`, `field:value`, `sev>=high`, `age<2h`. */
import { atLeast, LEVELS, type Level } from '../../../core/documents.ts';
import type { IncidentRow } from './state.ts';

export type Test = (row: IncidentRow, now: number) => boolean;

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const LEVEL_WORDS: Readonly<Record<string, Level>> = {
  info: 'informational',
  med: 'medium',
  crit: 'critical',
};

/** One prepared text per record: a filter keystroke searches it instead of six fields. */
const prepared = new WeakMap<IncidentRow, string>();
function textOf(row: IncidentRow): string {
  let text = prepared.get(row);
  if (text === undefined) {
    text = [
      row.number,
      row.title,
      row.severity,
      row.state,
      row.owner ?? '',
      ...row.tags,
      ...row.entities.map(({ name }) => name),
    ]
      .join('\n')
      .toLowerCase();
    prepared.set(row, text);
  }
  return text;
}

const FIELDS: Readonly<Record<string, (row: IncidentRow) => readonly string[]>> = {
  id: (row) => [row.number],
  title: (row) => [row.title],
  state: (row) => [row.state],
  owner: (row) => [row.owner ?? '-'],
  tag: (row) => row.tags,
  entity: (row) => row.entities.map(({ name }) => name),
  user: (row) => row.entities.filter(({ type }) => type === 'user').map(({ name }) => name),
  host: (row) => row.entities.filter(({ type }) => type === 'host').map(({ name }) => name),
};

export function compileFilter(text: string): { test: Test } | { problem: string } {
  const tests: Test[] = [];
  for (const term of text.match(/!?(?:[\w.]+:)?"[^"]*"?|\S+/g) ?? []) {
    const negated = term.startsWith('!');
    const test = termTest(negated ? term.slice(1) : term);
    if (typeof test === 'string') return { problem: test };
    tests.push(negated ? (row, now) => !test(row, now) : test);
  }
  return { test: (row, now) => tests.every((test) => test(row, now)) };
}

function termTest(term: string): Test | string {
  const [, name, comparison, value] = /^(sev|age)(>=|<=|>|<|=|:)(.*)$/.exec(term) ?? [];
  if (name === 'sev') return severityTest(comparison!, value!);
  if (name === 'age') return ageTest(comparison!, value!);
  const field = /^([a-z]+):(.*)$/.exec(term);
  const read = field ? FIELDS[field[1]!] : undefined;
  if (field && read) {
    const wanted = unquoted(field[2]!);
    return (row) => read(row).some((one) => one.toLowerCase().includes(wanted));
  }
  const wanted = unquoted(term);
  return (row) => textOf(row).includes(wanted);
}

const unquoted = (text: string) => text.replaceAll('"', '').toLowerCase();

function severityTest(comparison: string, value: string): Test | string {
  const level = LEVEL_WORDS[value] ?? LEVELS.find((one) => one === value);
  if (!level) return `sev${comparison}${value}`;
  if (comparison === '>=') return (row) => atLeast(row.severity, level);
  if (comparison === '>') return (row) => row.severity !== level && atLeast(row.severity, level);
  if (comparison === '<=') return (row) => row.severity === level || !atLeast(row.severity, level);
  if (comparison === '<') return (row) => !atLeast(row.severity, level);
  return (row) => row.severity === level;
}

function ageTest(comparison: string, value: string): Test | string {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(value) ?? [];
  if (!count || !unit || !/^[<>]/.test(comparison)) return `age${comparison}${value}`;
  const limit = Number(count) * UNITS[unit]!;
  const isYounger = comparison.startsWith('<');
  return (row, now) =>
    isYounger ? now - Date.parse(row.created) <= limit : now - Date.parse(row.created) >= limit;
}
