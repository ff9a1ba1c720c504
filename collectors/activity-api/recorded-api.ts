/** A local server that answers like the Management Activity API ("Management Activity API reference") and refuses what it does not know. For tests. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const TENANT = 'c0ffee00-0000-4000-8000-000000000001';
export const SECRET = 'not-a-real-secret';

export interface RecordedBlob {
  id: string;
  type: string;
  /** When it became available (ISO). */
  created: string;
  /** Its records, or the error that the API answers. */
  content: readonly object[] | { status: number; code: string; message: string };
}

export interface RecordedApi {
  url: string;
  blobs: RecordedBlob[];
  /** Every request that came, as `GET /path?query` without the tenant's part. */
  requests: string[];
  /** What the server did not know. */
  unknown: string[];
  /** Answers to give before any other, oldest first. */
  faults: { status: number; headers?: Record<string, string>; body?: object }[];
  /** Blobs a page. */
  pageSize: number;
  /** Tokens given out; the newest is valid. */
  tokens: number;
  close(): Promise<void>;
}

const FEED = `/api/v1.0/${TENANT}/activity/feed/`;

export async function recordedApi(): Promise<RecordedApi> {
  const started = new Set<string>();
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api: RecordedApi = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ blobs: [], requests: [], unknown: [], faults: [], pageSize: 100, tokens: 0 },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return api;

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const url = new URL(request.url!, api.url);
    const answer = (status: number, content: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(content));
    const refuse = (status: number, code: string, message: string) =>
      answer(status, { error: { code, message } });

    if (url.pathname === `/${TENANT}/oauth2/v2.0/token`) {
      const form = new URLSearchParams(body);
      if (form.get('client_secret') !== SECRET || form.get('scope') !== `${api.url}/.default`)
        return void answer(401, { error: 'invalid_client', error_description: 'AADSTS7000215 …' });
      api.tokens += 1;
      return void answer(200, {
        token_type: 'Bearer',
        expires_in: 3599,
        access_token: `token-${api.tokens}`,
      });
    }
    const path = url.pathname.startsWith(FEED) ? url.pathname.slice(FEED.length) : undefined;
    if (path === undefined || url.searchParams.get('PublisherIdentifier') === '') return void unknown();
    api.requests.push(`${request.method} ${path}${url.search}`);
    if (request.headers.authorization !== `Bearer token-${api.tokens}`)
      return void refuse(
        401,
        'AF10001',
        'The permission set () sent in the request did not include the expected permission.',
      );
    const fault = api.faults.shift();
    if (fault) return void answer(fault.status, fault.body ?? {}, fault.headers);
    const type = url.searchParams.get('contentType') ?? '';
    if (request.method === 'POST' && path === 'subscriptions/start') {
      if (started.has(type))
        return void refuse(400, 'AF20024', 'The subscription is already enabled. No property change.');
      started.add(type);
      return void answer(200, { contentType: type, status: 'enabled', webhook: null });
    }
    if (request.method === 'GET' && path === 'subscriptions/content') return void list(type);
    const blob = api.blobs.find(({ id }) => path === `audit/${encodeURIComponent(id)}`);
    if (request.method === 'GET' && blob !== undefined) {
      const { content } = blob;
      return void ('code' in content
        ? refuse(content.status, content.code, content.message)
        : answer(200, content));
    }
    return void unknown();

    function unknown(): void {
      api.unknown.push(`${request.method} ${request.url}`);
      refuse(404, 'AF20050', 'The specified content does not exist.');
    }

    function list(contentType: string): void {
      const [from, to] = ['startTime', 'endTime'].map((name) => Date.parse(`${url.searchParams.get(name)}Z`));
      if (!started.has(contentType))
        return void refuse(400, 'AF20022', 'No subscription found for the specified content type.');
      if (!(to! - from! > 0 && to! - from! <= 86_400_000))
        return void refuse(400, 'AF20030', 'Start time and end time must both be specified …');
      const found = api.blobs.filter(
        (one) =>
          one.type === contentType && Date.parse(one.created) >= from! && Date.parse(one.created) < to!,
      );
      const start = Number(url.searchParams.get('nextPage') ?? 0);
      const next = new URL(url);
      next.searchParams.set('nextPage', String(start + api.pageSize));
      answer(
        200,
        found.slice(start, start + api.pageSize).map(({ id, created }) => ({
          contentType,
          contentId: id,
          contentUri: `${api.url}${FEED}audit/${encodeURIComponent(id)}`,
          contentCreated: created,
          contentExpiration: new Date(Date.parse(created) + 7 * 86_400_000).toISOString(),
        })),
        start + api.pageSize < found.length ? { NextPageUri: next.href } : {},
      );
    }
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
