import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HostService, hostService } from '../../tests/proofs/host-service.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { type LinuxHost, startHost } from '../../tests/testbed/host.ts';
import { needInstalled } from '../../tests/testbed/need.ts';
import { patchingPolicies } from '../testbench/patching-policy.ts';
import { hostRestartStale } from './host-restart-stale.ts';

const { describe } = await needInstalled('host');

describe('host.restart-stale', () => {
  const policies = patchingPolicies();
  const { policiesFolder } = policies;
  let host: LinuxHost;
  let service: HostService;
  beforeAll(async () => {
    host = await startHost();
    await host.run(['apt-get', '-q', 'update']);
    service = await hostService(host, 'stale-pay');
  }, 60_000);
  afterAll(async () => {
    await host?.stop();
    policies.remove();
  });
  const open = () =>
    verbs(hostRestartStale, { targets: { web1: { ...host.settings, timeoutMs: 60_000 } }, policiesFolder });
  const input = { system: 'web1', packages: ['openssl'] };
  /** As an update does it: the file under the old name is another one. */
  const replace = async () => {
    await service.start();
    await host.run([
      'sh',
      '-c',
      'cp /usr/bin/sleep /usr/bin/stale-pay.new && mv /usr/bin/stale-pay.new /usr/bin/stale-pay',
    ]);
  };
  const own = { services: '{ stale-pay: stale-pay }' };

  it('restarts the service that runs from a replaced file, proves it although the answer was lost, and does it once', async () => {
    policies.write(own);
    await replace();
    const restart = open();
    const { plan } = await restart.plan(input);
    expect(plan.changes).toContainEqual(
      expect.stringMatching(/^~ restarts stale-pay .*\/usr\/bin\/stale-pay/),
    );
    expect(await restart.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/stale-pay \(process \d+\) still runs from \/usr\/bin\/stale-pay/),
    });
    restart.loseNextAnswer();
    await expect(restart.act()).rejects.toThrow(/answer was lost/);
    expect(await restart.verify()).toMatchObject({ outcome: 'proven' });
    expect(await service.isRunning()).toBe(true);
    expect(await restart.act()).toEqual({ restarted: [], failed: [] });
    expect(restart.calls).toEqual(['ssh restart of stale-pay']);
  }, 60_000);

  it('leaves a service that must go on, and says so', async () => {
    policies.write({ ...own, keep_running: '[{ service: stale-pay, why: it pays until noon }]' });
    await replace();
    const restart = open();
    const { plan } = await restart.plan(input);
    expect(plan.stays).toContainEqual(
      expect.stringMatching(/stale-pay .* is never restarted: it pays until noon/),
    );
    await restart.act();
    expect(restart.calls).toEqual([]);
    expect(await restart.verify()).toMatchObject({
      outcome: 'proven',
      detail: expect.stringMatching(/left: stale-pay/),
    });
  }, 60_000);

  it('is not proven when the service does not come up from the new file', async () => {
    policies.write(own);
    await replace();
    const restart = open();
    await restart.plan(input);
    await host.run(['sh', '-c', 'printf "#!/bin/sh\\nexit 1\\n" > /etc/init.d/stale-pay']);
    expect(await restart.act()).toMatchObject({ failed: [expect.stringMatching(/^stale-pay: /)] });
    expect(await restart.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/stale-pay.*restart it by hand, then resume/),
    });
  }, 60_000);
});
