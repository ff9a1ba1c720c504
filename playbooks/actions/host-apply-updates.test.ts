import { afterAll, beforeAll, expect, it } from 'vitest';
import { verbs } from '../../tests/proofs/verbs.ts';
import { type LinuxHost, startHost } from '../../tests/testbed/host.ts';
import { needInstalled } from '../../tests/testbed/need.ts';
import { newer } from '../../tests/testbed/package-repository.ts';
import { patchingPolicies } from '../testbench/patching-policy.ts';
import { hostApplyUpdates } from './host-apply-updates.ts';

const { describe } = await needInstalled('host');

// The whole way of a wave is in patch-wave.test.ts; here is what the step does by itself.
describe('host.apply-updates', () => {
  const policies = patchingPolicies();
  const { policiesFolder } = policies;
  let host: LinuxHost;
  beforeAll(async () => {
    host = await startHost();
    await host.run(['apt-get', '-q', 'update']);
  }, 60_000);
  afterAll(async () => {
    await host?.stop();
    policies.remove();
  });
  const open = () =>
    verbs(hostApplyUpdates, { targets: { web1: { ...host.settings, timeoutMs: 60_000 } }, policiesFolder });
  const input = { system: 'web1', packages: ['openssl'] };
  const versionOf = (name: string) => host.run(['dpkg-query', '-W', '-f', `\${Version}`, name]);

  it('installs just the planned versions, proves it although the answer was lost, and goes back to the recorded ones', async () => {
    const before = [await versionOf('openssl'), await versionOf('nginx')];
    const apply = open();
    const { plan } = await apply.plan(input);
    expect(plan.targets.map(({ name }) => name)).toContain(`openssl=${before[0]}${newer}`);
    expect(await apply.verify()).toMatchObject({ outcome: 'not-proven' });
    apply.loseNextAnswer();
    await expect(apply.act()).rejects.toThrow(/answer was lost/);
    expect(await apply.verify()).toMatchObject({ outcome: 'proven' });
    expect([await versionOf('openssl'), await versionOf('nginx')]).toEqual([
      `${before[0]}${newer}`,
      before[1],
    ]);
    const sent = apply.calls.length;
    expect(await apply.act()).toEqual({ changed: false });
    expect(apply.calls).toHaveLength(sent);
    expect(await apply.undo()).toMatchObject({ outcome: 'proven' });
    expect([await versionOf('openssl'), await versionOf('nginx')]).toEqual(before);
  }, 120_000);

  it('counts what it brings along, so that an approval for less holds for nothing', async () => {
    const { plan } = await open().plan({ ...input, maxPackages: 1 });
    expect([plan.bounds, plan.observed['packages']]).toEqual([{ packages: 1 }, 2]);
  });

  it('says when there is nothing to do, and leaves what is exempt', async () => {
    const none = await open().plan({ ...input, packages: ['no-such-package'] });
    expect([none.plan.changes, none.plan.stays[0]]).toEqual([[], 'the host is behind by nothing of this']);
    policies.write({
      exemptions: "[{ hosts: ['*'], packages: ['nginx*'], why: certified, until: 2099-01-01 }]",
    });
    const { plan } = await open().plan({ system: 'web1', packages: [] });
    expect(plan.changes.join('\n')).not.toContain('nginx');
    expect(plan.stays).toContainEqual(
      expect.stringMatching(/^nginx \S+ is exempt until 2099-01-01 .*certified/),
    );
  });

  it('is unknown while apt still works there, so that nobody begins again', async () => {
    policies.write({});
    const apply = open();
    await apply.plan(input);
    await host.run(['cp', '/usr/bin/sleep', '/tmp/apt-get']);
    await host.run(['start-stop-daemon', '--start', '--background', '--exec', '/tmp/apt-get', '--', '600']);
    expect(await apply.verify()).toMatchObject({
      outcome: 'unknown',
      detail: expect.stringMatching(/apt still works there \(process \d+\); resume/),
    });
    await host.run(['pkill', '-x', 'apt-get']);
    expect(await apply.verify()).toMatchObject({ outcome: 'not-proven' });
  });
});
