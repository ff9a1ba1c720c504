import { afterEach, describe, expect, it } from 'vitest';
import type { Row } from '../../targets/postgresql.ts';
import { sqlServerError } from '../../tests/proofs/recorded-database.ts';
import { type SqlServerRecord, sqlServerRecord } from '../../tests/proofs/sqlserver-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { sqlserverStripLogin } from './sqlserver-strip-login.ts';

type Kind = 'serverRoles' | 'serverPermissions' | 'roles' | 'permissions';
const onServer = { state: 'G', grantor: 'sa', principal: null, principal_type: null, endpoint: null };
const inPay = {
  user: 'pay user',
  state: 'G',
  grantor: 'dbo',
  schema: null,
  object: null,
  column: null,
  principal: null,
  principal_type: null,
};

/** What the catalogue shows, and the statements of the reference that give and take it. */
const rights: readonly (readonly [Kind, Row, give: string, take: string])[] = [
  [
    'serverRoles',
    { role: 'sysadmin' },
    'ALTER SERVER ROLE [sysadmin] ADD MEMBER [payments_app]',
    'ALTER SERVER ROLE [sysadmin] DROP MEMBER [payments_app]',
  ],
  [
    'serverPermissions',
    { ...onServer, class: 'SERVER', permission: 'CONTROL SERVER', state: 'W' },
    'GRANT CONTROL SERVER TO [payments_app] WITH GRANT OPTION AS [sa]',
    'REVOKE CONTROL SERVER FROM [payments_app] CASCADE AS [sa]',
  ],
  [
    'serverPermissions',
    {
      ...onServer,
      class: 'SERVER_PRINCIPAL',
      permission: 'IMPERSONATE',
      principal: 'o]ps',
      principal_type: 'S',
    },
    'GRANT IMPERSONATE ON LOGIN::[o]]ps] TO [payments_app] AS [sa]',
    'REVOKE IMPERSONATE ON LOGIN::[o]]ps] FROM [payments_app] AS [sa]',
  ],
  [
    'serverPermissions',
    { ...onServer, class: 'ENDPOINT', permission: 'CONNECT', endpoint: 'mirror' },
    'GRANT CONNECT ON ENDPOINT::[mirror] TO [payments_app] AS [sa]',
    'REVOKE CONNECT ON ENDPOINT::[mirror] FROM [payments_app] AS [sa]',
  ],
  [
    'roles',
    { user: 'pay user', role: 'db_owner' },
    'USE [pay]; ALTER ROLE [db_owner] ADD MEMBER [pay user]',
    'USE [pay]; ALTER ROLE [db_owner] DROP MEMBER [pay user]',
  ],
  [
    'permissions',
    { ...inPay, class: 'DATABASE', permission: 'ALTER ANY USER' },
    'USE [pay]; GRANT ALTER ANY USER TO [pay user] AS [dbo]',
    'USE [pay]; REVOKE ALTER ANY USER FROM [pay user] AS [dbo]',
  ],
  [
    'permissions',
    { ...inPay, class: 'OBJECT_OR_COLUMN', permission: 'UPDATE', schema: 'hr', object: 'pay', column: 'sum' },
    'USE [pay]; GRANT UPDATE ON OBJECT::[hr].[pay] ([sum]) TO [pay user] AS [dbo]',
    'USE [pay]; REVOKE UPDATE ON OBJECT::[hr].[pay] ([sum]) FROM [pay user] AS [dbo]',
  ],
  [
    'permissions',
    { ...inPay, class: 'SCHEMA', permission: 'SELECT', schema: 'hr', state: 'W', grantor: 'lead' },
    'USE [pay]; GRANT SELECT ON SCHEMA::[hr] TO [pay user] WITH GRANT OPTION AS [lead]',
    'USE [pay]; REVOKE SELECT ON SCHEMA::[hr] FROM [pay user] CASCADE AS [lead]',
  ],
  [
    'permissions',
    {
      ...inPay,
      class: 'DATABASE_PRINCIPAL',
      permission: 'IMPERSONATE',
      principal: 'dbo',
      principal_type: 'S',
    },
    'USE [pay]; GRANT IMPERSONATE ON USER::[dbo] TO [pay user] AS [dbo]',
    'USE [pay]; REVOKE IMPERSONATE ON USER::[dbo] FROM [pay user] AS [dbo]',
  ],
];

describe('sqlserver.strip-login over recorded statements', () => {
  let server: SqlServerRecord;
  afterEach(() => {
    expect(server.refused).toEqual([]);
    server.close();
  });
  const all = (kind: Kind) => rights.filter(([one]) => one === kind).map(([, row]) => row);
  const open = (more: object = {}, missing?: string) => {
    const kinds = ['serverRoles', 'serverPermissions', 'roles', 'permissions'] as const;
    server = sqlServerRecord(
      { ...Object.fromEntries(kinds.map((kind) => [kind, all(kind)])), ...more },
      (login) =>
        Object.fromEntries(
          rights.flatMap(([kind, row, give, take]) => [
            [
              give,
              () => {
                if (give === missing) throw sqlServerError(15_151, 'Cannot find the principal.');
                login[kind] = all(kind).filter((one) => one === row || login[kind].includes(one));
              },
            ],
            [take, () => void (login[kind] = login[kind].filter((one) => one !== row))],
          ]),
        ),
    );
    return verbs(sqlserverStripLogin, server);
  };

  it('takes each role and permission by the statement of the reference, and gives all back', async () => {
    const strip = open();
    const { plan } = await strip.plan({ account: 'payments_app' });
    expect(plan.changes).toEqual(rights.map(([, , give]) => `- taken back: ${give}`));
    await strip.act();
    expect(server.changes).toEqual(rights.map(([, , , take]) => take));
    expect(await strip.verify()).toMatchObject({ outcome: 'proven' });
    expect(await strip.undo()).toMatchObject({ outcome: 'proven' });
    expect(server.changes.slice(rights.length)).toEqual(rights.map(([, , give]) => give));
  });

  it('stops at what the server refuses, and says so', async () => {
    const strip = open({}, 'USE [pay]; ALTER ROLE [db_owner] ADD MEMBER [pay user]');
    await strip.plan({ account: 'payments_app' });
    await strip.act();
    await expect(strip.undo()).rejects.toMatchObject({ exitCode: 3 });
  });

  it.each<[string, object, string]>([
    ['a database of its own', { databases: [{ name: 'p]y', owned: 1, open: 0 }] }, '[p]]y], which it owns'],
    ['a database that is shut to Vigia', { databases: [{ name: 'tax', owned: 0, open: 0 }] }, 'may not look'],
    [
      'a right on what we have no statement for',
      { permissions: [{ ...inPay, class: 'SYMMETRIC_KEYS', permission: 'CONTROL' }] },
      'CONTROL on a symmetric_keys of the database [pay]',
    ],
    [
      'what is no permission of the language',
      { permissions: [{ ...inPay, class: 'DATABASE', permission: 'SELECT TO x; DROP' }] },
      'SELECT TO x; DROP',
    ],
  ])('is not proven while %s is left, and says so in the plan', async (_, more, left) => {
    const strip = open(more);
    const { plan } = await strip.plan({ account: 'payments_app' });
    expect(plan.stays.find((line) => line.includes(left))).toMatch(/^NOT taken, and then not proven/);
    await strip.act();
    expect(await strip.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringContaining(left),
    });
  });

  it('takes nothing when there are more than approved', async () => {
    const strip = open();
    await strip.plan({ account: 'payments_app', maxGrants: rights.length });
    server.login.serverRoles = [...server.login.serverRoles, { role: 'securityadmin' }];
    await expect(strip.act()).rejects.toMatchObject({ exitCode: 4 });
    expect(server.changes).toEqual([]);
  });
});
