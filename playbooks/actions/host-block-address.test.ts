import { afterAll, beforeAll, expect, it } from 'vitest';
import { verbs } from '../../tests/proofs/verbs.ts';
import { type LinuxHost, startHost } from '../../tests/testbed/host.ts';
import { needInstalled } from '../../tests/testbed/need.ts';
import { hostBlockAddress } from './host-block-address.ts';

// Of its own: what is blocked here would be missed by other suites.
const { describe } = await needInstalled('host');

describe('host.block-address', () => {
  let host: LinuxHost;
  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(() => host.stop());
  const block = () => verbs(hostBlockAddress, { targets: { ssh: host.settings } });
  const sets = async () => (await host.run(['nft', 'list', 'ruleset'])).replace(/expires \S+/g, '');

  it('keeps one address out and no other, reads the set back, and undo lets it in again', async () => {
    expect(await host.answers(host.other)).toBe(true);
    const one = block();
    expect((await one.plan({ address: host.other, hours: 2 })).plan.changes).toEqual([
      `+ packets from and to ${host.other} are dropped for 2 h`,
    ]);
    expect(await one.verify()).toMatchObject({ outcome: 'not-proven' });
    await one.act();
    expect(await one.verify()).toMatchObject({
      outcome: 'proven',
      detail: expect.stringMatching(/for 7(200|1\d\d) s more/),
    });
    expect([await host.answers(host.other), await host.answers(host.management)]).toEqual([false, true]);
    expect(await one.undo()).toMatchObject({ outcome: 'proven' });
    expect(await host.answers(host.other)).toBe(true);
  });

  it.each([
    ['a network', '203.0.113.0/24', 24],
    ['an IPv6 address as people write it', '2001:DB8:0:0::9', 0],
    ['an IPv6 network', '2001:db8:7::/64', 1],
  ])('blocks %s and finds it again, once', async (_, address, hours) => {
    const first = block();
    await first.plan({ address, hours });
    await first.act();
    expect(await first.verify()).toMatchObject({ outcome: 'proven' });
    const second = block();
    expect((await second.plan({ address, hours })).plan.changes).toEqual([]);
    await second.act();
    await second.undo();
    expect(second.calls).toEqual([]);
    expect(await first.verify()).toMatchObject({ outcome: 'proven' });
    await first.undo();
    expect(await first.verify()).toMatchObject({ outcome: 'not-proven' });
  });

  it('says when somebody took the rules away that drop', async () => {
    const one = block();
    await one.plan({ address: '203.0.113.77' });
    await one.act();
    await host.run(['nft', 'flush chain inet vigia_block input']);
    expect(await one.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringContaining('somebody changed the rules'),
    });
    await host.run(['nft', 'delete table inet vigia_block']);
  });

  it('refuses a network that holds the address of Vigia', async () => {
    const [before, network] = [await sets(), host.management.replace(/\d+\.\d+$/, '0.0/16')];
    await expect(block().plan({ address: network })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(host.management),
    });
    expect(await sets()).toBe(before);
  });

  it.each(['203.0.113.9/24', '10.0.0.0/8', '300.1.1.1', '1.2.3.4/33', '::/0', 'x; id'])(
    'takes no %s',
    (address) => expect(block().plan({ address })).rejects.toMatchObject({ exitCode: 2 }),
  );
});
