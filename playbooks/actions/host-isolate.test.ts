import { afterAll, beforeAll, expect, it } from 'vitest';
import { verbs } from '../../tests/proofs/verbs.ts';
import { type LinuxHost, startHost } from '../../tests/testbed/host.ts';
import { needInstalled } from '../../tests/testbed/need.ts';
import { hostIsolate } from './host-isolate.ts';

// Of its own: an isolated host is none for other suites.
const { describe } = await needInstalled('host');

describe('host.isolate', () => {
  let host: LinuxHost;
  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(() => host.stop());
  const isolate = () => verbs(hostIsolate, { targets: { ssh: host.settings } });
  const reached = async () => [await host.answers(host.management), await host.answers(host.other)];
  const tables = () => host.run(['nft', 'list', 'tables']);

  it('keeps only the management address, even for open connections, and undo deletes the table', async () => {
    const one = isolate();
    const { plan, subjects } = await one.plan({ keep: [host.management, '2001:db8::10'] });
    expect(subjects[0]?.names).toEqual(['ssh', host.address]);
    expect(plan.changes).toEqual([
      '- every packet from, to and through ssh is dropped for 4 h, then the host releases itself',
    ]);
    expect(await reached()).toEqual([true, true]);
    await one.act();
    expect(await one.verify()).toMatchObject({
      outcome: 'proven',
      detail: expect.stringMatching(/the host releases itself in 14[34]\d\d s/),
    });
    expect(await reached()).toEqual([true, false]);
    await expect(
      host.run(['bash', '-c', `exec 3<>/dev/udp/${host.management}/9; echo x >&3`]),
    ).rejects.toThrow(/not permitted/);
    const second = isolate();
    expect((await second.plan({ keep: [host.management] })).plan.changes).toEqual([]);
    await second.act();
    await second.undo();
    expect(second.calls).toEqual([]);
    expect(await reached()).toEqual([true, false]);
    expect(await one.undo()).toMatchObject({ outcome: 'proven' });
    expect([await reached(), await tables()]).toEqual([[true, true], '']);
  });

  it('is released by the host itself when the timer is over, and can be isolated again', async () => {
    const one = isolate();
    await one.plan({ keep: [host.management] });
    await one.act();
    // What the kernel does after the hours, made quick: the same elements with one second.
    await host.run([
      'nft',
      'flush set inet vigia_isolation active; add element inet vigia_isolation active { ip timeout 1s, ip6 timeout 1s }',
    ]);
    expect(await host.answers(host.other)).toBe(false);
    await expect.poll(() => host.answers(host.other), { timeout: 10_000 }).toBe(true);
    expect(await one.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringContaining('no longer'),
    });
    await one.act();
    expect(await one.verify()).toMatchObject({ outcome: 'proven' });
    await one.undo();
    expect(await tables()).toBe('');
  });

  it('stays until undone when that was asked for', async () => {
    const one = isolate();
    await one.plan({ keep: [host.management], hours: 0 });
    await one.act();
    expect(await one.verify()).toMatchObject({
      outcome: 'proven',
      detail: expect.stringContaining('until it is undone'),
    });
    await one.undo();
  });

  it('refuses when the address of Vigia is not kept', async () => {
    await expect(isolate().plan({ keep: [host.other] })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(`lack ${host.management}`),
    });
    expect(await tables()).toBe('');
  });
});
