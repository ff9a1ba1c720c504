/** Checks of what people type when they change an incident; every refusal says what to write instead. */
import { errors } from '../core/errors.ts';

const MAX_TEXT = 16_000;

export function required(value: unknown, what: string): string {
  if (typeof value !== 'string' || value.trim() === '') throw errors.usage(`${what} is missing or empty`);
  if (value.length > MAX_TEXT)
    throw errors.usage(`${what} has ${value.length} characters`, `at most ${MAX_TEXT}`);
  return value;
}

export function oneOf<T extends string>(value: T, known: readonly T[], what: string): T {
  if (!known.includes(value))
    throw errors.usage(`${JSON.stringify(value)} is no ${what}`, `use one of ${known.join(', ')}`);
  return value;
}

/** Epoch milliseconds. */
export function timeOf(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw errors.usage(`${JSON.stringify(text)} is no time`, 'write it as 2026-11-23T09:00:00Z');
  return time;
}

export function futureTime(until: string, at: string): string {
  const time = timeOf(until);
  if (time <= Date.parse(at)) throw errors.usage(`${until} is over already`, 'name a time to come');
  return new Date(time).toISOString();
}

export function pastTime(text: string, at: string): string {
  const time = timeOf(text);
  if (time > Date.parse(at)) throw errors.usage(`${text} is still to come`, 'record it once it has happened');
  return new Date(time).toISOString();
}
