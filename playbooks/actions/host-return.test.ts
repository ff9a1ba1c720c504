import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HostService, hostService } from '../../tests/proofs/host-service.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { patchingPolicies } from '../testbench/patching-policy.ts';
import { hostReturn } from './host-return.ts';

const bed = await need('host');

bed.describe('host.return', () => {
  const policies = patchingPolicies();
  policies.write({ clusters: '[{ id: pay, members: [web1, web2], keep: 1, drain: return-pay }]' });
  let service: HostService;
  beforeAll(async () => {
    service = await hostService(bed.component, 'return-pay');
  });
  afterAll(() => policies.remove());
  const open = () =>
    verbs(hostReturn, {
      targets: { web1: bed.component.settings, web9: bed.component.settings },
      policiesFolder: policies.policiesFolder,
    });

  it('starts what the cluster needs, and sends nothing the second time', async () => {
    const back = open();
    await back.plan({ system: 'web1' });
    expect(await back.verify()).toMatchObject({ outcome: 'not-proven' });
    expect(await back.act()).toEqual({ changed: true });
    expect(await service.isRunning()).toBe(true);
    expect(await back.verify()).toMatchObject({ outcome: 'proven', detail: 'return-pay runs' });
    expect(await back.act()).toEqual({ changed: false });
    expect(back.calls).toEqual(['ssh start of return-pay']);
  });

  it('is not proven when the service does not come up', async () => {
    await service.stop();
    await service.breakIt();
    const back = open();
    await back.plan({ system: 'web1' });
    await back.act();
    expect(await back.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/does not run; start it by hand, then resume/),
    });
  });

  it('has nothing to do for a host outside of every cluster', async () => {
    const back = open();
    const { plan } = await back.plan({ system: 'web9' });
    expect(plan.changes).toEqual([]);
    await back.act();
    expect([back.calls, await back.verify()]).toEqual([
      [],
      { outcome: 'proven', detail: 'nothing had to be started' },
    ]);
  });
});
