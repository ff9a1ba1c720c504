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
          state: () => stateOf(bed, person),
        };
      },
      close: () => bed.close(),
    };
  },
};

/** Asked of the targets, not of Vigia. */
async function stateOf({ ldap, pg }: Containment, { dn, name }: Person) {
  const attributes = ['userAccountControl', 'memberOf', 'logonHours'];
  const { searchEntries } = await ldap.search(dn, { scope: 'base', attributes });
  const { userAccountControl, memberOf, logonHours }: Partial<Entry> = searchEntries[0] ?? {};
  const role = await pg.query(
    `SELECT rolcanlogin, rolconnlimit, coalesce(rolvaliduntil, 'infinity')::text AS until,
            ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid ORDER BY 1) AS groups
       FROM pg_roles r WHERE rolname = $1`,
    [name],
  );
  return {
    control: Number(userAccountControl),
    groups: [memberOf ?? []].flat().map(String).sort(),
    logonHours: String(logonHours ?? ''),
    role: role.rows[0],
  };
}

async function notContained(bed: Containment, person: Person): Promise<string[]> {
  const { control, groups, logonHours, role } = await stateOf(bed, person);
  const session = await bed.pg.query('SELECT FROM pg_stat_activity WHERE usename = $1', [person.name]);
  const left = {
    'account enabled': (control & 2) === 0,
    'privileged groups': groups.length > 0,
    'logon hours': logonHours === '',
    'role open': role.rolcanlogin || role.rolconnlimit !== 0,
    'role memberships': role.groups.length > 0,
    sessions: session.rowCount !== 0,
  };
  return Object.entries(left).flatMap(([what, isLeft]) => (isLeft ? [what] : []));
}
