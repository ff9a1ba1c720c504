/** What the actions on privileged access share: what Vigia gave for a time, and whom it belongs to. */
import type { Access, AccessState } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { bareName } from '../core/grants.ts';
import { findAccount } from '../targets/directory-accounts.ts';
import type { ActionContext, Proof, Subject } from './action.ts';
import { account, line } from './inputs.ts';

/** Whose access, and where. */
export interface HolderInput {
  readonly account: string;
  readonly directory?: string;
  readonly system?: string;
}

export const holderInput = {
  account: { ...account, description: 'The person, or the account that holds it.' },
  directory: { ...line(256), description: 'The directory that knows its other names; needed for a SID.' },
  system: { ...line(256), description: 'Only on this target; on all when left out.' },
} as const;

/** Given, or it still may be. */
export const OPEN_STATES: readonly AccessState[] = ['waiting', 'approved', 'active', 'ending'];
export const isOpen = ({ state }: Pick<Access, 'state'>): boolean => OPEN_STATES.includes(state);

/** Open access by the person or by the account that holds it, on one target or on all. */
export async function openOf(input: HolderInput, ctx: ActionContext): Promise<Access[]> {
  const names = new Set((await namesOf(input, ctx)).map(bareName));
  return (await ctx.access.open()).filter(
    ({ account, who, system }) =>
      [account, who].some((name) => names.has(bareName(name))) &&
      (input.system === undefined || input.system === system),
  );
}

/** Access is asked for by logon names: another name of the same account says nothing to it. */
async function namesOf({ account, directory }: HolderInput, ctx: ActionContext): Promise<readonly string[]> {
  if (directory !== undefined)
    return [account, ...(await ctx.directory(directory, (known) => findAccount(known, account))).names];
  if (/^S-1-[\d-]+$/i.test(account))
    throw errors.refused(
      'access is known by logon names, not by SIDs',
      'name the directory that knows the SID, or the logon name',
    );
  return [account];
}

export const holderSubject = ({ system, account, who }: Access): Subject => ({
  system,
  kind: 'named-asset',
  names: [...new Set([account, who])],
});

/** As good as the worst of them. */
export function together(proofs: readonly Proof[]): Proof {
  const worst = (['not-proven', 'unknown'] as const).find((one) =>
    proofs.some(({ outcome }) => outcome === one),
  );
  const told = worst === undefined ? proofs : proofs.filter(({ outcome }) => outcome !== 'proven');
  const detail = told.map((one) => one.detail).join('; ');
  return { outcome: worst ?? 'proven', detail: detail === '' ? 'nothing was there' : detail };
}
