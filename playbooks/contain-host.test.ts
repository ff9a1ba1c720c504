import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Run } from '../core/documents.ts';
import type { Store } from '../core/store.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { type LinuxHost, startHost } from '../tests/testbed/host.ts';
import { needInstalled } from '../tests/testbed/need.ts';
import { type Playbooks, playbooks } from './index.ts';
import { approver, policiesFolder } from './testbench/bench.ts';

// Of its own: an isolated host is none for other suites.
const { describe } = await needInstalled('host');
const HOURS = 3_600_000;

describe('contain-host on a real host', () => {
  let host: LinuxHost;
  let store: Store;
  let vigia: Playbooks;
  let skipped = 0;
  const folder = mkdtempSync(join(tmpdir(), 'vigia-contain-host-'));
  beforeAll(async () => {
    host = await startHost();
    store = await openEmbedded({ file: join(folder, 'store.db') });
    const flowsFolder = join(import.meta.dirname, 'flows');
    const now = () => Date.now() + skipped;
    vigia = playbooks({ store, targets: { web1: host.settings }, policiesFolder, flowsFolder, now });
  });
  afterAll(async () => {
    await store?.close();
    await host?.stop();
    rmSync(folder, { recursive: true });
  });

  const shadow = async (name: string) => (await host.run(['getent', 'shadow', name])).trimEnd();
  const processes = async (name: string) =>
    Number(await host.run(['sh', '-c', `ps -o stat= -U ${name} | grep -vc Z || true`]));
  /** With a password, and a process that holds a secret among its arguments. */
  const intruder = async (name: string) => {
    await host.run(['useradd', '--create-home', name]);
    await host.run(['chpasswd'], `${name}:Va1-host-password\n`);
    const work = `setsid runuser -u ${name} -- sh -c 'while :; do sleep 600; done' Va1-host-argument >/dev/null 2>&1 &`;
    await host.run(['sh', '-c', work]);
    await expect.poll(() => processes(name)).toBeGreaterThan(0);
  };
  const input = (user: string) => ({
    host: 'web1',
    keep: [host.management],
    users: [user],
    addresses: ['203.0.113.66'],
  });
  const contain = async (user: string, between = async () => undefined as unknown): Promise<Run> => {
    const run = await vigia.start('contain-host', input(user), 'rita');
    await vigia.approve(run.id, { ...approver, planHash: run.planHash });
    await between();
    return await vigia.execute(run.id);
  };
  const undo = (run: Run) => vigia.undo(run.id, { ...approver, reason: 'a test of the alarm' });
  const outcomes = (run: Run) => run.steps.map(({ outcome }) => outcome);

  it('blocks, isolates, locks and ends, with each effect on the host, and undo gives all of it back', async () => {
    await intruder('eve');
    const before = await shadow('eve');
    expect(await host.answers(host.other)).toBe(true);

    const run = await contain('eve');

    expect([run.state, outcomes(run)]).toEqual(['done', ['proven', 'proven', 'proven', 'proven']]);
    expect([await host.answers(host.management), await host.answers(host.other)]).toEqual([true, false]);
    expect(await host.run(['nft', 'list', 'set inet vigia_block blocked4'])).toMatch(
      /203\.0\.113\.66 timeout 1d/,
    );
    expect((await shadow('eve')).split(':')).toMatchObject({ 1: expect.stringMatching(/^!\$/), 7: '1' });
    expect(await processes('eve')).toBe(0);

    const undone = await undo(run);
    expect([undone.state, outcomes(undone)]).toEqual(['undone', ['undone', 'undone', 'undone', 'proven']]);
    expect(await host.answers(host.other)).toBe(true);
    expect(await host.run(['nft', 'list', 'set inet vigia_block blocked4'])).not.toContain('203.0.113.66');
    expect(await shadow('eve')).toBe(before);
  });

  it('says which step failed and goes on with the others when the host refuses a command', async () => {
    await intruder('mal');
    const rules = '/etc/sudoers.d/vigia';
    const run = await contain('mal', () =>
      host.run(['sed', '-i.saved', 's#/usr/sbin/usermod ^-\\[LU\\]#/usr/sbin/usermod ^-[U]#', rules]),
    );
    await host.run(['mv', `${rules}.saved`, rules]);

    expect(run.state).not.toBe('done');
    const [blocked, isolated, locked, ended] = run.steps;
    expect([blocked?.outcome, isolated?.outcome, ended?.outcome]).toEqual(['proven', 'proven', 'proven']);
    expect(locked).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringContaining('the password is not locked'),
    });
    // What the host allowed is there, and undo takes it back.
    expect((await shadow('mal')).split(':')[7]).toBe('1');
    expect((await undo(run)).state).toBe('undone');
    expect((await shadow('mal')).split(':')[7]).toBe('');
  });

  it.each([
    ["Vigia's own account", { users: ['svc-vigia'] }, /\(vigia-own-accounts\)/],
    ['an account of the system', { users: ['root'] }, /account of the system/],
    ['an isolation that shuts Vigia out', { keep: ['203.0.113.1'] }, /could never release the host/],
    ['a block that shuts Vigia out', { addresses: ['198.18.0.0/16'] }, /from which Vigia reaches/],
  ])('refuses %s and changes nothing', async (_, change, message) => {
    const planned = vigia.plan('contain-host', { ...input('eve'), users: [], ...change });
    await expect(planned).rejects.toMatchObject({ exitCode: 4, message: expect.stringMatching(message) });
    expect(await host.run(['nft', 'list', 'tables'])).not.toContain('isolation');
  });

  it('changes nothing when the approval is too old', async () => {
    const before = await shadow('eve');
    const late = await contain('eve', async () => {
      skipped += 9 * HOURS;
    });
    expect([late.state, await shadow('eve'), await host.answers(host.other)]).toEqual([
      'expired',
      before,
      true,
    ]);
    expect(await host.run(['nft', 'list', 'set inet vigia_block blocked4'])).not.toContain('203.0.113.66');
  });

  it('leaves no secret in run, journal or marker', async () => {
    const key = readFileSync(host.settings.keyFile, 'utf8').split('\n')[2]!;
    const hash = (await shadow('eve')).split(':')[1]!;
    for (const kind of ['run', 'journal', 'marker'] as const) {
      const { found } = await store.documents.find(kind, { size: 10_000 });
      expect(found.length).toBeGreaterThan(0);
      const kept = JSON.stringify(found);
      for (const secret of ['Va1-host', hash, key]) expect(kept).not.toContain(secret);
    }
  });
});
