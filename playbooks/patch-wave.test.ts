import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Run } from '../core/documents.ts';
import type { Store } from '../core/store.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { type LinuxHost, startHost } from '../tests/testbed/host.ts';
import { needInstalled } from '../tests/testbed/need.ts';
import { newer } from '../tests/testbed/package-repository.ts';
import { type Playbooks, playbooks } from './index.ts';
import { approver, policiesFolder } from './testbench/bench.ts';

const { describe } = await needInstalled('host');

const HOUR_MS = 3_600_000;
/** Tuesday morning; the window "servers" opens at 22:00. */
const TUESDAY = Date.UTC(2026, 10, 24, 9);

const patching = `source: a test
since: 2026-11-24
waves: []
health:
  - { hosts: ['web*'], services: [nginx], ports: [80], commands: [[/usr/bin/test, -e, /etc/hostname]] }
clusters: []
keep_running: []
services: { openssl: payments }
exemptions:
  - { hosts: [web1], packages: ['nginx*'], why: the portal is certified with it, until: 2026-11-23 }
raise: { open: high, exploited: critical }
`;

/** A service of the house, whose program is not called like it. */
const payments = `#!/bin/sh
case "$1" in
  start) start-stop-daemon --start --background --make-pidfile --pidfile /run/payments.pid --exec /usr/bin/openssl -- s_server -accept 4433 -nocert -quiet ;;
  stop) start-stop-daemon --stop --retry 5 --pidfile /run/payments.pid ;;
  restart) "$0" stop; "$0" start ;;
esac
`;

/** As before the update of openssl that brought its library along. */
const behind = `for p in openssl libssl3; do dpkg-query -W -f '\${Package}=\${Version} ' $p; done |
  sed 's/${newer.replaceAll('+', '[+]')}//g' | xargs apt-get -q -y --allow-downgrades install`;

describe('patching real hosts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-patch-wave-'));
  const policies = join(folder, 'policies');
  let hosts: { web1: LinuxHost; web2: LinuxHost };
  let store: Store;
  let vigia: Playbooks;
  let now = TUESDAY;

  beforeAll(async () => {
    cpSync(policiesFolder, policies, { recursive: true });
    writeFileSync(join(policies, 'patching.yml'), patching);
    const [web1, web2] = await Promise.all([startHost(), startHost()]);
    hosts = { web1, web2 };
    await Promise.all([web1, web2].map(prepare));
    store = await openEmbedded({ file: join(folder, 'store.db') });
    vigia = playbooks({
      store,
      targets: {
        web1: { ...web1.settings, timeoutMs: 60_000 },
        web2: { ...web2.settings, timeoutMs: 60_000 },
      },
      policiesFolder: policies,
      flowsFolder: join(import.meta.dirname, 'flows'),
      now: () => now,
    });
  }, 120_000);
  afterAll(async () => {
    await store?.close();
    await Promise.all([hosts?.web1.stop(), hosts?.web2.stop()]);
    rmSync(folder, { recursive: true });
  });

  async function prepare(host: LinuxHost): Promise<void> {
    await host.run(['apt-get', '-q', 'update']);
    await host.run(['tee', '/etc/init.d/payments'], payments);
    await host.run(['chmod', '755', '/etc/init.d/payments']);
    for (const service of ['nginx', 'payments']) await host.run(['service', service, 'start']);
  }
  const versions = async (host: LinuxHost) =>
    (await host.run(['dpkg-query', '-W', '-f', `\${Version}\n`, 'openssl', 'nginx', 'libssl3']))
      .trim()
      .split('\n')
      .map((version) => version.endsWith(newer));
  /** Programs of services that run from replaced files. */
  const stale = async (host: LinuxHost) => {
    const found = await host.run([
      'sh',
      '-c',
      `grep -ls ' /usr/.*(deleted)' /proc/[0-9]*/maps | sed 's/maps/comm/' | xargs -r cat | sort -u || true`,
    ]);
    return found.split('\n').filter((name) => ['nginx', 'openssl'].includes(name));
  };
  const automatic = (host: LinuxHost) => host.run(['apt-mark', 'showauto']);
  const start = async (flow: string, input: Record<string, unknown>): Promise<Run> => {
    const run = await vigia.start(flow, input, 'rita');
    return await vigia.approve(run.id, { ...approver, planHash: run.planHash });
  };
  const outcomes = (run: Run) => run.steps.map(({ name, outcome }) => [name, outcome]);
  const detailOf = (run: Run, name: string) => run.steps.find((step) => step.name === name)?.detail;

  it('plans, waits for the window, updates, restarts what is stale, proves it, and goes back on request', async () => {
    const { web1 } = hosts;
    const autoBefore = await automatic(web1);
    const run = await start('patch-wave', { hosts: ['web1'], window: 'servers' });
    const changes = run.steps.map(({ plan }) => plan.changes.join('\n'));
    expect(changes[1]).toMatch(/^~ openssl \S+ → \S+\+vigia1 \(testbed-security\)$/m);
    expect(changes[1]).toMatch(/^~ nginx \S+ → \S+\+vigia1/m);
    expect(run.steps[1]!.plan.stays).toContainEqual(
      expect.stringMatching(/exemption in policies\/patching\.yml:10 ended on 2026-11-23/),
    );
    expect(changes[2]).toMatch(/^~ restarts nginx .*libssl\.so\.3/m);
    expect(changes[2]).toMatch(/^~ restarts payments .*\/usr\/bin\/openssl/m);
    expect(changes[2]).toMatch(/^~ restarts ssh /m);

    expect(await vigia.execute(run.id)).toMatchObject({
      held: { step: 0, why: 'window', until: '2026-11-24T22:00:00.000Z' },
    });
    expect(await versions(web1)).toEqual([false, false, false]);

    now = TUESDAY + 13.5 * HOUR_MS;
    const done = await vigia.execute(run.id);

    expect(outcomes(done)).toEqual([
      ['Take out of its cluster: web1', 'proven'],
      ['Install updates: web1', 'proven'],
      ['Restart what is stale: web1', 'proven'],
      ['Bring back into its cluster: web1', 'proven'],
      ['Check that it works: web1', 'proven'],
    ]);
    expect(done.state).toBe('done');
    expect(await versions(web1)).toEqual([true, true, true]);
    expect(await stale(web1)).toEqual([]);
    expect(detailOf(done, 'Restart what is stale: web1')).toMatch(/restarted: .*nginx.*payments.*ssh/);
    const receipts = (await vigia.journal(run.id)).filter(({ entry }) => entry === 'receipt');
    expect(JSON.stringify(receipts)).toMatch(/history\.log.*Commandline: \S*apt-get.*status installed nginx/);
    expect(await automatic(web1)).toBe(autoBefore);

    const undone = await vigia.undo(run.id, { ...approver, reason: 'the portal misbehaves' });

    expect([undone.state, undone.steps[1]?.detail]).toEqual([
      'undone',
      expect.stringMatching(/restarted: .*nginx/),
    ]);
    expect(await versions(web1)).toEqual([false, false, false]);
    expect(await stale(web1)).toEqual([]);
    expect(await automatic(web1)).toBe(autoBefore);
  }, 180_000);

  it('stops at a host that cannot be reached, leaves it alone, and goes on there when resumed', async () => {
    const { web1, web2 } = hosts;
    const run = await start('patch-wave', { hosts: ['web1', 'web2'], window: 'servers' });
    await web2.run([
      'nft',
      'add table inet cut; add chain inet cut in { type filter hook input priority 0; }; add rule inet cut in tcp dport 22 reject with tcp reset',
    ]);

    const stopped = await vigia.execute(run.id);

    expect(stopped.state).toBe('failed');
    expect(detailOf(stopped, 'Take out of its cluster: web2')).toMatch(
      /^not started, nothing was changed: web2/,
    );
    expect(outcomes(stopped).filter(([, outcome]) => outcome === undefined)).toHaveLength(4);
    expect([await versions(web1), await versions(web2)]).toEqual([
      [true, true, true],
      [false, false, false],
    ]);

    await web2.run(['nft', 'delete table inet cut']);
    const resumed = await vigia.resume(run.id, 'rita');
    expect([resumed.state, await versions(web2), await stale(web2)]).toEqual([
      'done',
      [true, true, true],
      [],
    ]);
  }, 180_000);

  it('stops before the next host when one does not work afterwards, and goes back', async () => {
    const { web1 } = hosts;
    await web1.run(['sh', '-c', behind]);
    const run = await start('patch-emergency', { hosts: ['web1', 'web2'], packages: ['openssl'] });
    expect(run.steps.map(({ plan }) => plan.changes.length > 0).slice(1, 3)).toEqual([true, true]);
    await web1.run(['service', 'nginx', 'stop']);
    const stopped = await vigia.execute(run.id);
    expect(stopped.state).toBe('not-proven');
    expect(detailOf(stopped, 'Check that it works: web1')).toMatch(
      /not so: service nginx runs \(it does not\); not so: port 80 is listened on/,
    );
    expect(
      outcomes(stopped)
        .filter(([name]) => name?.endsWith('web2'))
        .map(([, outcome]) => outcome),
    ).toEqual(Array(5).fill(undefined));
    expect((await versions(web1))[0]).toBe(true);
    await web1.run(['service', 'nginx', 'start']);
    const undone = await vigia.undo(run.id, { ...approver, reason: 'the portal does not work with it' });
    expect([undone.state, (await versions(web1))[0]]).toEqual(['undone', false]);
  }, 120_000);

  it.each([
    ['patch-wave', { hosts: ['web1'], window: 'servers' }],
    ['patch-emergency', { hosts: ['web1'], packages: ['openssl'] }],
  ])('%s touches no host when it is refused, or approved for too long', async (flow, input) => {
    const before = await versions(hosts.web1);
    const refused = await vigia.start(flow, input, 'rita');
    await vigia.refuse(refused.id, { ...approver, reason: 'pensions are being paid' });
    await expect(vigia.execute(refused.id)).rejects.toMatchObject({ exitCode: 4 });
    const late = await start(flow, input);
    now += 25 * HOUR_MS;
    expect((await vigia.execute(late.id)).state).toBe('expired');
    expect([before, await versions(hosts.web1)]).toEqual([before, before]);
  });
});
