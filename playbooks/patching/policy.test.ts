import { describe, expect, it } from 'vitest';
import { exemptionOf, orderOfWave, type PatchingPolicy, type Wave } from './policy.ts';

const wave: Wave = {
  id: 'db',
  title: 'Databases',
  canary: 'web9',
  hosts: ['db1', 'app1', 'db2', 'web9', 'db3'],
  window: 'servers',
  notice_hours: 24,
  unreachable: 'stop',
};

describe('the order of a wave', () => {
  it('begins with the canary, and takes members of a cluster in the order of the cluster', () => {
    const clusters = [{ id: 'db', members: ['db3', 'db1', 'db2'], keep: 2 }];
    expect(orderOfWave(wave, clusters)).toEqual(['web9', 'db3', 'app1', 'db1', 'db2']);
  });

  it('leaves a canary first that is a member of a cluster', () => {
    const clusters = [{ id: 'db', members: ['db3', 'db1', 'db2'], keep: 2 }];
    expect(orderOfWave({ ...wave, canary: 'db2' }, clusters)).toEqual(['db2', 'db3', 'app1', 'web9', 'db1']);
  });
});

describe('an exemption', () => {
  const policy: PatchingPolicy = {
    waves: [],
    health: [],
    clusters: [],
    keep_running: [],
    services: {},
    raise: { open: 'high', exploited: 'critical' },
    exemptions: [
      { hosts: ['db*'], packages: ['postgresql-*'], why: 'certified', until: '2026-12-31', place: 'p:1' },
    ],
  };

  it.each([
    ['holds until the end of its last day', 'DB1', 'postgresql-15', '2026-12-31T23:59:59Z', 'holds'],
    ['has ended on the day after', 'db1', 'postgresql-15', '2027-01-01T00:00:00Z', 'ended'],
    ['is for its packages only', 'db1', 'openssl', '2026-12-01T00:00:00Z', undefined],
    ['is for its hosts only', 'web1', 'postgresql-15', '2026-12-01T00:00:00Z', undefined],
  ] as const)('%s', (_, host, name, at, state) => {
    expect(Object.keys(exemptionOf(policy, host, name, Date.parse(at)))).toEqual(state ? [state] : []);
  });
});
