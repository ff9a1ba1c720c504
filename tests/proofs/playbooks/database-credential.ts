/** database-credential-compromise: an account on a PostgreSQL and one on a MariaDB, whose own logs count, and a person who answers. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { containment } from '../containment.ts';
import { mariadbAccounts } from '../mariadb-accounts.ts';
import { databaseChanges, mariadbChanges } from '../target-logs.ts';
import type { Story } from './story.ts';

export const databaseCredential: Story = {
  flow: 'database-credential-compromise',
  needs: ['samba', 'postgres', 'mariadb'],
  async open(beds, tag) {
    const [samba, postgres, mariadb] = await Promise.all([beds.samba(), beds.postgres(), beds.mariadb()]);
    const pg = await containment(samba, postgres, tag);
    const maria = await mariadbAccounts(mariadb, tag);
    await maria.query(`CREATE DATABASE \`${tag}\``);
    return {
      targets: { postgresql: pg.targets.postgresql, ...maria.targets },
      async scene(name) {
        const role = await pg.person(name);
        await pg.pg.query(`GRANT pg_monitor TO "${name}"`);
        const password = await maria.account(`${name}@%`);
        await maria.query(`GRANT ALL PRIVILEGES ON \`${tag}\`.* TO '${name}'@'%'`);
        const sessions = [await pg.session(role), await maria.session(name, password)];
        return {
          input: { roles: [name], accounts: [`${name}@%`], application: name },
          async changes() {
            await Promise.all(sessions.map(({ ended }) => ended));
            const { 'ALTER ROLE': locked, REVOKE, terminate } = databaseChanges(postgres, role);
            return {
              'ALTER ROLE': locked!,
              REVOKE: REVOKE!,
              terminate: terminate!,
              ...mariadbChanges(mariadb, name),
            };
          },
          async state() {
            const powers = await pg.pg.query(
              `SELECT rolcanlogin, rolconnlimit, coalesce(rolvaliduntil, 'infinity')::text AS until,
                      ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid ORDER BY 1) AS groups
                 FROM pg_roles r WHERE rolname = $1`,
              [name],
            );
            return { role: powers.rows[0], account: await maria.stateOf(`${name}@%`) };
          },
          async left() {
            const state = await maria.stateOf(`${name}@%`);
            return [
              ...(await worksWith(pg.handover, name, (secret) => pg.session({ ...role, password: secret }))),
              ...(await worksWith(maria.handover, name, (secret) => maria.session(name, secret))),
              ...(await accepts(() => pg.session(role), 'the role lets its old secret in')),
              ...(await accepts(() => maria.session(name, password), 'the account lets its old secret in')),
              ...(state.locked ? [] : ['the account is not locked']),
              ...(state.grants.length === 1 ? [] : ['the account has grants']),
            ];
          },
        };
      },
      async close() {
        await maria.close();
        await pg.close();
      },
    };
  },
};

const accepts = (logon: () => Promise<unknown>, what: string): Promise<string[]> =>
  logon().then(
    () => [what],
    () => [],
  );

/** Locked, so nobody gets in; but that it is the secret of the last file is told by why it is refused. */
async function worksWith(
  folder: string,
  name: string,
  logon: (secret: string) => Promise<unknown>,
): Promise<string[]> {
  const secrets = readdirSync(folder)
    .filter((file) => file.includes(name))
    .map((file) => readFileSync(join(folder, file), 'utf8').trimEnd());
  if (secrets.length === 0) return [`no secret of ${name} was left`];
  for (const secret of secrets) {
    const refusal = await logon(secret).then(
      () => undefined,
      (cause: { errno?: number; code?: string }) => cause,
    );
    // MariaDB says "locked" only to who has the password; PostgreSQL tells nobody.
    if (refusal === undefined || refusal.errno === 4151 || refusal.code === '28P01') return [];
  }
  return [`no secret that was left is that of ${name}`];
}
