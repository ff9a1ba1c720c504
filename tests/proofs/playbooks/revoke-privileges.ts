/** revoke-privileged-access: an administrator of a directory, a PostgreSQL and a MariaDB, whose own logs count. */
import type { Entry } from 'ldapts';
import { containment } from '../containment.ts';
import { mariadbAccounts } from '../mariadb-accounts.ts';
import { databaseChanges, directoryChanges, mariadbChanges } from '../target-logs.ts';
import type { Story } from './story.ts';

export const revokePrivileges: Story = {
  flow: 'revoke-privileged-access',
  needs: ['samba', 'postgres', 'mariadb'],
  async open(beds, tag) {
    const [samba, postgres, mariadb] = await Promise.all([beds.samba(), beds.postgres(), beds.mariadb()]);
    const bed = await containment(samba, postgres, tag);
    const maria = await mariadbAccounts(mariadb, tag);
    return {
      targets: { ...bed.targets, ...maria.targets },
      async scene(name) {
        const person = await bed.person(name, ['Domain Admins']);
        await bed.pg.query(`GRANT pg_monitor TO "${name}"`);
        const password = await maria.account(`${name}@%`);
        await maria.query(`GRANT ALL PRIVILEGES ON *.* TO '${name}'@'%'`);
        const sessions = [await bed.session(person), await maria.session(name, password)];
        return {
          input: { account: name, role: name, dbaccount: `${name}@%` },
          async changes() {
            await Promise.all(sessions.map(({ ended }) => ended));
            const { 'member -= Domain Admins': group, 'userAccountControl |= 2': flags } = directoryChanges(
              samba,
              person,
            );
            const { REVOKE, terminate } = databaseChanges(postgres, person);
            const { REVOKE: grants, KILL } = mariadbChanges(mariadb, name);
            return {
              group: group!,
              flags: flags!,
              REVOKE: REVOKE!,
              terminate: terminate!,
              grants: grants!,
              KILL: KILL!,
            };
          },
          async left() {
            const attributes = ['memberOf', 'userAccountControl'];
            const { searchEntries } = await bed.ldap.search(person.dn, { scope: 'base', attributes });
            const { memberOf, userAccountControl }: Partial<Entry> = searchEntries[0] ?? {};
            const { locked, grants } = await maria.stateOf(`${name}@%`);
            const { rowCount } = await bed.pg.query(
              'SELECT FROM pg_auth_members WHERE member = $1::text::regrole',
              [`"${name}"`],
            );
            const left = {
              'privileged groups': [memberOf ?? []].flat().length > 0,
              'flags of delegation': userAccountControl !== String(0x200 | 0x10_0000),
              'role memberships': rowCount !== 0,
              grants: grants.length !== 1,
              'no logon any more': locked,
            };
            return Object.entries(left).flatMap(([what, isLeft]) => (isLeft ? [what] : []));
          },
        };
      },
      async close() {
        await maria.close();
        await bed.close();
      },
    };
  },
};
