import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type HostService, hostService } from '../../tests/proofs/host-service.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { patchingPolicies } from '../testbench/patching-policy.ts';
import { hostDrain } from './host-drain.ts';

const bed = await need('host');

bed.describe('host.drain', () => {
  const policies = patchingPolicies();
  let service: HostService;
  beforeAll(async () => {
    service = await hostService(bed.component, 'drain-pay');
  });
  beforeEach(async () => {
    policies.write({
      clusters: '[{ id: pay, members: [web1, web2, web3], keep: 2, drain: drain-pay }]',
      // One host of the bed stands for all members.
      health:
        '[{ hosts: [web3], services: [], ports: [], commands: [[/usr/bin/test, "!", -e, /tmp/drain-ill]] }]',
    });
    await service.start();
    await bed.component.run(['rm', '-f', '/tmp/drain-ill']);
  });
  afterAll(() => policies.remove());
  const { policiesFolder } = policies;
  const open = (
    targets = { web1: bed.component.settings, web2: bed.component.settings, web3: bed.component.settings },
  ) => verbs(hostDrain, { targets, policiesFolder });

  it('stops the service of the cluster while the others work, and undo starts it again', async () => {
    const drain = open();
    const { plan } = await drain.plan({ system: 'web1' });
    expect(plan.stays).toEqual(['web2 works', 'web3 works']);
    expect(await drain.verify()).toMatchObject({ outcome: 'not-proven' });
    drain.loseNextAnswer();
    await expect(drain.act()).rejects.toThrow(/answer was lost/);
    expect(await drain.verify()).toMatchObject({ outcome: 'proven' });
    expect(await service.isRunning()).toBe(false);
    expect(await drain.undo()).toMatchObject({ outcome: 'proven' });
    expect(await service.isRunning()).toBe(true);
  });

  it('leaves a service that did not run as it was, also in undo', async () => {
    await service.stop();
    const drain = open();
    await drain.plan({ system: 'web1' });
    expect(await drain.act()).toEqual({ changed: false });
    expect(await drain.undo()).toMatchObject({ outcome: 'proven', detail: 'nothing was stopped' });
    expect([drain.calls, await service.isRunning()]).toEqual([[], false]);
  });

  it.each([
    ['is ill', async () => void (await bed.component.run(['touch', '/tmp/drain-ill'])), /web3: not so: /],
    ['is away', async () => undefined, /web3: /],
  ])('does not begin when a member that the cluster needs %s', async (how, spoil, why) => {
    await spoil();
    const away = { ...bed.component.settings, port: 9, timeoutMs: 500 };
    const web3 = how === 'is away' ? away : bed.component.settings;
    const targets = { web1: bed.component.settings, web2: bed.component.settings, web3 };
    await expect(open(targets).plan({ system: 'web1' })).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/1 other members work, 2 must/),
      hint: expect.stringMatching(/resume/),
    });
    await expect(open(targets).plan({ system: 'web1' })).rejects.toThrow(why);
    expect(await service.isRunning()).toBe(true);
  });

  it('has nothing to do for a host outside of every cluster', async () => {
    policies.write({});
    const drain = open();
    const { plan } = await drain.plan({ system: 'web1' });
    expect(plan.stays).toEqual(['web1 is in no cluster: nothing to take it out of']);
    await drain.act();
    expect(await drain.verify()).toMatchObject({ outcome: 'proven' });
    expect(drain.calls).toEqual([]);
  });
});
