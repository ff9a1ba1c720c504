/** Client of a Linux host over SSH: pinned host key, one short connection per use, time limits and bounded answers. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import { errors, VigiaError } from '../core/errors.ts';
import { type ChangeCalls, changing } from './calls.ts';
import { readSecret, type SshSettings } from './settings.ts';
import { commandLine } from './ssh-words.ts';

export interface HostCommand {
  /** Program with its whole path, then arguments: words, never a line for a shell. */
  readonly words: readonly string[];
  /** Through sudo, which must know this very command. */
  readonly sudo?: true;
  /** What the program reads; nothing when left out. */
  readonly input?: string;
  /** Exit codes that are an answer; 0 alone when left out. */
  readonly codes?: readonly number[];
  /** Longest wait for what takes longer than an answer usually does. */
  readonly timeoutMs?: number;
}

export interface HostAnswer {
  readonly code: number;
  readonly text: string;
}

export interface Host {
  /** The server that answers, for sentences. */
  readonly server: string;
  read(operation: string, command: HostCommand): Promise<HostAnswer>;
  /** One command that changes something. */
  change(operation: string, command: HostCommand): Promise<HostAnswer>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** More than this is refused, not cut: half an answer would be taken for a whole one. */
const MAX_ANSWER_BYTES = 8 * 1_048_576;
const MAX_COMPLAINT = 500;

/** As `ssh-keygen -lf` writes it. */
export const fingerprint = (key: Buffer): string =>
  `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** Connects, logs on as the account of Vigia, runs `use`, and hangs up. Each call is a fresh connection. */
export async function withHost<T>(
  system: string,
  settings: SshSettings,
  calls: ChangeCalls,
  use: (host: Host) => Promise<T>,
): Promise<T> {
  const timeoutMs = settings.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const server = `${settings.host}:${settings.port ?? 22}`;
  const client = await connect(system, server, settings, timeoutMs, logon(system, settings));
  const run = async (operation: string, command: HostCommand): Promise<HostAnswer> => {
    try {
      return await answerOf(client, command, command.timeoutMs ?? timeoutMs);
    } catch (cause) {
      throw errors.remote(`${system} (${server})`, operation, cause, hintFor(cause));
    }
  };
  try {
    return await use({
      server,
      read: run,
      change: (operation, command) => changing(calls, `ssh ${operation}`, () => run(operation, command)),
    });
  } finally {
    client.destroy();
  }
}

type Place = Pick<SshSettings, 'host' | 'port' | 'user' | 'hostKey'>;

/** An SSH server that starts anew, for instance because it was patched a moment ago, refuses so long at most. */
const ATTEMPTS = 4;
const PAUSE_MS = 500;

/** The pinned key is checked before anything is sent; `login` is with what. The caller ends the connection. */
export async function connect(
  system: string,
  server: string,
  settings: Place,
  timeoutMs: number,
  login: ConnectConfig,
): Promise<Client> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connectOnce(system, server, settings, timeoutMs, login);
    } catch (cause) {
      const { cause: inner } = cause as { cause?: { code?: unknown } };
      if (inner?.code !== 'ECONNREFUSED' || attempt === ATTEMPTS) throw cause;
      await sleep(PAUSE_MS);
    }
  }
}

async function connectOnce(
  system: string,
  server: string,
  settings: Place,
  timeoutMs: number,
  login: ConnectConfig,
): Promise<Client> {
  const client = new ssh2.Client();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let seen: string | undefined;
  const config: ConnectConfig = {
    host: settings.host,
    port: settings.port ?? 22,
    username: settings.user,
    ...login,
    readyTimeout: timeoutMs,
    keepaliveInterval: timeoutMs,
    keepaliveCountMax: 1,
    hostVerifier: (key: Buffer) => {
      seen = fingerprint(key);
      return seen === settings.hostKey;
    },
  };
  client.on('ready', resolve);
  // Stays for the life of the connection: without a listener the process ends when the host hangs up.
  client.on('error', reject);
  client.on('close', () => reject(new Error('the host closed the connection')));
  try {
    client.connect(config);
    // Small packets both ways: waiting to fill them costs 40 ms for each.
    client.setNoDelay(true);
    await promise;
    return client;
  } catch (cause) {
    client.destroy();
    if (seen !== undefined && seen !== settings.hostKey)
      throw errors.refused(
        `${system} (${server}): the host shows the key ${seen}, the settings pin ${settings.hostKey}`,
        'find out on the host itself (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub) which one is right before you change hostKey',
      );
    if (cause instanceof VigiaError) throw cause;
    throw errors.remote(`${system} (${server})`, `logon as ${settings.user}`, cause, hintFor(cause));
  }
}

/** Key or password, read just in time. */
function logon(system: string, settings: SshSettings): ConnectConfig {
  if (settings.keyFile === undefined) return { password: readSecret(system, settings) };
  try {
    return { privateKey: readFileSync(settings.keyFile) };
  } catch (cause) {
    throw errors.remote(`target ${system}`, `reading the key file ${settings.keyFile}`, cause);
  }
}

function answerOf(
  client: Client,
  { words, sudo, input, codes }: HostCommand,
  timeoutMs: number,
): Promise<HostAnswer> {
  const line = commandLine(sudo ? ['sudo', '-n', '--', ...words] : words);
  const { promise, resolve, reject } = Promise.withResolvers<HostAnswer>();
  const limit = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  const hungUp = () => reject(new Error('the host closed the connection'));
  client.once('close', hungUp);
  client.exec(line, (failure, channel) => {
    if (failure) return reject(failure);
    const parts: Buffer[] = [];
    let size = 0;
    let complaint = '';
    channel.on('data', (part: Buffer) => {
      size += part.length;
      if (size > MAX_ANSWER_BYTES) reject(new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`));
      else parts.push(part);
    });
    channel.stderr.on('data', (part: Buffer) => {
      complaint = `${complaint}${part}`.slice(0, MAX_COMPLAINT);
    });
    let code: number | null = null;
    channel.on('exit', (given: number | null) => {
      code = given;
    });
    channel.on('close', () => {
      const text = Buffer.concat(parts).toString();
      if (code !== null && (codes ?? [0]).includes(code)) return resolve({ code, text });
      const how = code === null ? 'was killed' : `ended with ${code}`;
      reject(new Error(`${words[0]} ${how}: ${JSON.stringify(complaint.trim())}`));
    });
    channel.end(input);
  });
  return promise.finally(() => {
    clearTimeout(limit);
    client.off('close', hungUp);
  });
}

function hintFor(cause: unknown): string | undefined {
  const { level } = cause as { level?: unknown };
  const message = cause instanceof Error ? cause.message : '';
  if (level === 'client-authentication')
    return 'check the account of Vigia on that host, and its key or password';
  if (/a password is required|not allowed/.test(message))
    return 'sudo on that host does not allow this command: compare its file with deploy/sudoers-vigia';
  if (/no answer within/.test(message)) return 'the host took longer than timeoutMs';
  return undefined;
}
