import { afterEach, describe, expect, it } from 'vitest';
import type { Row } from '../../targets/postgresql.ts';
import { type OracleRecord, oracleRecord } from '../../tests/proofs/oracle-record.ts';
import { oracleError } from '../../tests/proofs/recorded-database.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { oracleStripGrants } from './oracle-strip-grants.ts';

type Kind = 'system' | 'roles' | 'objects' | 'columns' | 'proxies';
const here = { common: 'NO', inherited: 'NO' };
const table = { owner: 'PAY', object: 'ORDERS', type: 'TABLE', grantable: 'NO', hierarchy: 'NO', ...here };

/** What the dictionary shows, and the statements of the reference that give and take it. */
const rights: readonly (readonly [Kind, Row, give: string, take: string])[] = [
  [
    'system',
    { privilege: 'CREATE ANY TABLE', admin: 'YES', ...here },
    'GRANT CREATE ANY TABLE TO "PAYMENTS_ADMIN" WITH ADMIN OPTION',
    'REVOKE CREATE ANY TABLE FROM "PAYMENTS_ADMIN"',
  ],
  [
    'system',
    { privilege: 'CREATE SESSION', admin: 'NO', common: 'YES', inherited: 'NO' },
    'GRANT CREATE SESSION TO "PAYMENTS_ADMIN" CONTAINER=ALL',
    'REVOKE CREATE SESSION FROM "PAYMENTS_ADMIN" CONTAINER=ALL',
  ],
  [
    'roles',
    { role: 'DBA', admin: 'NO', delegates: 'NO', is_default: 'YES', ...here },
    'GRANT "DBA" TO "PAYMENTS_ADMIN"',
    'REVOKE "DBA" FROM "PAYMENTS_ADMIN"',
  ],
  [
    'roles',
    { role: 'Pay; DROP USER x', admin: 'YES', delegates: 'NO', is_default: 'NO', ...here },
    'GRANT "Pay; DROP USER x" TO "PAYMENTS_ADMIN" WITH ADMIN OPTION',
    'REVOKE "Pay; DROP USER x" FROM "PAYMENTS_ADMIN"',
  ],
  [
    'objects',
    { ...table, privilege: 'SELECT', grantable: 'YES', hierarchy: 'YES' },
    'GRANT SELECT ON "PAY"."ORDERS" TO "PAYMENTS_ADMIN" WITH HIERARCHY OPTION WITH GRANT OPTION',
    'REVOKE SELECT ON "PAY"."ORDERS" FROM "PAYMENTS_ADMIN"',
  ],
  [
    'objects',
    { ...table, owner: 'SYS', object: 'EXPORTS', type: 'DIRECTORY', privilege: 'READ' },
    'GRANT READ ON DIRECTORY "EXPORTS" TO "PAYMENTS_ADMIN"',
    'REVOKE READ ON DIRECTORY "EXPORTS" FROM "PAYMENTS_ADMIN"',
  ],
  [
    'objects',
    { ...table, object: 'Rates', type: 'JAVA SOURCE', privilege: 'EXECUTE' },
    'GRANT EXECUTE ON JAVA SOURCE "PAY"."Rates" TO "PAYMENTS_ADMIN"',
    'REVOKE EXECUTE ON JAVA SOURCE "PAY"."Rates" FROM "PAYMENTS_ADMIN"',
  ],
  [
    'columns',
    { owner: 'PAY', object: 'ORDERS', col: 'AMOUNT', privilege: 'UPDATE', grantable: 'NO', ...here },
    'GRANT UPDATE ("AMOUNT") ON "PAY"."ORDERS" TO "PAYMENTS_ADMIN"',
    'REVOKE UPDATE ON "PAY"."ORDERS" FROM "PAYMENTS_ADMIN"',
  ],
  [
    'columns',
    { owner: 'PAY', object: 'ORDERS', col: 'STATE', privilege: 'UPDATE', grantable: 'NO', ...here },
    'GRANT UPDATE ("STATE") ON "PAY"."ORDERS" TO "PAYMENTS_ADMIN"',
    'REVOKE UPDATE ON "PAY"."ORDERS" FROM "PAYMENTS_ADMIN"',
  ],
  [
    'proxies',
    { client: 'PAY', authentication: 'NO', how: 'PROXY MAY ACTIVATE ALL CLIENT ROLES', role: null },
    'ALTER USER "PAY" GRANT CONNECT THROUGH "PAYMENTS_ADMIN"',
    'ALTER USER "PAY" REVOKE CONNECT THROUGH "PAYMENTS_ADMIN"',
  ],
  [
    'proxies',
    { client: 'TAX', authentication: 'YES', how: 'PROXY MAY ACTIVATE ROLE', role: 'READER' },
    'ALTER USER "TAX" GRANT CONNECT THROUGH "PAYMENTS_ADMIN" WITH ROLE "READER" AUTHENTICATION REQUIRED',
    'ALTER USER "TAX" REVOKE CONNECT THROUGH "PAYMENTS_ADMIN"',
  ],
];

describe('oracle.strip-grants over recorded statements', () => {
  let oracle: OracleRecord;
  afterEach(() => {
    expect(oracle.refused).toEqual([]);
    oracle.close();
  });
  const all = (kind: Kind) => rights.filter(([one]) => one === kind).map(([, row]) => row);
  const open = (more: object = {}, missing?: string) => {
    const kinds = ['system', 'roles', 'objects', 'columns', 'proxies'] as const;
    oracle = oracleRecord(
      { ...Object.fromEntries(kinds.map((kind) => [kind, all(kind)])), ...more },
      (account) => ({
        ...Object.fromEntries(
          rights.flatMap(([kind, row, give, take]) => [
            // A role that is given anew works from the logon on.
            [
              give,
              () => {
                if (give === missing) throw oracleError(1919, 'role does not exist');
                account[kind].push(kind === 'roles' ? { ...row, is_default: 'YES' } : row);
              },
            ],
            [
              take,
              () => {
                const before = account[kind].length;
                const same = (each: Row) => rights.some(([, one, , words]) => one === each && words === take);
                account[kind] = account[kind].filter(
                  (each) => !same(each) && !(kind === 'roles' && each['role'] === row['role']),
                );
                if (account[kind].length === before)
                  throw oracleError(1927, 'cannot REVOKE privileges you did not grant');
              },
            ],
          ]),
        ),
        'ALTER USER "PAYMENTS_ADMIN" DEFAULT ROLE "DBA"': () => {
          account.roles = account.roles.map((role) => ({
            ...role,
            is_default: role['role'] === 'DBA' ? 'YES' : 'NO',
          }));
        },
      }),
    );
    return verbs(oracleStripGrants, oracle);
  };

  it('takes each right by the statement of the reference, and gives all back with the default roles', async () => {
    const strip = open();
    const { plan } = await strip.plan({ account: 'PAYMENTS_ADMIN' });
    expect(plan.changes).toEqual(rights.map(([, , give]) => `- taken back: ${give}`));
    expect(await strip.verify()).toMatchObject({ outcome: 'not-proven' });
    await strip.act();
    // Two columns are taken by one statement.
    expect(oracle.changes).toEqual([...new Set(rights.map(([, , , take]) => take))]);
    expect(await strip.verify()).toMatchObject({ outcome: 'proven' });
    expect(await strip.undo()).toMatchObject({ outcome: 'proven' });
    expect(oracle.changes.slice(-rights.length - 1)).toEqual([
      ...rights.map(([, , give]) => give),
      'ALTER USER "PAYMENTS_ADMIN" DEFAULT ROLE "DBA"',
    ]);
    expect({ ...oracle.account }).toMatchObject({ system: all('system'), roles: all('roles') });
  });

  it('says what could not be given back', async () => {
    const strip = open({ columns: [] }, 'GRANT "DBA" TO "PAYMENTS_ADMIN"');
    await strip.plan({ account: 'PAYMENTS_ADMIN' });
    await strip.act();
    await expect(strip.undo()).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('ORA-01919'),
    });
  });

  it.each([
    ['a power of the password file', { powers: [{ sysdba: 'TRUE', sysoper: 'FALSE' }] }, 'SYSDBA'],
    [
      'a right from the root',
      { system: [{ privilege: 'SELECT ANY TABLE', admin: 'NO', common: 'YES', inherited: 'YES' }] },
      'SELECT ANY TABLE, given in the root',
    ],
  ])('is not proven while %s is left, and says so in the plan', async (_, more, left) => {
    const strip = open(more);
    const { plan } = await strip.plan({ account: 'PAYMENTS_ADMIN' });
    expect(plan.stays.join('\n')).toContain(`NOT taken, and then not proven: ${left}`);
    await strip.act();
    expect(await strip.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringContaining(left),
    });
  });

  it('says what goes with the rights and does not come back', async () => {
    const { plan } = await open({ givenToOthers: 4 }).plan({ account: 'PAYMENTS_ADMIN' });
    expect(plan.changes.at(-1)).toContain('4 object privileges that it gave to others');
    expect(plan.undo).toContain('NOT what it gave to others');
  });

  it('takes nothing when there are more than approved', async () => {
    const strip = open();
    await strip.plan({ account: 'PAYMENTS_ADMIN', maxGrants: rights.length });
    oracle.account.system.push({ privilege: 'DROP USER', admin: 'NO', ...here });
    await expect(strip.act()).rejects.toMatchObject({ exitCode: 4 });
    expect(oracle.changes).toEqual([]);
  });
});
