import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbedded } from '../store/embedded/open.ts';
import { type Containment, containment } from '../tests/proofs/containment.ts';
import { type MariadbAccounts, mariadbAccounts } from '../tests/proofs/mariadb-accounts.ts';
import { need } from '../tests/testbed/need.ts';
import { type FlowBench, openFlowBench, outcomesOf } from './testbench/flow-bench.ts';

const samba = await need('samba');
const postgres = await need('postgres');
const mariadb = await need('mariadb');
const FLOW = 'database-credential-compromise';
const HOURS = 3_600_000;

mariadb.describe('database-credential-compromise on real databases', () => {
  let pg: Containment;
  let maria: MariadbAccounts;
  let bench: FlowBench;
  beforeAll(async () => {
    pg = await containment(samba.component, postgres.component, 'dbcred');
    maria = await mariadbAccounts(mariadb.component, 'dbcred');
    bench = await openFlowBench(openEmbedded, { ...pg.targets, ...maria.targets });
    await maria.query('CREATE DATABASE dbcred');
  });
  afterAll(async () => {
    await bench?.close();
    await maria?.close();
    await pg?.close();
  });

  /** An application with one account on each server, logged on to both. */
  const application = async (name: string) => {
    const role = await pg.person(name);
    await pg.pg.query(`ALTER ROLE "${name}" CREATEDB; GRANT pg_monitor TO "${name}"`);
    const password = await maria.account(`${name}@%`);
    await maria.query(`GRANT ALL PRIVILEGES ON dbcred.* TO '${name}'@'%'`);
    return { role, password, sessions: [await pg.session(role), await maria.session(name, password)] };
  };
  const input = (name: string) => ({ roles: [name], accounts: [`${name}@%`], application: 'payments' });
  const roleOf = async (name: string) =>
    (
      await pg.pg.query('SELECT rolcanlogin, rolcreatedb, rolvaliduntil FROM pg_roles WHERE rolname = $1', [
        name,
      ])
    ).rows[0];
  const secretOf = (folder: string, name: string): string =>
    readFileSync(join(folder, readdirSync(folder).find((file) => file.includes(name))!), 'utf8').trimEnd();

  it('shuts out whoever has the secret and ends what is open, and undo lets in who has the new one', async () => {
    const { role, password, sessions } = await application('dbcred-ada');
    const before = await maria.stateOf('dbcred-ada@%');

    const run = await bench.run(FLOW, input('dbcred-ada'));

    expect(run.held).toMatchObject({ why: 'question' });
    expect(
      outcomesOf(run)
        .slice(0, 7)
        .every((each) => each.endsWith(': proven')),
    ).toBe(true);
    // Required effects, asked of the targets.
    await Promise.all(sessions.map(({ ended }) => ended));
    await expect(pg.session(role)).rejects.toMatchObject({ code: '28P01' });
    await expect(maria.session('dbcred-ada', password)).rejects.toMatchObject({ errno: 1045 });
    expect(await roleOf('dbcred-ada')).toMatchObject({ rolcanlogin: false, rolcreatedb: false });
    expect(await maria.stateOf('dbcred-ada@%')).toMatchObject({
      locked: true,
      grants: [expect.stringContaining('GRANT USAGE')],
    });
    const newSecrets = [secretOf(pg.handover, 'dbcred-ada'), secretOf(maria.handover, 'dbcred-ada')];
    await expect(maria.session('dbcred-ada', newSecrets[1]!)).rejects.toMatchObject({ errno: 4151 });

    const answered = await bench.vigia.answer(
      run.id,
      7,
      { by: 'nuno', roles: ['responder'] },
      {
        done: true,
        text: 'changed in two places',
        evidence: { name: 'change.txt', content: Buffer.from('CHG-0001') },
      },
    );
    expect(answered.state).toBe('done');
    const undone = await bench.undo(answered);
    expect(undone.state).toBe('undone');
    expect(await maria.stateOf('dbcred-ada@%')).toEqual(before);
    await (await pg.session({ ...role, password: newSecrets[0]! })).client.end();
    (await maria.session('dbcred-ada', newSecrets[1]!)).connection.destroy();
    await expect(pg.session(role)).rejects.toMatchObject({ code: '28P01' });
    await expect(maria.session('dbcred-ada', password)).rejects.toMatchObject({ errno: 1045 });

    const kept = await bench.kept();
    for (const secret of [...newSecrets, ...maria.secrets(), ...pg.secrets, password])
      expect(kept).not.toContain(secret);
    expect(kept).not.toMatch(/\*[0-9A-F]{40}|SCRAM-SHA-256\$/);
  });

  it('says what failed when one server refuses its account, and contains the other', async () => {
    const { role, password } = await application('dbcred-bo');
    const run = await bench.approved(FLOW, input('dbcred-bo'));
    const { passwordFile } = maria.targets.mariadb as { passwordFile: string };
    const right = readFileSync(passwordFile);
    writeFileSync(passwordFile, 'no longer right');
    const after = await bench.vigia.execute(run.id);
    writeFileSync(passwordFile, right);

    expect(outcomesOf(after)).toEqual([
      'Lock the role: dbcred-bo: proven',
      'Lock the account: dbcred-bo@%: failed',
      'Take its grants: dbcred-bo@%: failed',
      'End the sessions of the role: dbcred-bo: proven',
      'End the connections of the account: dbcred-bo@%: failed',
      'Give the role a new secret: dbcred-bo: proven',
      'Give the account a new secret: dbcred-bo@%: failed',
      'Change the secret where it is kept: open',
    ]);
    await expect(pg.session(role)).rejects.toMatchObject({ code: '28P01' });
    (await maria.session('dbcred-bo', password)).connection.destroy();
    // Once the server lets Vigia in again, the same run goes on with what it never started.
    const resumed = await bench.vigia.resume(after.id, 'rita');
    expect(
      outcomesOf(resumed)
        .slice(0, 7)
        .every((each) => each.endsWith(': proven')),
    ).toBe(true);
    await expect(maria.session('dbcred-bo', password)).rejects.toMatchObject({ errno: 1045 });
  });

  it.each([
    [
      'the built-in administrator',
      { roles: [], accounts: ['root@localhost'] },
      /\(mariadb-built-in-accounts\)/,
    ],
    [
      "Vigia's own account",
      { roles: [], accounts: ['svc-vigia-dbcred@localhost'] },
      /\(vigia-own-accounts\)/,
    ],
    ['the bootstrap superuser', { roles: ['postgres'], accounts: [] }, /\(bootstrap-superuser\)/],
  ])('refuses %s and changes nothing', async (_, change, line) => {
    const planned = bench.vigia.plan(FLOW, { ...input('nobody'), ...change });
    await expect(planned).rejects.toMatchObject({ exitCode: 4, message: expect.stringMatching(line) });
  });

  it('changes nothing when the approval is too old', async () => {
    const { role, password, sessions } = await application('dbcred-cy');
    const run = await bench.approved(FLOW, input('dbcred-cy'));
    bench.wait(9 * HOURS);
    const after = await bench.vigia.execute(run.id);
    expect([after.state, new Set(after.steps.map(({ outcome }) => outcome))]).toEqual([
      'expired',
      new Set([undefined]),
    ]);
    await (await pg.session(role)).client.end();
    (await maria.session('dbcred-cy', password)).connection.destroy();
    for (const session of sessions)
      if ('client' in session) await session.client.end();
      else session.connection.destroy();
  });
});
