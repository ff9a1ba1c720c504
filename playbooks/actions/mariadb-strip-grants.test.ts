import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountSql, type MariadbAccounts, mariadbAccounts } from '../../tests/proofs/mariadb-accounts.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { withoutSecret } from '../mariadb-account.ts';
import { mariadbStripGrants } from './mariadb-strip-grants.ts';

const mariadb = await need('mariadb');

describe('a grant without its secret', () => {
  it.each([
    ["GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*AB'", 'GRANT USAGE ON *.* TO `a`@`%`'],
    [
      "GRANT SELECT ON *.* TO `IDENTIFIED WITH`@`%` IDENTIFIED VIA ed25519 USING 'a b' OR unix_socket REQUIRE SSL WITH GRANT OPTION",
      'GRANT SELECT ON *.* TO `IDENTIFIED WITH`@`%` REQUIRE SSL WITH GRANT OPTION',
    ],
    [
      "GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED VIA pam USING 'it''s WITH' WITH GRANT OPTION",
      'GRANT USAGE ON *.* TO `a`@`%` WITH GRANT OPTION',
    ],
    ['GRANT `r` TO `a`@`%` WITH ADMIN OPTION', 'GRANT `r` TO `a`@`%` WITH ADMIN OPTION'],
  ])('is what gives power: %s', (grant, without) => {
    expect(withoutSecret(grant)).toBe(without);
  });
});

mariadb.describe('mariadb.strip-grants', () => {
  let bed: MariadbAccounts;
  beforeAll(async () => {
    bed = await mariadbAccounts(mariadb.component, 'strip');
    await bed.query('CREATE DATABASE strip');
    await bed.query('CREATE TABLE strip.paid (amount int, iban int)');
    await bed.query('CREATE PROCEDURE strip.pay() SELECT 1');
    await bed.query('CREATE ROLE strip_clerk');
    await bed.query("GRANT strip_clerk TO 'svc-vigia-strip'@localhost WITH ADMIN OPTION");
  });
  afterAll(() => bed?.close());

  const powerful = async (name: string): Promise<string> => {
    const password = await bed.account(name);
    const whom = accountSql(name);
    for (const grant of [
      `SELECT, PROCESS ON *.* TO ${whom} WITH GRANT OPTION MAX_QUERIES_PER_HOUR 5000`,
      `ALL PRIVILEGES ON strip.* TO ${whom}`,
      `SELECT (amount), UPDATE ON strip.paid TO ${whom}`,
      `EXECUTE ON PROCEDURE strip.pay TO ${whom}`,
      `PROXY ON someone@localhost TO ${whom} WITH GRANT OPTION`,
      `strip_clerk TO ${whom} WITH ADMIN OPTION`,
    ])
      await bed.query(`GRANT ${grant}`);
    await bed.query(`SET DEFAULT ROLE strip_clerk FOR ${whom}`);
    return password;
  };

  it('takes everything that any kind of grant gives, and undo restores it in the words of the server', async () => {
    const name = "strip-ada`; DROP DATABASE strip; 'x@%";
    const password = await powerful(name);
    const before = await bed.stateOf(name);
    expect(before.grants).toHaveLength(7);
    const strip = verbs(mariadbStripGrants, bed);
    const planned = await strip.plan({ account: name });
    expect(planned.plan.changes).toHaveLength(7);
    expect(JSON.stringify(planned)).not.toMatch(/IDENTIFIED|\*[0-9A-F]{40}/);
    expect(await strip.verify()).toMatchObject({ outcome: 'not-proven' });
    await strip.act();
    expect(await strip.verify()).toMatchObject({ outcome: 'proven' });
    expect((await bed.stateOf(name)).grants).toEqual([expect.stringContaining('GRANT USAGE ON *.*')]);
    const { connection } = await bed.session(name.slice(0, -2), password);
    await expect(connection.query('SELECT * FROM strip.paid')).rejects.toMatchObject({ errno: 1142 });
    expect(await strip.undo()).toMatchObject({ outcome: 'proven' });
    expect(await bed.stateOf(name)).toEqual(before);
    connection.destroy();
  });

  it('says what is left when the server stopped in the middle, and undo mends the half', async () => {
    const name = 'strip-bo@%';
    await powerful(name);
    const before = await bed.stateOf(name);
    const strip = verbs(mariadbStripGrants, bed);
    await strip.plan({ account: name });
    strip.loseNextAnswer();
    await expect(strip.act()).rejects.toThrow(/answer was lost/);
    expect(strip.calls).toEqual(['sql taking grants away']);
    expect(await strip.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/it still has: .*ALL PRIVILEGES ON `strip`/),
    });
    expect(await strip.undo()).toMatchObject({ outcome: 'proven' });
    expect(await bed.stateOf(name)).toEqual(before);
  });

  it('says in the plan which role it could not give back', async () => {
    await bed.account('strip-di@%');
    await bed.query('CREATE ROLE strip_foreign');
    await bed.query("GRANT strip_foreign TO 'strip-di'@'%'");
    const { plan } = await verbs(mariadbStripGrants, bed).plan({ account: 'strip-di' });
    expect(plan.undo).toMatch(/NOT the roles `strip_foreign`/);
  });

  it('leaves what somebody granted since, and says that it is not as before', async () => {
    await bed.account('strip-cy@%');
    await bed.query("GRANT SELECT ON strip.* TO 'strip-cy'@'%'");
    const strip = verbs(mariadbStripGrants, bed);
    await strip.plan({ account: 'strip-cy' });
    await strip.act();
    await bed.query("GRANT EXECUTE ON PROCEDURE strip.pay TO 'strip-cy'@'%'");
    expect(await strip.undo()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringContaining('EXECUTE'),
    });
    expect((await bed.stateOf('strip-cy@%')).grants.join()).toMatch(/SELECT ON `strip`.*EXECUTE/s);
  });
});
