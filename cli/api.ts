/** The API as commands use it: a running server's over HTTP, or this process's own when nobody serves the store. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ExitCode, VigiaError } from '../core/errors.ts';
import type { Settings } from '../server/settings.ts';
import { overHttp } from './over-http.ts';

export interface Api {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  delete(path: string): Promise<void>;
  /** The answer as bytes, for documents. */
  bytes(path: string): Promise<{ name: string; content: Uint8Array }>;
  /** Where it answers: an address, or `in this process`. */
  readonly where: string;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}
export type Call = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) => Promise<Answer>;

export interface ApiOptions {
  settingsFile: string | undefined;
  /** Of a server, here or elsewhere. */
  url: string | undefined;
  /** Ends a call that is under way. */
  signal: AbortSignal;
}

export async function openApi({ settingsFile, url: given, signal }: ApiOptions): Promise<Api> {
  const url = given ?? (process.env['VIGIA_URL'] || undefined);
  const token = process.env['VIGIA_TOKEN'] || undefined;
  if (url) return clientOf(overHttp({ url, token, signal }), url);
  const { readSettings } = await import('../server/settings.ts');
  const settings = readSettings(settingsFile);
  for (let attempt = 1; ; attempt++) {
    const served = servedBy(settings);
    if (served && (await answers(served, signal)))
      return clientOf(overHttp({ ...served, token: token ?? served.token, signal }), served.url);
    try {
      return await inProcess(settings, token);
    } catch (cause) {
      if (!(cause instanceof VigiaError) || cause.code !== 'locked') throw cause;
      // Another command has it open for a moment, or the service is starting.
      if (attempt === ATTEMPTS || signal.aborted) throw cause;
      await sleep(PAUSE_MS);
    }
  }
}

const ATTEMPTS = 20;
const PAUSE_MS = 150;

/** What a killed service left behind does not answer; the token goes to nobody before that is sure. */
async function answers(served: Served, signal: AbortSignal): Promise<boolean> {
  try {
    process.kill(served.pid, 0);
    return (await overHttp({ ...served, token: undefined, signal })('GET', '/health')).status === 200;
  } catch (cause) {
    const isGone = (cause as NodeJS.ErrnoException).code === 'ESRCH';
    if (isGone || (cause instanceof VigiaError && cause.code === 'remote')) return false;
    throw cause;
  }
}

/** What `vigia serve` leaves in the state folder for commands on the same machine, readable by its own user only. */
interface Served {
  url: string;
  token: string;
  pid: number;
  certificate?: string;
}

function servedBy(settings: Settings): Served | undefined {
  const file = join(settings.state, 'served.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Served) : undefined;
}

async function inProcess(settings: Settings, token: string | undefined): Promise<Api> {
  const [{ compose }, { buildApi }, { localIdentity }] = await Promise.all([
    import('../server/compose.ts'),
    import('../server/api/app.ts'),
    import('../server/local-identity.ts'),
  ]);
  const parts = await compose(settings);
  const app = await buildApi(parts, { local: localIdentity() });
  const call: Call = async (method, path, body) => {
    const answer = await app.inject({
      method,
      url: path,
      ...(body === undefined ? {} : { payload: body as object }),
      headers: token ? { authorization: `Bearer ${token}` } : {},
    });
    return {
      status: answer.statusCode,
      headers: answer.headers as Record<string, string>,
      body: answer.rawPayload,
    };
  };
  return clientOf(call, 'in this process', async () => {
    await parts.settled();
    await app.close();
    await parts.close();
  });
}

function clientOf(call: Call, where: string, close: () => Promise<void> = async () => undefined): Api {
  const json = async <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<T> => {
    const answer = await call(method, path, body);
    const text = new TextDecoder().decode(answer.body);
    if (answer.status >= 400) throw refusal(answer.status, text);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  return {
    where,
    get: (path) => json('GET', path),
    post: (path, body) => json('POST', path, body ?? {}),
    delete: (path) => json('DELETE', path),
    async bytes(path) {
      const answer = await call('GET', path);
      if (answer.status >= 400) throw refusal(answer.status, new TextDecoder().decode(answer.body));
      return {
        name: /filename="([^"/\\]+)"/.exec(answer.headers['content-disposition'] ?? '')?.[1] ?? 'document',
        content: answer.body,
      };
    },
    close,
  };
}

/** Gives an answer of the API the exit code it stands for. */
function refusal(status: number, text: string): VigiaError {
  let said: { code?: string; message?: string; hint?: string } = {};
  try {
    said = (JSON.parse(text) as { error?: typeof said }).error ?? {};
  } catch {
    said = { message: `the server answered ${status}` };
  }
  const exitCode = exitCodeOf(status, said.code);
  return new VigiaError(said.message ?? `the server answered ${status}`, {
    code: said.code ?? 'remote',
    exitCode,
    status,
    ...(said.hint ? { hint: said.hint } : {}),
  });
}

function exitCodeOf(status: number, code: string | undefined): ExitCode {
  if (status === 401 || status === 403) return 4;
  if (status === 429) return 3;
  if (status >= 500) return code === 'bug' ? 70 : 3;
  return [400, 413, 414, 415].includes(status) ? 2 : 1;
}
