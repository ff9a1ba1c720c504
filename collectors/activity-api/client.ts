/**
 * Speaks to the Office 365 Management Activity API: a token by client credentials, bounded answers, patience with throttling.
 * The token is sent to the API's own address and to no other, whatever a listing says.
 */
import { errors } from '../../core/errors.ts';

export interface ApiSettings {
  /** Directory (tenant) id; also sent as PublisherIdentifier, so that the quota is the tenant's own. */
  tenant: string;
  clientId: string;
  clientSecret: () => string;
  /** `https://manage.office.com`; other addresses for government clouds. */
  apiUrl: string;
  /** `https://login.microsoftonline.com` */
  loginUrl: string;
}

/** The world outside, as an argument. */
export interface Outside {
  fetch: typeof fetch;
  now: () => number;
  /** Returns early when the signal fires. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  random: () => number;
  warn: (message: string) => void;
}

export type Answer =
  | { kind: 'found'; body: unknown; nextPage?: string }
  /** The API refuses for good: what it said. */
  | { kind: 'refused'; code: string; message: string };

const TRIES = 8;
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 300_000;
const TOKEN_MARGIN_MS = 120_000;
const MAX_BODY_BYTES = 64 * 1_024 * 1_024;
const ANSWER_MS = 120_000;

export interface ApiClient {
  get(url: string, signal: AbortSignal): Promise<Answer>;
  post(url: string, signal: AbortSignal): Promise<Answer>;
  /** An address of the feed: `feed('subscriptions/content', {contentType: 'Audit.Exchange'})`. */
  feed(path: string, query: Readonly<Record<string, string>>): string;
}

export function apiClient(settings: ApiSettings, outside: Outside): ApiClient {
  const { tenant, apiUrl, loginUrl } = settings;
  let token: { text: string; untilMs: number } | undefined;

  async function tokenText(signal: AbortSignal): Promise<string> {
    if (token && outside.now() < token.untilMs) return token.text;
    const response = await outside.fetch(`${loginUrl}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: settings.clientId,
        client_secret: settings.clientSecret(),
        scope: `${apiUrl}/.default`,
      }),
    });
    const body = (await json(response)) as { access_token?: unknown; expires_in?: unknown; error?: unknown };
    if (response.status === 429 || response.status >= 500) throw new Busy(response);
    if (!response.ok || typeof body?.access_token !== 'string')
      // Only the error's name: descriptions of the identity platform hold ids and addresses.
      throw errors.remote(
        'Microsoft identity platform',
        'get a token',
        new Error(`answered ${response.status} ${String(body?.error ?? '').slice(0, 80)}`),
        'check tenant, clientId and the client secret of the source',
      );
    token = {
      text: body.access_token,
      untilMs: outside.now() + Number(body.expires_in ?? 0) * 1_000 - TOKEN_MARGIN_MS,
    };
    return token.text;
  }

  async function once(method: 'GET' | 'POST', url: string, signal: AbortSignal): Promise<Response> {
    const response = await outside.fetch(url, {
      method,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      headers: { authorization: `Bearer ${await tokenText(signal)}`, accept: 'application/json' },
    });
    if (response.status === 401) token = undefined;
    if ([401, 429].includes(response.status) || response.status >= 500) throw new Busy(response);
    return response;
  }

  async function ask(method: 'GET' | 'POST', url: string, signal: AbortSignal): Promise<Answer> {
    if (new URL(url).origin !== new URL(apiUrl).origin)
      return {
        kind: 'refused',
        code: 'foreign',
        message: `not an address of ${apiUrl}: no token is sent there`,
      };
    for (let tries = 1; ; tries += 1) {
      try {
        return await answerOf(await once(method, url, signal));
      } catch (cause) {
        if (signal.aborted || !isPassing(cause)) throw cause;
        if (tries === TRIES) throw errors.remote('Management Activity API', method, cause);
        const pauseMs = pauseOf(cause, tries);
        if (tries === 1)
          outside.warn(
            `Management Activity API: ${(cause as Error).message}; waiting ${Math.ceil(pauseMs / 1_000)} s`,
          );
        await outside.sleep(pauseMs, signal);
        signal.throwIfAborted();
      }
    }
  }

  /** What the server asks for, else longer each time, spread so that several readers do not come back together. */
  function pauseOf(cause: unknown, tries: number): number {
    const asked = cause instanceof Busy ? retryAfterMs(cause.retryAfter, outside.now()) : undefined;
    const own = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
    return asked ?? own * (0.5 + outside.random() / 2);
  }

  return {
    get: (url, signal) => ask('GET', url, signal),
    post: (url, signal) => ask('POST', url, signal),
    feed: (path, query) =>
      `${apiUrl}/api/v1.0/${encodeURIComponent(tenant)}/activity/feed/${path}?${new URLSearchParams({ ...query, PublisherIdentifier: tenant })}`,
  };
}

/** The server will take the request later. */
class Busy extends Error {
  readonly retryAfter: string | null;
  constructor({ status, headers }: Response) {
    super(`answered ${status}`);
    this.retryAfter = headers.get('retry-after');
  }
}

/** `fetch` throws TypeError for a broken connection, TimeoutError for one that hangs. */
const isPassing = (cause: unknown): boolean =>
  cause instanceof Busy || cause instanceof TypeError || (cause as Error).name === 'TimeoutError';

/** Seconds, or a date. */
function retryAfterMs(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d{1,6}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), 3_600_000);
}

async function answerOf(response: Response): Promise<Answer> {
  const body = await json(response);
  const nextPage = response.headers.get('nextpageuri') ?? undefined;
  if (response.ok) {
    return body === undefined
      ? { kind: 'refused', code: 'unreadable', message: `no JSON, or over ${MAX_BODY_BYTES} bytes` }
      : { kind: 'found', body, ...(nextPage === undefined ? {} : { nextPage }) };
  }
  const { code, message } =
    (body as { error?: { code?: unknown; message?: unknown } } | undefined)?.error ?? {};
  return {
    kind: 'refused',
    code: String(code ?? response.status).slice(0, 40),
    message: String(message ?? response.statusText).slice(0, 200),
  };
}

/** The body as JSON; undefined when it is none, or too large to hold. */
async function json(response: Response): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    // Leaving the loop ends the transfer.
    if (size > MAX_BODY_BYTES) return undefined;
    parts.push(part);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    return undefined;
  }
}
