import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { postgresqlLockRole } from './postgresql-lock-role.ts';

const samba = await need('samba');
const postgres = await need('postgres');

postgres.describe('postgresql.lock-role', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'lock');
    await bed.pg.query(
      'CREATE ROLE "lock-ledger"; CREATE ROLE "lock-desk"; CREATE ROLE "lock-granter" SUPERUSER',
    );
  });
  afterAll(() => bed.close());
  const roleOf = async (name: string) => {
    const role = await bed.pg.query(
      'SELECT *, rolvaliduntil::text AS until FROM pg_roles WHERE rolname = $1',
      [name],
    );
    const memberships = await bed.pg.query(
      `SELECT roleid::regrole::text, admin_option, grantor::regrole::text FROM pg_auth_members WHERE member = $1 ORDER BY 1`,
      [role.rows[0].oid],
    );
    return { ...role.rows[0], rolvaliduntil: undefined, memberships: memberships.rows };
  };

  it('takes superuser from open sessions at once, and undo restores every flag and membership with its grantor', async () => {
    const name = 'lock-ada "quoted"; DROP ROLE postgres';
    const quoted = bed.pg.escapeIdentifier(name);
    await bed.pg.query(`CREATE ROLE ${quoted} LOGIN PASSWORD 'Va1-lock'`);
    await bed.pg.query(`ALTER ROLE ${quoted} SUPERUSER CREATEROLE BYPASSRLS CONNECTION LIMIT 4 VALID UNTIL '2031-05-06 07:08:09+00';
      GRANT "lock-desk" TO ${quoted}; SET ROLE "lock-granter"; GRANT "lock-ledger" TO ${quoted} WITH ADMIN OPTION; RESET ROLE`);
    const before = await roleOf(name);
    expect(before.memberships).toHaveLength(2);
    const session = await bed.session({ name, dn: '', password: 'Va1-lock' });
    const lock = verbs(postgresqlLockRole, bed);
    await lock.plan({ role: name });
    expect(await lock.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/LOGIN, SUPERUSER, CREATEROLE, BYPASSRLS/),
    });
    await lock.act();
    expect(await lock.verify()).toMatchObject({ outcome: 'proven' });
    await expect(session.client.query('SELECT * FROM pg_authid')).rejects.toMatchObject({ code: '42501' });
    expect(await lock.undo()).toMatchObject({ outcome: 'proven' });
    expect(await roleOf(name)).toEqual(before);
    await session.client.end();
  });

  it('sends nothing the second time, and undo of the second run does not unlock', async () => {
    const { name } = await bed.person('lock-bo');
    const first = verbs(postgresqlLockRole, bed);
    await first.plan({ role: name });
    await first.act();
    const second = verbs(postgresqlLockRole, bed);
    await second.plan({ role: name });
    await second.act();
    expect(await second.undo()).toMatchObject({ outcome: 'proven' });
    expect(second.calls).toEqual([]);
    expect((await roleOf(name)).rolcanlogin).toBe(false);
  });

  it('changes everything or nothing, and is proven although the answer was lost', async () => {
    const { name } = await bed.person('lock-cy');
    await bed.pg.query('GRANT "lock-desk" TO "lock-cy"');
    const lock = verbs(postgresqlLockRole, bed);
    await lock.plan({ role: name });
    lock.loseNextAnswer();
    await expect(lock.act()).rejects.toThrow(/answer was lost/);
    expect(lock.calls).toEqual(['sql locking the role']);
    expect(await lock.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('meets the planned role after it was renamed', async () => {
    await bed.person('lock-di');
    const lock = verbs(postgresqlLockRole, bed);
    await lock.plan({ role: 'lock-di' });
    await bed.pg.query('ALTER ROLE "lock-di" RENAME TO "lock-renamed"');
    await lock.act();
    expect((await roleOf('lock-renamed')).rolcanlogin).toBe(false);
  });
});
