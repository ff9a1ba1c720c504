import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MariadbAccounts, mariadbAccounts } from '../../tests/proofs/mariadb-accounts.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { mariadbLockAccount } from './mariadb-lock-account.ts';

const mariadb = await need('mariadb');

mariadb.describe('mariadb.lock-account', () => {
  let bed: MariadbAccounts;
  beforeAll(async () => {
    bed = await mariadbAccounts(mariadb.component, 'lock');
  });
  afterAll(() => bed?.close());

  it('refuses new logons and says that open ones go on; undo lets it in again', async () => {
    const name = 'lock`ada@%';
    const password = await bed.account(name);
    const open = await bed.session('lock`ada', password);
    const lock = verbs(mariadbLockAccount, bed);
    expect((await lock.plan({ account: 'lock`ada' })).plan.stays.join()).toMatch(
      /open go on.*events now: 0/s,
    );
    expect(await lock.verify()).toMatchObject({ outcome: 'not-proven' });
    await lock.act();
    expect(await lock.verify()).toMatchObject({ outcome: 'proven' });
    await expect(bed.session('lock`ada', password)).rejects.toMatchObject({ errno: 4151 });
    await open.connection.query('SELECT 1');
    expect(await lock.undo()).toMatchObject({ outcome: 'proven' });
    await (await bed.session('lock`ada', password)).connection.end();
    open.connection.destroy();
  });

  it('sends nothing the second time, and undo of the second run does not unlock', async () => {
    await bed.account('lock-bo@%');
    const first = verbs(mariadbLockAccount, bed);
    await first.plan({ account: 'lock-bo@%' });
    first.loseNextAnswer();
    await expect(first.act()).rejects.toThrow(/answer was lost/);
    expect(await first.verify()).toMatchObject({ outcome: 'proven' });
    const second = verbs(mariadbLockAccount, bed);
    await second.plan({ account: 'lock-bo@%' });
    await second.act();
    expect(await second.undo()).toMatchObject({ outcome: 'proven' });
    expect(second.calls).toEqual([]);
    expect((await bed.stateOf('lock-bo@%')).locked).toBe(true);
  });

  it('refuses a name that means two accounts, a role, and a name that means none', async () => {
    await bed.account('lock-cy@%');
    await bed.account('lock-cy@localhost');
    await bed.query('CREATE ROLE `lock-role`');
    const lock = verbs(mariadbLockAccount, bed);
    await expect(lock.plan({ account: 'lock-cy' })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('lock-cy@%, lock-cy@localhost'),
    });
    await expect(lock.plan({ account: 'lock-role' })).rejects.toThrow(/is a role/);
    await expect(lock.plan({ account: 'nobody@%' })).rejects.toThrow(/nobody@%/);
  });
});
