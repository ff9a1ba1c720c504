import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { postgresqlLockRole } from './postgresql-lock-role.ts';
import { postgresqlStripRole } from './postgresql-strip-role.ts';

const samba = await need('samba');
const postgres = await need('postgres');

postgres.describe('postgresql.strip-role', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'strip');
    await bed.pg.query('CREATE ROLE "strip-ledger"');
  });
  afterAll(() => bed?.close());
  const roleOf = async (name: string) => {
    const sql = `SELECT rolcanlogin, rolsuper, rolcreatedb, rolconnlimit, rolvaliduntil::text,
      ARRAY(SELECT roleid::regrole::text || admin_option FROM pg_auth_members WHERE member = r.oid) AS of
      FROM pg_roles r WHERE rolname = $1`;
    return (await bed.pg.query(sql, [name])).rows[0];
  };

  it('takes powers and memberships but not the logon, and undo gives back exactly these', async () => {
    const ada = await bed.person('strip-ada');
    await bed.pg.query(
      `ALTER ROLE "strip-ada" SUPERUSER CREATEDB CONNECTION LIMIT 7; GRANT "strip-ledger" TO "strip-ada" WITH ADMIN OPTION`,
    );
    const before = await roleOf('strip-ada');
    const { client } = await bed.session(ada);
    const strip = verbs(postgresqlStripRole, bed);
    const { plan } = await strip.plan({ role: 'strip-ada' });
    expect(plan.changes).toHaveLength(3);
    expect(await strip.verify()).toMatchObject({ outcome: 'not-proven' });
    await strip.act();
    expect(await strip.verify()).toMatchObject({ outcome: 'proven' });
    await expect(client.query('SELECT * FROM pg_authid')).rejects.toMatchObject({ code: '42501' });
    await expect(client.query('SET ROLE "strip-ledger"')).rejects.toMatchObject({ code: '42501' });
    await (await bed.session(ada)).client.end();
    expect(await roleOf('strip-ada')).toMatchObject({ rolcanlogin: true, rolconnlimit: 7, of: [] });
    expect(await strip.undo()).toMatchObject({ outcome: 'proven' });
    expect(await roleOf('strip-ada')).toEqual(before);
    await client.end();
  });

  it('does not unlock a role that was locked since', async () => {
    await bed.person('strip-bo');
    await bed.pg.query('GRANT "strip-ledger" TO "strip-bo"');
    const strip = verbs(postgresqlStripRole, bed);
    await strip.plan({ role: 'strip-bo' });
    await strip.act();
    const lock = verbs(postgresqlLockRole, bed);
    await lock.plan({ role: 'strip-bo' });
    await lock.act();
    expect(await strip.undo()).toMatchObject({ outcome: 'proven' });
    expect(await roleOf('strip-bo')).toMatchObject({ rolcanlogin: false, rolconnlimit: 0 });
  });
});
