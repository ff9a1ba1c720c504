/** Reads `--last 30d` of commands that count in whole days. */
import { errors } from '../../../core/errors.ts';

export function daysOf(span: unknown): number {
  const [, count] = /^(\d{1,4})d$/.exec(String(span)) ?? [];
  const days = Number(count);
  if (days >= 1 && days <= 3_650) return days;
  throw errors.usage(`--last ${String(span)} is no number of days from 1 to 3650`, 'write for example 30d');
}
