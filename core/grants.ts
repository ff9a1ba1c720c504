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

/** Inclusive at its beginning, exclusive at its end or at the moment when it was taken back. */
export function covers(grant: Grant, { who, system, atMs }: Use, role?: string): boolean {
  const until = Math.min(Date.parse(grant.to), grant.revoked ? Date.parse(grant.revoked) : Infinity);
  return (
    atMs >= Date.parse(grant.from) &&
    atMs < until &&
    bareName(grant.who) === bareName(who) &&
    [grant.system, ...(grant.also ?? [])].some((name) => sameSystem(name, system)) &&
    (role === undefined || grant.role.toLowerCase() === role.toLowerCase())
  );
}
