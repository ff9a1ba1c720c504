import { expect, it } from 'vitest';
import { readsOnly } from '../../targets/calls.ts';
import { withHost } from '../../targets/ssh.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { hostLockUser } from './host-lock-user.ts';

const bed = await need('host');

bed.describe('host.lock-user', () => {
  const targets = () => ({ ssh: bed.component.settings });
  const shadow = async (name: string) => (await bed.component.run(['getent', 'shadow', name])).trimEnd();
  /** With a password, and the key of Vigia as its own. */
  const person = async (name: string, ...options: string[]) => {
    await bed.component.run(['useradd', '--create-home', '--shell', '/bin/sh', ...options, name]);
    await bed.component.run(['chpasswd'], `${name}:Va1-lock-user\n`);
    await bed.component.run(['cp', '-r', '/home/svc-vigia/.ssh', `/home/${name}/`]);
    await bed.component.run(['chown', '-R', name, `/home/${name}/.ssh`]);
  };
  const logsOn = (user: string) =>
    withHost('web1', { ...bed.component.settings, user }, readsOnly, async () => true).catch(() => false);

  it.each([
    ['never expired', []],
    ['expires one day', ['--expiredate', '2031-05-06']],
  ])(
    'keeps a key from logging on, and undo restores every field of an account that %s',
    async (_, options) => {
      const name = `lock-${options.length}`;
      await person(name, ...options);
      const before = await shadow(name);
      expect(await logsOn(name)).toBe(true);
      const lock = verbs(hostLockUser, { targets: targets() });
      await lock.plan({ user: name });
      expect(await lock.verify()).toMatchObject({
        outcome: 'not-proven',
        detail: expect.stringMatching(/not locked; the account expires/),
      });
      await lock.act();
      expect(await lock.verify()).toMatchObject({ outcome: 'proven' });
      expect(await logsOn(name)).toBe(false);
      expect(lock.calls).toEqual(['ssh setting the expiry', 'ssh setting the lock']);
      expect(await lock.undo()).toMatchObject({ outcome: 'proven' });
      expect(await shadow(name)).toBe(before);
      expect(await logsOn(name)).toBe(true);
    },
  );

  it('sends nothing the second time, and undo of the second run does not unlock', async () => {
    await person('lock-twice');
    const first = verbs(hostLockUser, { targets: targets() });
    await first.plan({ user: 'lock-twice' });
    await first.act();
    const locked = await shadow('lock-twice');
    const second = verbs(hostLockUser, { targets: targets() });
    expect((await second.plan({ user: 'lock-twice' })).plan.changes).toEqual([]);
    await second.act();
    await second.undo();
    expect(second.calls).toEqual([]);
    expect(await shadow('lock-twice')).toBe(locked);
  });

  it('is finished by a second act when the answer to the first change was lost', async () => {
    await person('lock-lost');
    const lock = verbs(hostLockUser, { targets: targets() });
    await lock.plan({ user: 'lock-lost' });
    lock.loseNextAnswer();
    await expect(lock.act()).rejects.toThrow(/answer was lost/);
    expect(await lock.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/password is not locked; plan/),
    });
    await lock.act();
    expect(await lock.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('keeps off an account that took the name of the planned one', async () => {
    await person('lock-moved');
    const lock = verbs(hostLockUser, { targets: targets() });
    await lock.plan({ user: 'lock-moved' });
    await bed.component.run(['userdel', 'lock-moved']);
    await bed.component.run(['useradd', '--uid', '4242', 'lock-moved']);
    await expect(lock.act()).rejects.toThrow(/and is number 4242 now/);
    expect(lock.calls).toEqual([]);
  });

  it.each([
    ['root', 4, /number 0, below 1000/],
    ['sshd', 4, /account of the system/],
    ['nobody-here', 1, /does not exist/],
  ])('does not plan for %s', async (user, exitCode, message) => {
    const planned = verbs(hostLockUser, { targets: targets() }).plan({ user });
    await expect(planned).rejects.toMatchObject({ exitCode, message: expect.stringMatching(message) });
  });

  it('takes no name that would be an option', async () => {
    await expect(verbs(hostLockUser, { targets: targets() }).plan({ user: '-S' })).rejects.toMatchObject({
      exitCode: 2,
    });
  });
});
