/**
 * Shippers of other makers. rsyslog and syslog-ng exclude each other as packages, so both are unpacked into a folder of their
 * own instead of installed; Python's clients live in an environment beside them. Made once per machine by the install step.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.ts';
import { type Contained, contain } from './contained.ts';
import { cacheFolder, removeFolder } from './folder.ts';

/** Change the number when the lists below change, so that old folders are not used. */
const name = 'shippers-1';
const unpacked = {
  rsyslog: ['rsyslog', 'rsyslog-elasticsearch', 'rsyslog-gnutls'],
  'syslog-ng': ['syslog-ng-core', 'syslog-ng-mod-http'],
} as const;
const pythonPackages = ['elasticsearch==9.5.1', 'opentelemetry-exporter-otlp-proto-http==1.45.2'];

export const shippersHome = (): string => cacheFolder(name);
/** Python with the clients above. */
export const shippersPython = (): string => join(shippersHome(), 'python', 'bin', 'python');

/** Must run under the install lock. The folder appears under its name only when it is complete. */
export async function makeShippers(): Promise<void> {
  if (existsSync(shippersHome())) return;
  const folder = mkdtempSync(cacheFolder('shippers-'));
  try {
    for (const [one, packages] of Object.entries(unpacked)) {
      const into = join(folder, one);
      mkdirSync(into);
      await command('apt-get', ['-q', 'download', ...packages], { cwd: into });
      for (const file of readdirSync(into)) await command('dpkg', ['-x', file, into], { cwd: into });
    }
    await command('/usr/bin/python3', ['-m', 'venv', join(folder, 'python')]);
    await command(join(folder, 'python/bin/python'), ['-m', 'pip', '-q', 'install', ...pythonPackages]);
    renameSync(folder, shippersHome());
  } finally {
    removeFolder(folder);
  }
}

/** An rsyslog with this configuration, in `folder`; it ends with the test process. */
export async function startRsyslog(folder: string, configuration: string): Promise<Contained> {
  const home = join(shippersHome(), 'rsyslog');
  const file = join(folder, 'rsyslog.conf');
  writeFileSync(file, `global(workDirectory="${folder}")\n${configuration}`);
  return contain({
    program: join(home, 'usr/sbin/rsyslogd'),
    args: [
      ...['-n', '-f', file, '-i', join(folder, 'rsyslog.pid')],
      ...['-M', join(home, 'usr/lib/x86_64-linux-gnu/rsyslog')],
    ],
    logFile: join(folder, 'rsyslog.log'),
  });
}

/** A syslog-ng with this configuration, in `folder`; it ends with the test process. */
export async function startSyslogNg(folder: string, configuration: string): Promise<Contained> {
  const home = join(shippersHome(), 'syslog-ng');
  const file = join(folder, 'syslog-ng.conf');
  writeFileSync(file, `@version: 3.38\n${configuration}`);
  return contain({
    program: join(home, 'usr/sbin/syslog-ng'),
    args: [
      ...['-F', '--no-caps', '--stderr', '-f', file, '-R', join(folder, 'syslog-ng.persist')],
      ...['-p', join(folder, 'syslog-ng.pid'), '-c', join(folder, 'syslog-ng.ctl')],
      ...['--module-path', join(home, 'usr/lib/syslog-ng/3.38')],
    ],
    env: {
      ...process.env,
      LD_LIBRARY_PATH: [join(home, 'usr/lib/syslog-ng'), join(home, 'usr/lib/x86_64-linux-gnu')].join(':'),
    },
    logFile: join(folder, 'syslog-ng.log'),
  });
}
