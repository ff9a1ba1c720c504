/** The flags of a directory account (userAccountControl), changed only from the value that was read. */
import type { Directory } from '../targets/directory.ts';
import type { Account } from '../targets/directory-accounts.ts';

/** Others cannot take its tickets further. */
export const NOT_DELEGATED = 0x10_0000;
/** It may take the tickets of others further: to any service, or also without their password. */
export const TRUSTED_FOR_DELEGATION = 0x8_0000;
export const TRUSTED_TO_AUTHENTICATE = 0x100_0000;
export const PASSWORD_NEVER_EXPIRES = 0x1_0000;

/** Old value out, new value in: refused by the directory when somebody changed a flag since we read it. */
export async function setControl(
  directory: Directory,
  { at, control }: Account,
  to: number,
): Promise<boolean> {
  if (to === control) return false;
  await directory.modify(at, [
    { operation: 'delete', attribute: 'userAccountControl', values: [String(control)] },
    { operation: 'add', attribute: 'userAccountControl', values: [String(to)] },
  ]);
  return true;
}
