/** The door of the console: prepares the process, opens a session, and gives the terminal back on every way out. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { chooseLang } from '../../core/i18n/catalogue.ts';
import { visible } from '../../core/visible.ts';
import type { Api } from '../api.ts';

export interface ConsoleSettings {
  api: Api;
  readonly: boolean;
  ascii: boolean;
  lang: string | undefined;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Ink knows `FORCE_COLOR` only. React reads `NODE_ENV` when it is loaded. */
function prepare(env: NodeJS.ProcessEnv): void {
  env['NODE_ENV'] ??= 'production';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') env['FORCE_COLOR'] = '0';
  else env['FORCE_COLOR'] ??= '1';
}

const isUtf8 = (env: Env): boolean => /utf-?8/i.test(env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '');
const environmentOf = (env: Env): string => (env['VIGIA_ENVIRONMENT'] ?? '').toUpperCase() || 'VIGIA';

const SIGNALS = { SIGTERM: 143, SIGHUP: 129 } as const;
const isLineGone = (cause: unknown): boolean =>
  ['EIO', 'EPIPE', 'ENXIO', 'EBADF'].includes((cause as NodeJS.ErrnoException | undefined)?.code ?? '');

/** A question to the API that is still open must not keep a closed console alive. */
const LINGER_MS = 2_000;

export async function openConsole({ api, readonly, ascii, lang }: ConsoleSettings): Promise<void> {
  prepare(process.env);
  // Only now may Ink and React be loaded.
  const { session } = await import('./session.ts');
  const held = holdStderr();
  const one = session({
    api,
    readonly,
    ascii: ascii || !isUtf8(process.env),
    lang: chooseLang(lang, process.env),
    environment: visible(environmentOf(process.env), 12),
    input: process.stdin,
    output: process.stdout,
    stop: () => process.kill(process.pid, 'SIGTSTP'),
    ...(process.env['VIGIA_TRACE_UI'] ? { trace: process.env['VIGIA_TRACE_UI'] } : {}),
  });
  let hasHungUp = false;
  const { promise: signalled, resolve: onSignal } = Promise.withResolvers<void>();
  for (const [name, code] of Object.entries(SIGNALS)) {
    process.once(name, () => {
      hasHungUp ||= name === 'SIGHUP';
      one.end();
      // The command that opened the console sets its own code last.
      process.once('exit', () => {
        process.exitCode = code;
      });
      onSignal();
    });
  }
  process.on('SIGCONT', one.resume);
  const crash = (cause: unknown) => {
    // Nobody reads any more what is written to give the terminal back.
    if (hasHungUp && isLineGone(cause)) process.exit(SIGNALS.SIGHUP);
    one.end();
    held.release();
    process.stderr.write(`${crashReport(cause)}\n`);
    process.exit(70);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  try {
    await Promise.race([one.ended, signalled]);
  } catch (cause) {
    crash(cause);
  } finally {
    process.off('SIGCONT', one.resume);
    if (!hasHungUp) {
      process.off('uncaughtException', crash);
      process.off('unhandledRejection', crash);
    }
    held.release();
    setTimeout(() => process.exit(), LINGER_MS).unref();
  }
}

/** What others write while the screen is taken would tear it; it is shown afterwards. */
function holdStderr(): { release(): void } {
  const original = process.stderr.write;
  const lines: string[] = [];
  process.stderr.write = ((text: string | Uint8Array) => {
    lines.push(typeof text === 'string' ? text : Buffer.from(text).toString('utf8'));
    if (lines.length > 1_000) lines.shift();
    return true;
  }) as typeof process.stderr.write;
  return {
    release() {
      process.stderr.write = original;
      for (const line of lines.splice(0)) process.stderr.write(line);
    },
  };
}

/** The stack and the versions, no data of events; readable by its owner only. */
function crashReport(cause: unknown): string {
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  const folder = join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'vigia');
  const file = join(folder, `crash-${Date.now()}.txt`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(file, `${new Date().toISOString()} node ${process.version}\n${text}\n`, { mode: 0o600 });
    return `vigia: the console stopped on a bug of ours; the report is in ${file}`;
  } catch {
    return `vigia: the console stopped on a bug of ours: ${text}`;
  }
}
