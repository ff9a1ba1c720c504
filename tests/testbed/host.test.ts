/** The Linux host of the test bed: nothing of it stays, and its account of Vigia may do what the shipped file says and no more. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { command, tryCommand } from './command.ts';
import { type LinuxHost, startHost } from './host.ts';
import { needInstalled } from './need.ts';
import { stillRunning } from './processes.ts';

const { describe } = await needInstalled('host');

describe('the Linux host of the test bed', () => {
  let host: LinuxHost;
  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(() => host.stop());

  /** Asks sudo without running anything. */
  const allows = (...words: string[]) =>
    host.run(['runuser', '-u', host.user, '--', 'sudo', '-n', '-l', '--', ...words]).then(
      () => true,
      () => false,
    );

  const apt =
    '/usr/bin/apt-get -q -y -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold --no-remove'.split(
      ' ',
    );
  const find = '/usr/bin/find /proc -mindepth 2 -maxdepth 2 -name maps -exec'.split(' ');

  it.each([
    [...apt, '--only-upgrade', 'install', 'openssl=3.0.17-1~deb12u2', 'libssl3:amd64=1:2.0+b1'],
    [...apt, '--allow-downgrades', 'install', 'openssl=3.0.17-1~deb12u1'],
    [...find, '/usr/bin/grep', '-Hs', 'r-xp', '{}', '+'],
    ['/usr/sbin/service', 'nginx', 'restart'],
    ['/usr/sbin/usermod', '-L', 'anna'],
    ['/usr/bin/chage', '-E', '-1', 'anna'],
    ['/usr/bin/pkill', '-KILL', '-U', '1000'],
    ['/usr/sbin/nft', 'add element inet vigia_block blocked4 { 203.0.113.9 timeout 4h }'],
  ])('lets the account of Vigia run %s %s', async (...words) => {
    expect(await allows(...words)).toBe(true);
  });

  it.each([
    [...apt, '--only-upgrade', 'install', './own.deb'],
    [...apt, '--only-upgrade', 'install', 'openssl'],
    [...apt, '--only-upgrade', 'install', 'openssl=1-'],
    [...apt, '--only-upgrade', 'install', 'openssl=1', '-o', 'Dpkg::Pre-Invoke::=/bin/sh'],
    [...apt, '--only-upgrade', '-o', 'Dpkg::Pre-Invoke::=/bin/sh', 'install', 'openssl=1'],
    [...apt, '--allow-downgrades', 'remove', 'openssl=1'],
    ['/usr/bin/apt-get', 'update'],
    [...find, '/bin/sh', '-c', 'id', '+'],
    ['/usr/sbin/service', '../../tmp/own', 'restart'],
    ['/usr/sbin/service', 'ssh', 'stop'],
    ['/usr/sbin/service', 'nginx', 'restart', 'x'],
    ['/usr/sbin/usermod', '-L', 'root'],
    ['/usr/sbin/usermod', '-L', '-e', '1', 'anna'],
    ['/usr/sbin/usermod', '-L', '-p', 'anna'],
    ['/usr/bin/chage', '-E', '1', 'root'],
    ['/usr/bin/passwd', 'anna'],
    ['/usr/bin/passwd', '-d', 'anna'],
    ['/usr/bin/pkill', '-KILL', '-U', '0'],
    ['/usr/bin/pkill', '-KILL', '-U', '999'],
    ['/usr/bin/pkill', '-KILL', '-U', '1000,0'],
    ['/usr/sbin/nft', 'flush ruleset'],
    ['/usr/sbin/nft', '-f', '-'],
    ['/usr/sbin/nft', 'delete table inet filter'],
    ['/usr/sbin/nft', 'add element inet vigia_block blocked4 { 203.0.113.9 }; flush ruleset'],
    ['/usr/sbin/nft', 'add element inet vigia_block blocked4 { 203.0.113.9 }\nflush ruleset'],
    ['/bin/sh'],
    ['/usr/bin/cat', '/etc/shadow'],
  ])('does not let the account of Vigia run %s %s %s', async (...words) => {
    expect(await allows(...words)).toBe(false);
  });

  it('leaves no process, cable or folder when it is stopped', async () => {
    const other = await startHost();
    const cables = async () => await command('ip', ['-o', 'addr', 'show']);
    expect(await cables()).toContain(` ${other.management}/28 `);
    await other.stop();
    expect(stillRunning([other.pid])).toEqual([]);
    expect(existsSync(dirname(other.keyFile))).toBe(false);
    // The kernel takes the network apart a moment after its last process.
    await expect.poll(cables, { timeout: 10_000 }).not.toContain(` ${other.management}/28 `);
    expect((await tryCommand('mount', [])).stdout).not.toContain(dirname(other.keyFile));
  });
});
