/** What the actions on privileged access share: what Vigia gave for a time, and whom it belongs to. */
import type { Access, AccessState } from '../core/documents.ts';
import { bareName } from '../core/grants.ts';
import type { Proof, Subject } from './action.ts';

/** Given, or it still may be. */
export const OPEN_STATES: readonly AccessState[] = ['waiting', 'approved', 'active', 'ending'];
export const isOpen = ({ state }: Pick<Access, 'state'>): boolean => OPEN_STATES.includes(state);

/** By the person or by the account that holds it, on one target or on all. */
export const isOf =
  ({ account, system }: { account: string; system?: string }) =>
  (access: Access): boolean =>
    [access.account, access.who].some((name) => bareName(name) === bareName(account)) &&
    (system === undefined || access.system === system);

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
