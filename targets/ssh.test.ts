import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { need } from '../tests/testbed/need.ts';
import { type ChangeCalls, readsOnly } from './calls.ts';
import type { SshSettings } from './settings.ts';
import { type Host, withHost } from './ssh.ts';

const bed = await need('host');
const free: ChangeCalls = { before: () => undefined, after: () => undefined };

bed.describe('a Linux host over SSH', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-ssh-'));
  const passwordFile = join(folder, 'password');
  beforeAll(async () => {
    writeFileSync(passwordFile, 'Va1-ssh-secret\n');
    await bed.component.run(['useradd', '--create-home', '--shell', '/bin/sh', 'ssh-guest']);
    await bed.component.run(['chpasswd'], 'ssh-guest:Va1-ssh-secret\n');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const on = <T>(
    use: (host: Host) => Promise<T>,
    settings: SshSettings = bed.component.settings,
    calls = readsOnly,
  ) => withHost('web1', settings, calls, use);
  const nothing = async () => undefined;

  it('runs words, not lines, and gives code and text', async () => {
    const text = `$(id); "it's" *`;
    const echo = { words: ['/bin/echo', '-n', text] };
    expect(await on((host) => host.read('echo', echo))).toEqual({ code: 0, text });
    const no = { words: ['/bin/false'], codes: [0, 1] };
    expect(await on((host) => host.read('asking', no))).toEqual({ code: 1, text: '' });
  });

  it('logs on with a password file too', async () => {
    const { keyFile: _, ...rest } = bed.component.settings;
    const guest = { ...rest, user: 'ssh-guest', passwordFile };
    const me = await on((host) => host.read('asking', { words: ['/usr/bin/id', '-un'] }), guest);
    expect(me.text).toBe('ssh-guest\n');
  });

  it('refuses a host with another key, names the key it saw, and does not log on', async () => {
    const hostKey = `SHA256:${'A'.repeat(43)}`;
    const failure = on(nothing, { ...bed.component.settings, hostKey });
    await expect(failure).rejects.toMatchObject({ exitCode: 4 });
    await expect(failure).rejects.toThrow(
      `shows the key ${bed.component.hostKey}, the settings pin ${hostKey}`,
    );
  });

  it('waits for a server that is being started anew', async () => {
    await bed.component.run(['service', 'ssh', 'stop']);
    const me = on((host) => host.read('asking', { words: ['/usr/bin/id', '-un'] }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await bed.component.run(['service', 'ssh', 'start']);
    expect((await me).text).toBe('svc-vigia\n');
  });

  it('says who was not let in, without the password', async () => {
    const { keyFile: _, ...rest } = bed.component.settings;
    const stranger = { ...rest, user: 'nobody-here', passwordFile };
    const failure = await on(nothing, stranger).catch((error: Error) => error);
    expect(failure).toMatchObject({ exitCode: 3, hint: expect.stringContaining('its key or password') });
    expect(String(failure)).toContain('logon as nobody-here failed');
    expect(String(failure)).not.toContain('Va1-ssh-secret');
  });

  it('says that sudo does not know a command', async () => {
    const look = { words: ['/bin/cat', '/etc/shadow'], sudo: true } as const;
    await expect(on((host) => host.read('looking', look))).rejects.toMatchObject({
      message: expect.stringMatching(/looking failed: .*password is required/),
      hint: expect.stringContaining('deploy/sudoers-vigia'),
    });
  });

  it('ends waiting for a command that takes too long', async () => {
    const sleep = { words: ['/bin/sleep', '60'] };
    const failure = on((host) => host.read('sleeping', sleep), {
      ...bed.component.settings,
      timeoutMs: 1_000,
    });
    await expect(failure).rejects.toThrow(/sleeping failed: no answer within 1000 ms/);
  });

  it('ends waiting for a host that takes the connection and says nothing', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((ready) => silent.listen(0, '127.0.0.1', ready));
    const { port } = silent.address() as { port: number };
    const settings = { ...bed.component.settings, host: '127.0.0.1', port, timeoutMs: 300 };
    await expect(on(nothing, settings)).rejects.toThrow(/logon as svc-vigia failed: Timed out/);
    silent.close();
  });

  it('refuses an answer without end instead of keeping it', async () => {
    const flood = { words: ['/bin/cat', '/dev/zero'] };
    await expect(on((host) => host.read('reading', flood))).rejects.toThrow(/longer than 8388608 bytes/);
  });

  it('changes nothing where only reads are allowed', async () => {
    const touch = { words: ['/usr/bin/touch', '/tmp/ssh-touched'] };
    await expect(on((host) => host.change('touching', touch))).rejects.toThrow(/only reads are allowed/);
    await expect(bed.component.run(['ls', '/tmp/ssh-touched'])).rejects.toThrow(/No such file/);
    await on((host) => host.change('touching', touch), bed.component.settings, free);
    expect(await bed.component.run(['ls', '/tmp/ssh-touched'])).toBe('/tmp/ssh-touched\n');
  });
});
