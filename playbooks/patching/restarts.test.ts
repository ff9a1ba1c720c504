import { describe, expect, it } from 'vitest';
import type { Host } from '../../targets/ssh.ts';
import { readProcesses } from './processes.ts';
import { groupRestarts } from './restarts.ts';

const SSL = '/usr/lib/x86_64-linux-gnu/libssl.so.3';
interface Row {
  readonly pid: number;
  readonly parent?: number;
  readonly user?: string;
  readonly cgroup?: string;
  readonly name: string;
  /** Mapped files, the program first. */
  readonly maps: readonly string[];
}

/** A host that answers as a real one was seen to. */
const hostOf = (rows: readonly Row[], owners = ''): Host => ({
  server: 'web1',
  async read(_, { words }) {
    const line = words.join(' ');
    if (line.startsWith('/usr/bin/ps'))
      return {
        code: 0,
        text: rows
          .map(
            ({ pid, parent = 1, user = 'root', cgroup = '0::/', name }) =>
              `${String(pid).padStart(7)} ${String(parent).padStart(7)} ${user.padEnd(32)} ${cgroup.padEnd(60)} ${name}`,
          )
          .join('\n'),
      };
    if (line.startsWith('/usr/bin/find'))
      return {
        code: 1,
        text: rows
          .flatMap(({ pid, maps }) =>
            maps.map(
              (path) => `/proc/${pid}/maps:7f87-7f88 r-xp 000c5000 00:32 10007617                   ${path}`,
            ),
          )
          .join('\n'),
      };
    return { code: 1, text: owners };
  },
  change: () => Promise.reject(new Error('nothing is changed here')),
});

const policy = { keep_running: [{ service: 'dbus', why: 'every session hangs on it' }] };
const restartsOf = async (
  rows: readonly Row[],
  { owners = '', services = {} }: { owners?: string; services?: Record<string, string> } = {},
) => groupRestarts(await readProcesses(hostOf(rows, owners), services), policy);

const systemd: Row = {
  pid: 1,
  parent: 0,
  name: 'systemd',
  cgroup: '0::/init.scope',
  maps: ['/usr/lib/systemd/systemd'],
};

describe('what must be restarted', () => {
  it('is known by the slice of systemd, whatever the program calls itself', async () => {
    const found = await restartsOf([
      systemd,
      {
        pid: 90,
        name: 'java -Xmx',
        cgroup: '0::/system.slice/payments@1.service',
        maps: ['/usr/bin/java', `${SSL} (deleted)`],
      },
      {
        pid: 91,
        name: 'child',
        parent: 90,
        cgroup: '0::/system.slice/payments@1.service/inner',
        maps: ['/usr/bin/x (deleted)'],
      },
      { pid: 95, name: 'nginx', cgroup: '0::/system.slice/nginx.service', maps: ['/usr/sbin/nginx', SSL] },
    ]);
    expect(found).toEqual({
      services: [{ service: 'payments@1', pids: [90, 91], files: ['/usr/bin/x', SSL] }],
      left: [],
    });
  });

  it('says what a restart of services does not reach, and why', async () => {
    const { services, left } = await restartsOf([
      { ...systemd, maps: ['/usr/lib/systemd/systemd', `${SSL} (deleted)`] },
      { pid: 70, name: 'dbus-daemon', cgroup: '0::/system.slice/dbus.service', maps: [`${SSL} (deleted)`] },
      {
        pid: 80,
        user: 'anna',
        name: 'x',
        cgroup: '0::/user.slice/user-1000.slice/user@1000.service/app.slice/x.service',
        maps: [`${SSL} (deleted)`],
      },
      { pid: 81, name: 'y', cgroup: '0::/docker/abc', maps: [`${SSL} (deleted)`] },
    ]);
    expect(services).toEqual([]);
    expect(left).toEqual([
      'dbus (process 70) is never restarted: every session hangs on it',
      expect.stringMatching(/^process 1 .* until a reboot$/),
      expect.stringMatching(/^process 80 .* of a session of anna /),
      expect.stringMatching(/^process 81 .* belongs to no service/),
    ]);
  });

  it('is no file that a program made for itself', async () => {
    const rows = [
      '/memfd:jit (deleted)',
      '/tmp/x.so (deleted)',
      '/dev/zero (deleted)',
      '/SYSV00000000 (deleted)',
    ];
    expect(await restartsOf([systemd, { pid: 9, name: 'x', maps: rows }])).toEqual({
      services: [],
      left: [],
    });
  });

  it('is known by policy, start script or package where there is no systemd', async () => {
    const owners = [
      'openssh-server: /etc/init.d/ssh',
      'nginx-common: /etc/init.d/nginx',
      'openssh-server: /usr/sbin/sshd',
      'nginx: /usr/sbin/nginx',
    ].join('\n');
    const gone = `${SSL} (deleted)`;
    const found = await restartsOf(
      [
        { pid: 1, parent: 0, name: 'init', maps: ['/usr/sbin/init'] },
        { pid: 10, name: 'sshd', maps: ['/usr/sbin/sshd', gone] },
        { pid: 11, parent: 10, name: 'sshd', maps: ['/usr/sbin/sshd', gone] },
        { pid: 12, parent: 11, user: 'anna', name: 'sshd', maps: ['/usr/sbin/sshd', gone] },
        { pid: 13, parent: 12, user: 'anna', name: 'vim', maps: ['/usr/bin/vim', gone] },
        // Its server has ended.
        { pid: 21, parent: 1, name: 'sshd', maps: ['/usr/sbin/sshd', gone] },
        { pid: 22, parent: 21, user: 'eve', name: 'sshd', maps: ['/usr/sbin/sshd', gone] },
        { pid: 30, name: 'nginx', maps: ['/usr/sbin/nginx', gone] },
        { pid: 40, name: 'openssl', maps: ['/usr/bin/openssl', gone] },
      ],
      { owners, services: { openssl: 'payments' } },
    );
    expect(found.services.map(({ service, pids }) => [service, pids])).toEqual([
      ['nginx', [30]],
      ['payments', [40]],
      ['ssh', [10]],
    ]);
    expect(found.left.map((line) => /^process (\d+) .*session/.exec(line)?.[1])).toEqual([
      '11',
      '12',
      '13',
      '21',
      '22',
    ]);
  });
});
