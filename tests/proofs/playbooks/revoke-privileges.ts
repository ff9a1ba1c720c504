/** revoke-privileged-access: an administrator of a directory, a PostgreSQL and a MariaDB, whose own logs count, with leases in a record of a vault. */
import type { Entry } from 'ldapts';
import { containment, type Person } from '../containment.ts';
import { mariadbAccounts } from '../mariadb-accounts.ts';
import { databaseChanges, directoryChanges, mariadbChanges } from '../target-logs.ts';
import { vaultRecord } from '../vault-record.ts';
import type { Story } from './story.ts';

export const revokePrivileges: Story = {
  flow: 'revoke-privileged-access',
  needs: ['samba', 'postgres', 'mariadb'],
  async open(beds, tag) {
    const [samba, postgres, mariadb] = await Promise.all([beds.samba(), beds.postgres(), beds.mariadb()]);
    const bed = await containment(samba, postgres, tag);
    const maria = await mariadbAccounts(mariadb, tag);
    const vault = await vaultRecord();
    const stateOf = async ({ name, dn }: Person) => {
      const attributes = ['memberOf', 'userAccountControl'];
      const { searchEntries } = await bed.ldap.search(dn, { scope: 'base', attributes });
      const { memberOf, userAccountControl }: Partial<Entry> = searchEntries[0] ?? {};
      const { rows } = await bed.pg.query(
        'SELECT roleid::regrole::text AS name FROM pg_auth_members WHERE member = $1::text::regrole',
        [`"${name}"`],
      );
      const groups = [memberOf ?? []].flat().map(String).sort();
      return { groups, userAccountControl, roles: rows, ...(await maria.stateOf(`${name}@%`)) };
    };
    return {
      targets: { ...bed.targets, ...maria.targets, ...vault.targets },
      async scene(name) {
        const person = await bed.person(name, ['Domain Admins']);
        await bed.pg.query(`GRANT pg_monitor TO "${name}"`);
        const password = await maria.account(`${name}@%`);
        await maria.query(`GRANT ALL PRIVILEGES ON *.* TO '${name}'@'%'`);
        const sessions = [await bed.session(person), await maria.session(name, password)];
        const leases = `database/creds/${name}`;
        vault.path(leases);
        vault.valid.add(`${leases}/a1`);
        return {
          input: { account: name, role: name, dbaccount: `${name}@%`, leases: [leases] },
          async changes() {
            await Promise.all(sessions.map(({ ended }) => ended));
            const { 'member -= Domain Admins': group, 'userAccountControl |= 2': flags } = directoryChanges(
              samba,
              person,
            );
            const { REVOKE, terminate } = databaseChanges(postgres, person);
            const { REVOKE: grants, KILL } = mariadbChanges(mariadb, name);
            const revoked = vault.calls.filter(
              ({ call, body }) => call === 'PUT /v1/sys/leases/revoke' && body.includes(`${leases}/a1`),
            );
            return {
              lease: revoked.length,
              group: group!,
              flags: flags!,
              REVOKE: REVOKE!,
              terminate: terminate!,
              grants: grants!,
              KILL: KILL!,
            };
          },
          async left() {
            const { groups, userAccountControl, roles, grants, locked } = await stateOf(person);
            const left = {
              'privileged groups': groups.length > 0,
              leases: [...vault.valid].some((lease) => lease.startsWith(leases)),
              'flags of delegation': userAccountControl !== String(0x200 | 0x10_0000),
              'role memberships': roles.length > 0,
              grants: grants.length !== 1,
              'no logon any more': locked,
            };
            return Object.entries(left).flatMap(([what, isLeft]) => (isLeft ? [what] : []));
          },
          state: () => stateOf(person),
        };
      },
      async close() {
        await vault.close();
        await maria.close();
        await bed.close();
      },
    };
  },
};
