/** What an action of Oracle's audit trail is, in ECS words; numbers as in the view AUDIT_ACTIONS ("Database Reference"). */

/** The numbers that audit files write; others are kept as `action-123`. */
export const ACTION_NAMES: Readonly<Record<string, string>> = {
  ...{
    1: 'CREATE TABLE',
    2: 'INSERT',
    3: 'SELECT',
    6: 'UPDATE',
    7: 'DELETE',
    12: 'DROP TABLE',
    15: 'ALTER TABLE',
  },
  ...{ 17: 'GRANT', 18: 'REVOKE', 24: 'CREATE PROCEDURE', 25: 'ALTER PROCEDURE', 30: 'AUDIT', 31: 'NOAUDIT' },
  ...{ 32: 'CREATE DATABASE LINK', 33: 'DROP DATABASE LINK', 35: 'ALTER DATABASE', 42: 'ALTER SESSION' },
  ...{ 43: 'ALTER USER', 44: 'COMMIT', 45: 'ROLLBACK', 47: 'EXECUTE', 49: 'ALTER SYSTEM', 51: 'CREATE USER' },
  ...{
    52: 'CREATE ROLE',
    53: 'DROP USER',
    54: 'DROP ROLE',
    55: 'SET ROLE',
    59: 'CREATE TRIGGER',
    60: 'ALTER TRIGGER',
  },
  ...{ 61: 'DROP TRIGGER', 65: 'CREATE PROFILE', 66: 'DROP PROFILE', 67: 'ALTER PROFILE', 79: 'ALTER ROLE' },
  ...{ 85: 'TRUNCATE TABLE', 91: 'CREATE FUNCTION', 94: 'CREATE PACKAGE', 100: 'LOGON', 101: 'LOGOFF' },
  ...{
    102: 'LOGOFF BY CLEANUP',
    104: 'AUDIT',
    105: 'NOAUDIT',
    108: 'GRANT',
    109: 'REVOKE',
    114: 'GRANT',
    115: 'REVOKE',
  },
  ...{ 116: 'EXECUTE', 157: 'CREATE DIRECTORY', 158: 'DROP DIRECTORY', 197: 'PURGE USER_RECYCLEBIN' },
};

export interface Kind {
  record: 'login' | 'logout' | 'statement';
  action: string;
  category: string[];
  type: string[];
  outcome: 'success' | 'failure' | 'unknown';
  reason?: string;
}

/** "Database Error Messages", in our words. */
const REASONS: Readonly<Record<string, string>> = {
  '942': 'no such table or view, or no right to see it',
  '1005': 'empty password',
  '1017': 'wrong password or unknown account',
  '1031': 'insufficient privileges',
  '1045': 'account may not create a session',
  '1918': 'no such user',
  '28000': 'account is locked',
  '28001': 'password has expired',
  '28003': 'password fails the verification',
  '28009': 'SYS may connect only as SYSDBA or SYSOPER',
  '28040': 'no matching authentication protocol',
};
const DENIED = new Set(['1031', '41900', '1720', '28007']);

const ACCOUNTS =
  /^(?:(?:CREATE|ALTER|DROP) (?:USER|ROLE|PROFILE)|GRANT|REVOKE|SET ROLE|ADMINISTER KEY MANAGEMENT)$/;
const SETTINGS =
  /^(?:AUDIT|NOAUDIT|(?:CREATE|ALTER|DROP) AUDIT POLICY|ALTER (?:SYSTEM|DATABASE|PLUGGABLE DATABASE)|(?:CREATE|ALTER) SPFILE)$/;
const READS = /^(?:SELECT|READ|EXPLAIN|EXPORT)$/;

const kebab = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 64);

export function kindOf(name: string, code: string): Kind {
  const failed = code !== '' && code !== '0';
  const outcome = code === '' ? 'unknown' : failed ? 'failure' : 'success';
  const reason = failed ? { reason: REASONS[code] ?? `ORA-${code.padStart(5, '0')}` } : {};
  if (name === 'LOGON')
    return {
      record: 'login',
      action: 'database-login',
      category: ['authentication'],
      type: ['start'],
      outcome,
      ...reason,
    };
  if (name.startsWith('LOGOFF'))
    return {
      record: 'logout',
      action: 'database-logout',
      category: ['session'],
      type: ['end'],
      outcome,
      ...reason,
    };
  if (DENIED.has(code))
    return {
      record: 'statement',
      action: 'permission-denied',
      category: ['database'],
      type: ['error'],
      outcome,
      ...reason,
    };
  const [category, type] = ACCOUNTS.test(name)
    ? [
        ['database', 'iam'],
        ['change', 'admin'],
      ]
    : SETTINGS.test(name)
      ? [['database', 'configuration'], ['change']]
      : [['database'], [READS.test(name) ? 'access' : 'change']];
  return {
    record: 'statement',
    action: kebab(name) || 'statement',
    category: category!,
    type: type!,
    outcome,
    ...reason,
  };
}
