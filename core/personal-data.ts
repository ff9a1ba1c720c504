/**
 * Finds identifiers of citizens (NISS, NIF) in text by shape and check digit and replaces them, so that they are never stored.
 * With a key each becomes a pseudonym: the same identifier gives the same text, which can be searched and counted; without
 * one all look alike. Not found: identifiers whose check digit is wrong, split over lines, or written in other groups than
 * three digits. About one in eleven other numbers of nine digits, and one in ten of eleven that start with 1 or 2, pass the
 * check digit and are replaced too.
 */
import { createHmac } from 'node:crypto';

export type Identifier = 'niss' | 'nif';
/** `<nif:3f2a…>` for the digits of an identifier. */
export type Pseudonym = (kind: Identifier, digits: string) => string;

/** Nine digits, plain or in groups of three, also behind `PT`; or eleven digits. Not inside words or decimal numbers. */
const CANDIDATE =
  /(?<![0-9A-Za-z]|\d[.,])(?:PT ?)?(?:\d{9}(?:\d{2})?|\d{3}([ .])\d{3}\1\d{3})(?![0-9A-Za-z]|[.,]\d)/g;

/** Kinds of taxpayer that exist: 1-3 and 45 people, 5 companies, 6 public bodies, 70-79, 8, 90-99 others. */
const NIF_START = /^(?:[123568]|45|7[0-24-57-9]|9[0189])/;

const digitSum = (digits: string, weights: readonly number[]): number =>
  weights.reduce((sum, weight, at) => sum + weight * Number(digits[at]), 0);

/** Modulo 11 over weights 9 to 2. */
function isNif(digits: string): boolean {
  if (!NIF_START.test(digits)) return false;
  const rest = digitSum(digits, [9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  return Number(digits[8]) === (rest < 2 ? 0 : 11 - rest);
}

/** Nine less the last digit of a sum weighted with primes. */
const isNiss = (digits: string): boolean =>
  /^[12]/.test(digits) &&
  Number(digits[10]) === 9 - (digitSum(digits, [29, 23, 19, 17, 13, 11, 7, 5, 3, 2]) % 10);

/** The kind of identifier that these digits are, if their check digit is right. */
export function identifierKind(digits: string): Identifier | undefined {
  if (digits.length === 9 && isNif(digits)) return 'nif';
  return digits.length === 11 && isNiss(digits) ? 'niss' : undefined;
}

const plain: Pseudonym = (kind) => `<${kind}>`;

/** The text with every identifier replaced. Linear in its length. */
export const maskIdentifiers = (text: string, pseudonym: Pseudonym = plain): string =>
  text.replace(CANDIDATE, (found) => {
    const digits = found.replace(/\D/g, '');
    const kind = identifierKind(digits);
    return kind === undefined ? found : pseudonym(kind, digits);
  });

/** 64 bits of a keyed hash: nobody without the key can try all identifiers, and two citizens do not meet in practice. */
export const pseudonyms =
  (key: Uint8Array | string): Pseudonym =>
  (kind, digits) =>
    `<${kind}:${createHmac('sha256', key).update(`${kind}:${digits}`).digest('hex').slice(0, 16)}>`;
