import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HostService, hostService } from '../../tests/proofs/host-service.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { patchingPolicies } from '../testbench/patching-policy.ts';
import { hostCheckHealth } from './host-check-health.ts';

const bed = await need('host');

bed.describe('host.check-health', () => {
  const policies = patchingPolicies();
  let service: HostService;
  beforeAll(async () => {
    service = await hostService(bed.component, 'health-pay');
    await service.start();
  });
  afterAll(() => policies.remove());
  const verdict = async (checks: string) => {
    policies.write({ health: `[{ hosts: ['web*'], settle_seconds: 0, ${checks} }]` });
    const check = verbs(hostCheckHealth, {
      targets: { web1: bed.component.settings },
      policiesFolder: policies.policiesFolder,
    });
    await check.plan({ system: 'web1' });
    await check.act();
    expect(check.calls).toEqual([]);
    return await check.verify();
  };

  it('is proven when service, port and own check hold', async () => {
    const checks = 'services: [health-pay], ports: [22], commands: [[/usr/bin/test, -d, /etc]]';
    expect(await verdict(checks)).toEqual({ outcome: 'proven', detail: '3 checks hold' });
  });

  it.each([
    ['services: [health-none]', /not so: service health-none runs \(it does not\)/],
    ['ports: [4433]', /not so: port 4433 is listened on \(nobody listens\)/],
    ['commands: [[/usr/bin/ls, /no-such]]', /not so: \/usr\/bin\/ls \/no-such ends with 0 \(ended with 2: /],
  ])('is not proven with %s', async (checks, detail) => {
    expect(await verdict(checks)).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(detail),
    });
  });

  it('says that nothing is checked where the policy names nothing', async () => {
    policies.write({});
    const check = verbs(hostCheckHealth, {
      targets: { web1: bed.component.settings },
      policiesFolder: policies.policiesFolder,
    });
    const { plan } = await check.plan({ system: 'web1' });
    expect(plan.stays[0]).toMatch(/names no check for web1/);
  });
});
