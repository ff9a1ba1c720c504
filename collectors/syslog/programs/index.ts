/** Which reader understands which program's messages. */
import { accounts } from './accounts.ts';
import type { Finding } from './finding.ts';
import { pam } from './pam.ts';
import { sshd } from './sshd.ts';
import { su, sudo } from './sudo.ts';
import { cron, kernel, logging, systemd } from './system.ts';

export interface Program {
  read?: (text: string) => Finding | undefined;
  /** Service of the Sigma log source. */
  service: string;
}

const shadow: Program = { read: accounts, service: 'auth' };
const PROGRAMS: Readonly<Record<string, Program>> = {
  sshd: { read: sshd, service: 'sshd' },
  sudo: { read: sudo, service: 'sudo' },
  su: { read: su, service: 'auth' },
  cron: { read: cron, service: 'cron' },
  crond: { read: cron, service: 'cron' },
  crontab: { read: cron, service: 'cron' },
  systemd: { read: systemd, service: 'syslog' },
  'systemd-logind': { read: systemd, service: 'auth' },
  kernel: { read: kernel, service: 'syslog' },
  rsyslogd: { read: logging, service: 'syslog' },
  auditd: { read: logging, service: 'syslog' },
  'systemd-journald': { read: logging, service: 'syslog' },
  'syslog-ng': { read: logging, service: 'syslog' },
  ...Object.fromEntries(
    [
      'useradd',
      'usermod',
      'userdel',
      'groupadd',
      'groupmod',
      'groupdel',
      'gpasswd',
      'passwd',
      'chpasswd',
      'chage',
      'chsh',
      'chfn',
      'newusers',
      'vipw',
      'vigr',
    ].map((name) => [name, shadow]),
  ),
};

/** Facilities that carry logins: `auth` and `authpriv`. */
const LOGIN_FACILITIES: readonly (number | undefined)[] = [4, 10];

/** `/usr/sbin/CRON` is cron, `sshd-session` (OpenSSH 9.8 and later) is sshd. */
function plainName(name: string): string {
  const base = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  return base.startsWith('sshd-') ? 'sshd' : base;
}

/** What the message says, if anybody here knows, and the log source it belongs to. */
export function readMessage(
  program: string,
  facility: number | undefined,
  text: string,
): { finding?: Finding; service: string } {
  const name = plainName(program);
  const known = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
  const byPam = pam(text);
  const finding = byPam ?? known?.read?.(text);
  const isLogin = byPam !== undefined || LOGIN_FACILITIES.includes(facility);
  const service = known?.service ?? (isLogin ? 'auth' : 'syslog');
  return finding === undefined ? { service } : { finding, service };
}
