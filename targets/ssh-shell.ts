/** A person's session on a Linux host over SSH: a terminal there, with the host's key pinned. */
import type { ClientChannel, ConnectConfig } from 'ssh2';
import { errors } from '../core/errors.ts';
import type { SshSettings } from './settings.ts';
import { connect } from './ssh.ts';

export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  /** `xterm-256color` */
  readonly type: string;
}

export interface Shell {
  write(bytes: Uint8Array): void;
  /** No more input comes. */
  endInput(): void;
  resize(columns: number, rows: number): void;
  /** Cuts the connection. */
  hangUp(): void;
  /** Exit code of what ran; undefined when the connection was cut or it was killed. */
  readonly ended: Promise<number | undefined>;
}

const TIMEOUT_MS = 15_000;

/** The shell of the account, or one command line. `output` gets every byte that the terminal would show. */
export async function openShell(
  system: string,
  settings: Pick<SshSettings, 'host' | 'port' | 'user' | 'hostKey'>,
  login: Pick<ConnectConfig, 'agent' | 'privateKey'>,
  { columns, rows, type }: Terminal,
  output: (bytes: Uint8Array) => void,
  commandLine?: string,
): Promise<Shell> {
  const server = `${settings.host}:${settings.port ?? 22}`;
  const client = await connect(system, server, settings, TIMEOUT_MS, login);
  const pty = { cols: columns, rows, term: type };
  const { promise: ended, resolve } = Promise.withResolvers<number | undefined>();
  client.once('close', () => resolve(undefined));
  const opened = Promise.withResolvers<Shell>();
  const start = (failure: Error | undefined, channel: ClientChannel): void => {
    if (failure) {
      opened.reject(failure);
      return;
    }
    channel.on('data', output);
    channel.stderr.on('data', output);
    channel.on('exit', (code: number | null) => resolve(code ?? undefined));
    channel.on('close', () => client.end());
    opened.resolve({
      write: (bytes) => channel.write(bytes),
      endInput: () => channel.end(),
      resize: (width, height) => channel.setWindow(height, width, 0, 0),
      hangUp: () => client.destroy(),
      // What was still on its way is there once the connection is closed.
      ended: new Promise((done) => client.once('close', () => done(ended))),
    });
  };
  if (commandLine === undefined) client.shell(pty, start);
  else client.exec(commandLine, { pty }, start);
  try {
    return await opened.promise;
  } catch (cause) {
    client.destroy();
    throw errors.remote(`${system} (${server})`, 'opening a terminal', cause);
  }
}
