import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MariadbAccounts, mariadbAccounts } from '../../tests/proofs/mariadb-accounts.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { mariadbRotateSecret } from './mariadb-rotate-secret.ts';

const server = await need('mariadb');

server.describe('mariadb.rotate-secret', () => {
  let bed: MariadbAccounts;
  beforeAll(async () => {
    bed = await mariadbAccounts(server.component, 'rotate');
  });
  afterAll(() => bed?.close());
  const handedOver = (name: string): string[] =>
    readdirSync(bed.handover).filter((file) => file.includes(name));

  it('makes the old secret useless and leaves the new one to its owner alone', async () => {
    const old = await bed.account('rotate-ada@%');
    const rotate = verbs(mariadbRotateSecret, bed);
    const planned = await rotate.plan({ account: 'rotate-ada' });
    expect(await rotate.verify()).toMatchObject({ outcome: 'not-proven' });
    const receipt = await rotate.act();
    expect(await rotate.verify()).toMatchObject({
      outcome: 'proven',
      detail: expect.stringContaining(bed.handover),
    });
    const [file] = handedOver('rotate-ada');
    const secret = readFileSync(join(bed.handover, file!), 'utf8').trimEnd();
    expect(statSync(join(bed.handover, file!)).mode & 0o777).toBe(0o600);
    await expect(bed.session('rotate-ada', old)).rejects.toMatchObject({ errno: 1045 });
    (await bed.session('rotate-ada', secret)).connection.destroy();
    for (const kept of [planned, receipt, await rotate.verify(), rotate.calls])
      expect(JSON.stringify(kept)).not.toContain(secret);
    // Neither the secret nor its hash went over to where statements are logged.
    expect(readFileSync(server.component.logFile, 'utf8')).not.toContain(secret);
  });

  it('knows after a lost answer whether the server took it, and after a crash before it that it did not', async () => {
    await bed.account('rotate-bo@%');
    const rotate = verbs(mariadbRotateSecret, bed);
    await rotate.plan({ account: 'rotate-bo' });
    rotate.loseNextAnswer();
    await expect(rotate.act()).rejects.toThrow(/answer was lost/);
    expect(rotate.calls).toEqual(['file new secret']);
    expect(await rotate.verify()).toMatchObject({ outcome: 'not-proven' });
    // A second call of the same step must not make a second secret: the owner would find the wrong one.
    await expect(rotate.act()).rejects.toThrow(/EEXIST/);
  });

  it('refuses an account whose way of logging on it cannot set, and a place that others can read', async () => {
    await bed.query("CREATE USER 'rotate-cy'@'%' IDENTIFIED VIA unix_socket");
    const rotate = verbs(mariadbRotateSecret, bed);
    await expect(rotate.plan({ account: 'rotate-cy' })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('unix_socket'),
    });
    await bed.account('rotate-di@%');
    mkdirSync(bed.handover, { recursive: true });
    chmodSync(bed.handover, 0o755);
    await expect(rotate.plan({ account: 'rotate-di' })).rejects.toThrow(/open to others \(mode 755\)/);
    chmodSync(bed.handover, 0o700);
    const { handover: _, ...mariadb } = bed.targets.mariadb;
    const nowhere = verbs(mariadbRotateSecret, { targets: { mariadb } });
    await expect(nowhere.plan({ account: 'rotate-di' })).rejects.toThrow(
      /no place where a new secret could be left/,
    );
  });
});
