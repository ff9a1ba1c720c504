/** Deterministic ids (design section 5): the same record read again gets the same id, so that writing it again changes nothing. */
import { createHash, hash } from 'node:crypto';

export interface RecordIdentity {
  /** The record's own time in epoch milliseconds; 0 where it has none. */
  timeMs: number;
  sourceId: string;
  /** Grows when a file is truncated, rotated or replaced, or a stream reconnects. */
  generation: number;
  /** Where the record starts in that generation, as text. */
  position: string;
  raw: Uint8Array;
}

/** UUIDv8 in 32 hexadecimal digits: 48 bits of time, then SHA-256 over the rest. Text order is time order. */
export function eventId(record: RecordIdentity): string {
  const { sourceId, generation, position, raw } = record;
  const number = String(generation);
  const digits = hashOfPlaced(
    `${sourceId.length}:${sourceId}${number.length}:${number}${position.length}:${position}`,
    raw,
  );
  const time = Math.min(Math.max(Math.trunc(record.timeMs) || 0, 0), 2 ** 48 - 1);
  const variant = (8 + (Number.parseInt(digits[15]!, 16) & 3)).toString(16);
  return `${time.toString(16).padStart(12, '0')}8${digits.slice(12, 15)}${variant}${digits.slice(16, 31)}`;
}

/** Put together here: one call over all bytes costs a third of a digest that is made and fed in parts. */
const together = Buffer.allocUnsafe(16 * 1_024);

function hashOfPlaced(place: string, raw: Uint8Array): string {
  // A character takes at most three bytes in UTF-8.
  if (place.length * 3 + raw.length > together.length)
    return createHash('sha256').update(place).update(raw).digest('hex');
  const at = together.write(place);
  together.set(raw, at);
  return hash('sha256', together.subarray(0, at + raw.length), 'hex');
}

/** SHA-256 of bytes or text, in hexadecimal. */
export const sha256 = (content: Uint8Array | string): string => hash('sha256', content, 'hex');

/** 32 hexadecimal digits over parts; each part carries its length, so that no two lists of parts run together. */
export function hashId(...parts: readonly string[]): string {
  return sha256(parts.map((part) => `${part.length}:${part}`).join('')).slice(0, 32);
}

/** Match id: rule, the exact content of the rule, and the event (Sigma rules carry no version). */
export const matchId = (ruleId: string, ruleHash: string, event: string): string =>
  hashId('match', ruleId, ruleHash, event);

/** Alert id of a rule over single events: kept when the rule's text changes, so that an edit does not alert again. */
export const eventAlertId = (ruleId: string, event: string): string => hashId('alert', ruleId, event);

/** Alert id of a correlation: rule, group, and the first event of the episode; kept while the episode grows. */
export const correlationAlertId = (ruleId: string, group: string, firstEvent: string): string =>
  hashId('alert', ruleId, group, firstEvent);
