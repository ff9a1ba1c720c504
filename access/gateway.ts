/** A session on a host through our own gateway: every byte that the terminal shows is recorded before it is shown. */
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import type { SshSettings } from '../targets/settings.ts';
import { openShell, type Shell, type Terminal } from '../targets/ssh-shell.ts';
import { asciicast } from './asciicast.ts';

/** Where an access leads. */
export interface Gateway {
  readonly id: string;
  readonly host: Pick<SshSettings, 'host' | 'port' | 'user' | 'hostKey'>;
  readonly system: string;
  /** When it ends (ISO): the gateway hangs up then. */
  readonly to: string;
}

export interface SessionOptions {
  readonly gateway: Gateway;
  readonly login: { readonly privateKey?: Buffer | string; readonly agent?: string };
  /** The recording, a file that is not there yet. */
  readonly file: string;
  readonly terminal: Terminal;
  /** Left out when there is nobody to type. */
  readonly input?: Readable;
  readonly output: (bytes: Uint8Array) => void;
  readonly commandLine?: string;
  /** Called with the function that tells the host of a new size. */
  readonly resizing?: (resize: (columns: number, rows: number) => void) => void;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

export interface SessionEnd {
  readonly exitCode: number | undefined;
  readonly bytes: number;
  readonly sha256: string;
}

/** The longest wait that a timer takes. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export async function recordedSession(options: SessionOptions): Promise<SessionEnd> {
  const { gateway, login, file, terminal, input, output, now, signal } = options;
  const cast = asciicast(file, { ...terminal, title: `${gateway.id} ${basename(file)}`, now });
  let shell: Shell | undefined;
  let exitCode: number | undefined;
  const hangUp = () => shell?.hangUp();
  const type = (bytes: Buffer) => shell?.write(bytes);
  const finish = () => shell?.endInput();
  const timer = setTimeout(hangUp, Math.min(MAX_TIMER_MS, Math.max(0, Date.parse(gateway.to) - now())));
  signal.addEventListener('abort', hangUp);
  try {
    const show = (bytes: Uint8Array): void => {
      cast.output(bytes);
      output(bytes);
    };
    shell = await openShell(gateway.system, gateway.host, login, terminal, show, options.commandLine);
    options.resizing?.((columns, rows) => {
      cast.resize(columns, rows);
      shell?.resize(columns, rows);
    });
    input?.on('data', type).once('end', finish);
    exitCode = await shell.ended;
  } catch (cause) {
    cast.close();
    throw cause;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', hangUp);
    input?.off('data', type).off('end', finish).pause();
  }
  return { exitCode, ...cast.close() };
}
