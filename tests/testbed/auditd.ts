/** The machine's audit system, recorded by a daemon of our own for as long as something runs. There is one for the whole machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, tryCommand } from './command.ts';
import { removeFolder, temporaryFolder } from './folder.ts';

/** An account that nobody has: only what runs under it is recorded. */
export const auditedId = 59_999;

const daemon = '/usr/sbin/auditd';
const control = '/usr/sbin/auditctl';

/** The log that a shell script leaves, run by as many shells at once as `shells` says; nothing of it was lost by the kernel. */
export async function recordAudit(rules: readonly string[], script: string, shells: number): Promise<Buffer> {
  const holder = /^pid (\d+)$/m.exec(await command(control, ['-s']))?.[1];
  if (holder !== '0')
    throw new Error(`process ${holder} holds the audit system of this machine; end it first`);
  const folder = temporaryFolder('auditd');
  const [settings, work] = [join(folder, 'etc'), join(folder, 'work')];
  mkdirSync(join(settings, 'plugins.d'), { recursive: true, mode: 0o750 });
  mkdirSync(work);
  const log = join(folder, 'audit.log');
  writeFileSync(log, '', { mode: 0o600 });
  writeFileSync(join(settings, 'auditd.conf'), settingsOf(log, settings), { mode: 0o640 });
  writeFileSync(
    join(folder, 'rules'),
    [`-b 16384`, ...rules.map((rule) => rule.replaceAll('$WORK', work))].join('\n'),
  );
  // Outside a process namespace, or the kernel refuses it.
  const running = spawn('setpriv', ['--pdeathsig', 'KILL', daemon, '-n', '-c', settings, '-s', 'enable'], {
    stdio: 'ignore',
  });
  const ended = once(running, 'exit');
  try {
    for (const wanted of ['enabled 1', `pid ${running.pid}`]) await until(wanted);
    await command(control, ['-R', join(folder, 'rules')]);
    // The audit id is the shell's, and is kept by all it starts.
    writeFileSync(join(folder, 'script'), script);
    const shell = `echo ${auditedId} > /proc/self/loginuid && cd "$1" && . "$2"`;
    const one = () => command('sh', ['-c', shell, 'sh', work, join(folder, 'script')]);
    await Promise.all(Array.from({ length: shells }, one));
    await until('backlog 0');
    const lost = /^lost (\d+)$/m.exec(await command(control, ['-s']))?.[1];
    if (lost !== '0') throw new Error(`the kernel lost ${lost} records`);
  } finally {
    await tryCommand(control, ['-D']);
    await tryCommand(control, ['-e', '0']);
    running.kill('SIGTERM');
    await ended;
  }
  const recorded = readFileSync(log);
  removeFolder(folder);
  return recorded;
}

async function until(wanted: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if ((await command(control, ['-s'])).split('\n').includes(wanted)) return;
    await new Promise((again) => setTimeout(again, 50));
  }
  throw new Error(`the audit system does not say "${wanted}"`);
}

const settingsOf = (log: string, folder: string): string =>
  [
    ...[`log_file = ${log}`, 'log_format = ENRICHED', 'name_format = HOSTNAME', 'flush = NONE'],
    ...[`plugin_dir = ${join(folder, 'plugins.d')}`, 'max_log_file = 500', 'max_log_file_action = IGNORE'],
    ...['space_left = 60', 'space_left_action = IGNORE', 'admin_space_left = 30'],
    ...['admin_space_left_action = IGNORE', 'disk_full_action = IGNORE', 'disk_error_action = IGNORE', ''],
  ].join('\n');
