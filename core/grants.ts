/** Whether a grant of privileged access covers what somebody did: the meeting point of who gives access and who looks at its use. */
import type { Grant } from './documents.ts';

export interface Use {
  who: string;
  system: string;
  /** Epoch ms. */
  atMs: number;
}

/** `INST\ana`, `ana@inst.example` and `Ana` are one person, because the institute has one naming authority. */
export const bareName = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/^[^\\]*\\/, '')
    .replace(/@[^@]*$/, '');

/** `srv-1` and `srv-1.inst.example` are one host; two full names must be equal. */
export function sameSystem(left: string, right: string): boolean {
  const [a, b] = [left.trim().toLowerCase(), right.trim().toLowerCase()];
  if (a === b) return true;
  const isShort = !a.includes('.') || !b.includes('.');
  return isShort && a.split('.')[0] === b.split('.')[0];
}

/** Clocks of targets may be ahead of ours or behind. */
export const CLOCK_SKEW_MS = 60_000;

const isOneOf = (names: readonly string[], name: string): boolean =>
  names.some((one) => one.toLowerCase() === name.trim().toLowerCase());
const isAccount = ({ who, whoAlso = [] }: Grant, name: string): boolean =>
  bareName(who) === bareName(name) || isOneOf(whoAlso, name);
const isOn = ({ system, also = [] }: Grant, name: string): boolean =>
  [system, ...also].some((one) => sameSystem(one, name));
const endOf = ({ to, revoked }: Grant): number =>
  Math.min(Date.parse(to), revoked ? Date.parse(revoked) : Infinity);

/** Inclusive at its beginning, exclusive at its end or at the moment when it was taken back. */
export function covers(grant: Grant, { who, system, atMs }: Use, role?: string): boolean {
  return (
    atMs >= Date.parse(grant.from) &&
    atMs < endOf(grant) &&
    isAccount(grant, who) &&
    isOn(grant, system) &&
    (role === undefined || grant.role.toLowerCase() === role.toLowerCase())
  );
}
