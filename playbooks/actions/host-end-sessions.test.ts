import { expect, it } from 'vitest';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { hostEndSessions } from './host-end-sessions.ts';

const bed = await need('host');

bed.describe('host.end-sessions', () => {
  const targets = () => ({ targets: { ssh: bed.component.settings } });
  const person = (name: string) => bed.component.run(['useradd', '--create-home', name]);
  /** Processes in a session of that account that only SIGKILL ends. */
  const session = async (name: string) => {
    const stubborn = 'trap "" HUP TERM INT; sleep 600 & while :; do sleep 600; done';
    await bed.component.run([
      'sh',
      '-c',
      `setsid runuser -u ${name} -- sh -c '${stubborn}' >/dev/null 2>&1 &`,
    ]);
    await expect.poll(() => count(name)).toBeGreaterThan(2);
  };
  const count = async (name: string) =>
    Number(await bed.component.run(['sh', '-c', `ps -o stat= -U ${name} | grep -vc Z || true`]));

  it('kills what only SIGKILL ends, proves it, says that the account may log on, and leaves others alone', async () => {
    await person('end-ada');
    await person('end-bob');
    await session('end-ada');
    await session('end-bob');
    const end = verbs(hostEndSessions, targets());
    const { plan } = await end.plan({ user: 'end-ada' });
    expect(plan.observed['processes']).toBeGreaterThan(2);
    expect(await end.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/processes of the account run \(\d+ "sh".*; lock the account, then plan/),
    });
    await end.act();
    expect(await end.verify()).toEqual({
      outcome: 'proven',
      detail: 'no process of the account runs; it may still log on',
    });
    expect(await count('end-ada')).toBe(0);
    expect(await count('end-bob')).toBeGreaterThan(2);
  });

  it('sends nothing when there is nothing to end', async () => {
    await person('end-cy');
    const end = verbs(hostEndSessions, targets());
    await end.plan({ user: 'end-cy' });
    expect(await end.act()).toEqual({ found: 0 });
    expect(end.calls).toEqual([]);
  });

  it('kills nothing when there are more processes than approved', async () => {
    await person('end-di');
    const end = verbs(hostEndSessions, targets());
    await end.plan({ user: 'end-di', maxProcesses: 1 });
    await session('end-di');
    await expect(end.act()).rejects.toMatchObject({ exitCode: 4 });
    expect(end.calls).toEqual([]);
    expect(await count('end-di')).toBeGreaterThan(2);
  });
});
