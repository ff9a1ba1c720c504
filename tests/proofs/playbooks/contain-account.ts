/** contain-account on a directory and a database: the directory's audit log and the database's own log count. */
import type { Entry } from 'ldapts';
import { type Containment, containment, type Person } from '../containment.ts';
import { databaseChanges, directoryChanges } from '../target-logs.ts';
import type { Story } from './story.ts';

export const containAccount: Story = {
  flow: 'contain-account',
  needs: ['samba', 'postgres'],
  async open(beds, tag) {
    const [samba, postgres] = await Promise.all([beds.samba(), beds.postgres()]);
    const bed = await containment(samba, postgres, tag);
    await bed.group(`${tag}-nested`, ['Domain Admins']);
    return {
      targets: bed.targets,
      wellEnough: { 'directory.end-sessions': 'hour is forbidden' },
      async scene(name) {
        const person = await bed.person(name, ['Domain Admins', `${tag}-nested`]);
        await bed.pg.query(`GRANT pg_monitor TO "${name}"`);
        const session = await bed.session(person);
        return {
          input: { account: name, role: name },
          async changes() {
            await session.ended;
            return { ...directoryChanges(samba, person), ...databaseChanges(postgres, person) };
          },
          left: () => notContained(bed, person),
        };
      },
      close: () => bed.close(),
    };
  },
};

/** Asked of the targets, not of Vigia. */
async function notContained(bed: Containment, person: Person): Promise<string[]> {
  const { searchEntries } = await bed.ldap.search(person.dn, {
    scope: 'base',
    attributes: ['userAccountControl', 'memberOf', 'logonHours'],
  });
  const entry: Partial<Entry> = searchEntries[0] ?? {};
  const role = await bed.pg.query(
    `SELECT rolcanlogin OR rolconnlimit <> 0 AS open, EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid) AS member,
            EXISTS (SELECT FROM pg_stat_activity WHERE usesysid = r.oid) AS session FROM pg_roles r WHERE rolname = $1`,
    [person.name],
  );
  const { open, member, session } = role.rows[0];
  const left = {
    'account enabled': (Number(entry['userAccountControl']) & 2) === 0,
    'privileged groups': [entry['memberOf'] ?? []].flat().length > 0,
    'logon hours': String(entry['logonHours'] ?? '') === '',
    'role open': open,
    'role memberships': member,
    sessions: session,
  };
  return Object.entries(left).flatMap(([what, isLeft]) => (isLeft ? [what] : []));
}
