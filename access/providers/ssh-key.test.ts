import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbedded } from '../../store/embedded/open.ts';
import { keyPair } from '../../tests/testbed/key-pair.ts';
import { need } from '../../tests/testbed/need.ts';
import type { AccessDesk } from '../index.ts';
import { type Desk, openDesk } from '../testbench/desk.ts';

const bed = await need('host');
const MINUTE = 60_000;

bed.describe('a key for an account of a host for a time', () => {
  let desk: Desk;
  let vigia: AccessDesk;
  beforeAll(async () => {
    desk = await openDesk(openEmbedded, () => ({ web1: { ...bed.component.settings, names: ['web1'] } }));
    vigia = desk.process();
  });
  afterAll(() => desk?.close());
  const accountOf = (name: string) =>
    bed.component.run(['useradd', '--create-home', '--shell', '/bin/sh', name]);
  const keysOf = async (account: string) =>
    (await bed.component.run(['cat', `/etc/ssh/vigia-access/${account}`]))
      .split('\n')
      .filter((line) => line !== '');
  const start = (role: string, key: string, desk_ = vigia) =>
    desk.given(desk_, { system: 'web1', role, key: `${key} ana@desk` });

  /** An open session with that key; `ended` settles when the host hangs up. */
  function logOn(username: string, privateKey: string): Promise<{ ended: Promise<void> }> {
    const client = new ssh2.Client();
    const { promise, resolve, reject } = Promise.withResolvers<{ ended: Promise<void> }>();
    const ended = new Promise<void>((done) => client.once('close', () => done()));
    client.once('ready', () => client.shell((failure) => (failure ? reject(failure) : resolve({ ended }))));
    client.on('error', reject);
    client.connect({ host: bed.component.address, username, privateKey });
    return promise;
  }

  it('logs on while it lasts; its end takes it away and ends what runs', async () => {
    await accountOf('key-ops');
    const pair = keyPair();
    await expect(logOn('key-ops', pair.private)).rejects.toThrow(/authentication/);
    const given = await start('key-ops', pair.public);
    expect(given).toMatchObject({ state: 'active', account: 'key-ops', given: { outcome: 'proven' } });
    const session = await logOn('key-ops', pair.private);
    desk.wait(30 * MINUTE);
    const ended = await vigia.advance(given.id);
    await session.ended;
    expect(ended).toMatchObject({
      state: 'ended',
      ended: { proof: { right: { outcome: 'proven' }, sessions: { outcome: 'proven' } } },
    });
    expect(await keysOf('key-ops')).toEqual([]);
    await expect(logOn('key-ops', pair.private)).rejects.toThrow(/authentication/);
    expect(desk.calls).toEqual([
      'ssh giving the key',
      'ssh taking the key away',
      ...Array(2).fill('ssh ending processes'),
    ]);
  });

  it('is refused by the host itself after its time, whatever becomes of Vigia', async () => {
    await accountOf('key-past');
    const pair = keyPair();
    const late = desk.process({ now: () => Date.now() - 60 * MINUTE });
    const given = await start('key-past', pair.public, late);
    expect(given).toMatchObject({ state: 'active' });
    expect(await keysOf('key-past')).toEqual([expect.stringMatching(/^expiry-time="\d{14}" ssh-ed25519 /)]);
    await expect(logOn('key-past', pair.private)).rejects.toThrow(/authentication/);
    desk.wait(MINUTE);
    expect(await vigia.advance(given.id)).toMatchObject({ state: 'ended' });
  });

  it('is held by one person at a time, and taking it leaves other keys alone', async () => {
    await accountOf('key-one');
    await bed.component.run(['tee', '/etc/ssh/vigia-access/key-one'], '# kept by hand\n');
    const given = await start('key-one', keyPair().public);
    const second = vigia.request(
      { system: 'web1', role: 'key-one', why: 'x', minutes: 5, key: keyPair().public },
      'nuno',
    );
    await expect(second).rejects.toThrow(/is held by rita \(ACC-/);
    await vigia.takeBack(given.id, { by: 'rita', roles: [], reason: 'done' });
    expect(await vigia.advance(given.id)).toMatchObject({ state: 'ended' });
    expect(await keysOf('key-one')).toEqual(['# kept by hand']);
  });

  it.each([
    ['no key', 'key-ops', undefined, /asks for a public key/],
    ['a private key', 'key-ops', () => keyPair().private, /no public key/],
    ['options before the key', 'key-ops', () => `command="x" ${keyPair().public}`, /no public key/],
    ['a second line', 'key-ops', () => `${keyPair().public}\nssh-ed25519 AAAA`, /no public key/],
    ['root', 'root', () => keyPair().public, /account of the system/],
    ['a path', '../root', () => keyPair().public, /no name of an account/],
  ])('is not asked for with %s', async (_, role, key, message) => {
    const asked = vigia.request(
      { system: 'web1', role, why: 'x', minutes: 5, ...(key ? { key: key() } : {}) },
      'rita',
    );
    await expect(asked).rejects.toThrow(message);
  });
});
