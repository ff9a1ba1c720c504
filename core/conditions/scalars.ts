/** Compares single values with bounds and with parts of a date. */
import type { Condition, Scalar } from './tree.ts';
import type { Value } from './values.ts';

type Bounds = Omit<Extract<Condition, { op: 'range' }>, 'op' | 'field'>;

/** A number as JSON or a log writes it; hexadecimal and blanks are no numbers here. */
const NUMERIC = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;

/** The number that a value is or spells; undefined when it is none. */
export function numberOf(value: Value): number | undefined {
  if (typeof value.raw === 'number') return value.raw;
  return typeof value.raw === 'string' && NUMERIC.test(value.raw) ? Number(value.raw) : undefined;
}

/** Numbers against number bounds, text against text bounds (so ISO times compare by their text). */
export function compareRange(bounds: Bounds): (value: Value) => boolean {
  const tests = [
    bound(bounds.gt, (left, right) => left > right),
    bound(bounds.gte, (left, right) => left >= right),
    bound(bounds.lt, (left, right) => left < right),
    bound(bounds.lte, (left, right) => left <= right),
  ].filter((test) => test !== undefined);
  return (value) => tests.every((test) => test(value));
}

type Compare = (left: number | string, right: number | string) => boolean;

function bound(limit: Scalar | undefined, compare: Compare): ((value: Value) => boolean) | undefined {
  if (limit === undefined) return undefined;
  if (typeof limit === 'number') {
    return (value) => {
      const number = numberOf(value);
      return number !== undefined && compare(number, limit);
    };
  }
  const text = String(limit);
  return (value) => compare(value.text, text);
}

export type DatePart = Extract<Condition, { op: 'datePart' }>['part'];

const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** A part of the date that a value spells, in UTC (a time without zone is taken as UTC); undefined when it spells none. */
export function partOfDate(value: Value, part: DatePart): number | undefined {
  const date = dateOf(value);
  if (date === undefined) return undefined;
  switch (part) {
    case 'minute':
      return date.getUTCMinutes();
    case 'hour':
      return date.getUTCHours();
    case 'day':
      return date.getUTCDate();
    case 'week':
      return isoWeek(date);
    case 'month':
      return date.getUTCMonth() + 1;
    case 'year':
      return date.getUTCFullYear();
  }
}

function dateOf(value: Value): Date | undefined {
  const found = typeof value.raw === 'string' ? DATE.exec(value.raw.trim()) : undefined;
  if (!found) return undefined;
  const zone = (found[3] ?? 'Z').toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const date = new Date(`${found[1]}T${found[2] ?? '00:00'}${zone}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** ISO 8601 weeks: the week belongs to the year of its Thursday. */
function isoWeek(date: Date): number {
  const thursday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  const newYear = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.ceil(((thursday.getTime() - newYear) / 86_400_000 + 1) / 7);
}
