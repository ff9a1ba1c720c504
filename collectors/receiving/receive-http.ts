/**
 * Receives records over HTTP into the disk spool. A call is answered when all its records are synced to disk, never before;
 * while the spool is full calls wait a little and are then refused, so that the sender keeps what it has.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Listener, parseAddress } from '../reading/listen.ts';
import type { Spool } from '../reading/spool.ts';
import { type BodyLimits, bodyReader } from './body.ts';
import type { Admit } from './credentials.ts';
import type { Answer, Call, Protocol } from './protocol.ts';
import { type ReceiverTls, tlsOptions } from './tls.ts';

const MEBIBYTE = 1_024 * 1_024;
const LIMITS: BodyLimits = { bodyBytes: 32 * MEBIBYTE, heldBytes: 64 * MEBIBYTE };
/** Shippers hold a few connections each; the rest of a flood is turned away by the kernel. */
const MOST_CONNECTIONS = 2_000;
/** A whole request, however slowly it drips. */
const REQUEST_MS = 60_000;
const HEADERS_MS = 10_000;
/** How long a full spool is waited for: well under the time after which shippers give up and send again. */
const ROOM_MS = 10_000;
/** What stopping leaves to calls under way. */
const LAST_ANSWERS_MS = 1_000;
/** Said where there is no room now. */
const RETRY_AFTER = { 'retry-after': '5' };

/** What became of a call. */
export type Reception = 'taken' | 'greeted' | 'refused' | 'full' | 'unauthenticated' | 'failed';

export interface ReceiveOptions {
  spool: Spool;
  now: () => number;
  warn: (message: string) => void;
  /** Without it everybody may send. */
  admit?: Admit;
  tls?: ReceiverTls;
  limits?: Partial<BodyLimits> & { roomMs?: number };
  /** Hears of every call. */
  heard?: (reception: Reception) => void;
}

export async function receiveHttp(
  address: string,
  protocol: Protocol,
  options: ReceiveOptions,
): Promise<Listener> {
  const { spool, now, warn, admit, tls, limits = {}, heard = () => undefined } = options;
  const read = bodyReader({ ...LIMITS, ...limits });
  const closing = new AbortController();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const [path = '/', query = ''] = url.split('?', 2);
    const agent = request.headers['user-agent'] ?? '';
    const reply = (reception: Reception, given: Answer | undefined, more?: Record<string, string>) => {
      heard(reception);
      if (given) send(response, method, given, more);
      else request.socket.destroy();
    };
    const refuse = (reception: Reception, status: number, reason: string) => {
      // What is left of the body is of no use: the connection ends with the answer.
      request.resume();
      const again = status === 503 ? RETRY_AFTER : {};
      reply(reception, protocol.refuse(status, reason, agent), { connection: 'close', ...again });
    };
    if (admit && !admit(request.headers.authorization))
      return refuse('unauthenticated', 401, 'credentials are needed: name and secret, or an API key');
    const brings = protocol.brings(method, path);
    const waiting = AbortSignal.any([closing.signal, AbortSignal.timeout(limits.roomMs ?? ROOM_MS)]);
    const hasRoom = !brings || (await spool.room(waiting));
    const body = await read(request);
    if ('status' in body) return refuse(body.status === 503 ? 'full' : 'refused', body.status, body.reason);
    try {
      const contentType = request.headers['content-type'] ?? '';
      const known = { method, path, query: new URLSearchParams(query), contentType, agent };
      const call: Call = { ...known, body: body.bytes };
      if (!brings) return reply('greeted', protocol.greet(call));
      if (!hasRoom)
        return reply('full', protocol.full(call, 'the spool is full: send this again later'), RETRY_AFTER);
      const taken = protocol.take(call);
      if (!('records' in taken)) return reply('refused', taken);
      const peer = request.socket.remoteAddress ?? '';
      const receivedMs = now();
      for (const record of taken.records) spool.append({ ...record, receivedMs, peer });
      // Being stopped: whether the records reached the disk is not known, and no answer says so to every sender.
      const isDurable = await spool.flush();
      reply(isDurable ? 'taken' : 'failed', isDurable ? taken.answer : undefined);
    } finally {
      body.release();
    }
  }

  const handle = (request: IncomingMessage, response: ServerResponse) => {
    answer(request, response).catch((cause: Error) => {
      warn(`${protocol.name}: a call failed: ${cause.message}`);
      heard('failed');
      request.socket.destroy();
    });
  };
  const timeouts = { requestTimeout: REQUEST_MS, headersTimeout: HEADERS_MS };
  const server: Server = tls
    ? createTlsServer({ ...timeouts, ...tlsOptions(tls, protocol.name) }, handle)
    : createServer(timeouts, handle);
  server.maxConnections = MOST_CONNECTIONS;
  const { host, port } = parseAddress(address);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  server.on('tlsClientError', (cause: NodeJS.ErrnoException, { remoteAddress = '' }: Socket) =>
    warn(`${protocol.name} connection from ${remoteAddress}: TLS: ${cause.code}`),
  );
  // The server listens on an address, not on a pipe.
  const bound = server.address() as AddressInfo;
  return {
    address: { host, port: bound.port },
    async close() {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      // Calls under way still get their answer, if they are not stuck.
      await Promise.race([closed, sleep(LAST_ANSWERS_MS)]);
      server.closeAllConnections();
      await closed;
    },
  };
}

function send(
  response: ServerResponse,
  method: string,
  { status, body, headers }: Answer,
  more: Readonly<Record<string, string>> = {},
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, ...more, 'content-length': bytes.length });
  response.end(method === 'HEAD' ? undefined : bytes);
}
