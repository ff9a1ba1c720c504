import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MariadbAccounts, mariadbAccounts } from '../../tests/proofs/mariadb-accounts.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { mariadbKillConnections } from './mariadb-kill-connections.ts';

const mariadb = await need('mariadb');

mariadb.describe('mariadb.kill-connections', () => {
  let bed: MariadbAccounts;
  beforeAll(async () => {
    bed = await mariadbAccounts(mariadb.component, 'kill');
  });
  afterAll(() => bed?.close());

  it('ends every connection of the user and nobody else, and lists the accounts that share the name', async () => {
    const password = await bed.account('kill-ada@%');
    await bed.account('kill-ada@10.1.2.3');
    const other = await bed.account('kill-other@%');
    const sessions = [await bed.session('kill-ada', password), await bed.session('kill-ada', password)];
    const bystander = await bed.session('kill-other', other);
    const kill = verbs(mariadbKillConnections, bed);
    const { plan } = await kill.plan({ account: 'kill-ada@%' });
    expect(plan.targets.map(({ name }) => name)).toEqual(['kill-ada@%', 'kill-ada@10.1.2.3']);
    expect(plan.observed['sessions']).toBe(2);
    expect(await kill.verify()).toMatchObject({ outcome: 'not-proven' });
    await kill.act();
    expect(await kill.verify()).toMatchObject({ outcome: 'proven' });
    await Promise.all(sessions.map(({ ended }) => ended));
    await bystander.connection.query('SELECT 1');
    bystander.connection.destroy();
  });

  it('sends nothing when no connection is open, and nothing when there are more than approved', async () => {
    const password = await bed.account('kill-bo@%');
    const kill = verbs(mariadbKillConnections, bed);
    await kill.plan({ account: 'kill-bo', maxSessions: 1 });
    await kill.act();
    const sessions = [await bed.session('kill-bo', password), await bed.session('kill-bo', password)];
    await expect(kill.act()).rejects.toThrow(/more connections than approved/);
    expect(kill.calls).toEqual([]);
    for (const { connection } of sessions) connection.destroy();
  });
});
