/** Names the bits of `userAccountControl` ([MS-ADTS] 2.2.16), because rules cannot test bits. */

const flagNames: readonly (readonly [number, string])[] = [
  [0x1, 'SCRIPT'],
  [0x2, 'ACCOUNTDISABLE'],
  [0x8, 'HOMEDIR_REQUIRED'],
  [0x10, 'LOCKOUT'],
  [0x20, 'PASSWD_NOTREQD'],
  [0x40, 'PASSWD_CANT_CHANGE'],
  [0x80, 'ENCRYPTED_TEXT_PASSWORD_ALLOWED'],
  [0x100, 'TEMP_DUPLICATE_ACCOUNT'],
  [0x200, 'NORMAL_ACCOUNT'],
  [0x800, 'INTERDOMAIN_TRUST_ACCOUNT'],
  [0x1000, 'WORKSTATION_TRUST_ACCOUNT'],
  [0x2000, 'SERVER_TRUST_ACCOUNT'],
  [0x10000, 'DONT_EXPIRE_PASSWORD'],
  [0x20000, 'MNS_LOGON_ACCOUNT'],
  [0x40000, 'SMARTCARD_REQUIRED'],
  [0x80000, 'TRUSTED_FOR_DELEGATION'],
  [0x100000, 'NOT_DELEGATED'],
  [0x200000, 'USE_DES_KEY_ONLY'],
  [0x400000, 'DONT_REQ_PREAUTH'],
  [0x800000, 'PASSWORD_EXPIRED'],
  [0x1000000, 'TRUSTED_TO_AUTH_FOR_DELEGATION'],
  [0x2000000, 'NO_AUTH_DATA_REQUIRED'],
  [0x4000000, 'PARTIAL_SECRETS_ACCOUNT'],
];

export interface AccountFlags {
  now: string[];
  turned_on: string[];
  turned_off: string[];
}

/** Where the record does not tell the former value, every flag of the new one counts as turned on. */
export function accountFlags(
  before: string | undefined,
  after: string | undefined,
): AccountFlags | undefined {
  const now = bits(after);
  if (now === undefined) return undefined;
  const was = bits(before);
  return {
    now: names(now),
    turned_on: names(now & ~(was ?? 0)),
    turned_off: was === undefined ? [] : names(was & ~now),
  };
}

const names = (value: number): string[] =>
  flagNames.filter(([bit]) => (value & bit) !== 0).map(([, name]) => name);

const bits = (written: string | undefined): number | undefined =>
  written !== undefined && /^-?\d{1,10}$/.test(written) ? Number(written) | 0 : undefined;
