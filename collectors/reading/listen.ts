/**
 * Receives syslog over TCP (both framings), with TLS or without, into the disk spool. There is no acknowledgement: what was
 * received and is not yet synced is lost by a power cut or kill; `queuedBytes` of the spool measures it. While the disk is
 * slow or full nothing more is read from connections, so that senders wait. Datagrams: `listen-udp.ts`.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { type ReceiverTls, tlsOptions } from '../receiving/tls.ts';
import { type Frame, frameSplitter } from '../syslog/frames.ts';
import type { Spool } from './spool.ts';

/** A sender that does not finish its handshake is let go. */
const HANDSHAKE_MS = 10_000;
/** How much of a frame that could not be taken whole is kept as evidence. */
const KEPT_BYTES = 65_536;

/** What one listener takes on; nobody who can reach it is trusted with the memory of the process. */
export interface TcpLimits {
  /** Further ones are closed at once. */
  connections: number;
  /** Of unfinished frames, over all connections; behind that the connection that holds most is cut. */
  heldBytes: number;
  /** A connection that is silent for so long inside a frame is cut; between frames it may be silent for ever. */
  silenceMs: number;
}
const LIMITS: TcpLimits = { connections: 10_000, heldBytes: 64 * 1_024 * 1_024, silenceMs: 300_000 };

export interface ListenOptions {
  spool: Spool;
  maxRecordBytes: number;
  now: () => number;
  warn: (message: string) => void;
  limits?: Partial<TcpLimits>;
}

export interface Listener {
  address: { host: string; port: number };
  /** Takes no more; what was received is in the spool's queue then. */
  close(): Promise<void>;
}

/** `127.0.0.1:5514`, `[::1]:5514`. */
export function parseAddress(text: string): { host: string; port: number } {
  const [, host, port] = /^\[?([^\]]+)\]?:(\d+)$/.exec(text) ?? [];
  return { host: host ?? '127.0.0.1', port: Number(port ?? 0) };
}

export async function listenTcp(
  address: string,
  { tls, ...options }: ListenOptions & { tls?: ReceiverTls },
): Promise<Listener> {
  const limits = { ...LIMITS, ...options.limits };
  const senders = new Map<Socket, Sender>();
  /** Also those whose handshake is not over. */
  const connections = new Set<Socket>();
  let isFull = false;
  const held = () => {
    let bytes = 0;
    for (const one of senders.values()) bytes += one.held();
    return bytes;
  };
  /** Counted anew only now and then: a connection cannot take more than its share in between. */
  let heldBytes = 0;
  const grown = (bytes: number) => {
    heldBytes += bytes;
    if (heldBytes > limits.heldBytes) heldBytes = held();
    while (heldBytes > limits.heldBytes) {
      const [most] = [...senders.values()].sort((a, b) => b.held() - a.held());
      most!.cut(`unfinished frames of all connections held more than ${limits.heldBytes} bytes`);
      heldBytes = held();
    }
  };
  const take = (socket: Socket) => {
    isFull = false;
    const sender = receive(socket, options, grown);
    senders.set(socket, sender);
    socket.setTimeout(limits.silenceMs);
    socket.on('timeout', () => {
      if (sender.held() > 0) sender.cut(`no byte came for ${limits.silenceMs / 1_000} s inside a frame`);
      // It rings once only.
      else socket.setTimeout(limits.silenceMs);
    });
    socket.on('close', () => {
      sender.end();
      senders.delete(socket);
    });
  };
  const server: Server = tls
    ? createTlsServer({ ...tlsOptions(tls, 'syslog'), handshakeTimeout: HANDSHAKE_MS }, take)
    : createServer(take);
  server.maxConnections = limits.connections;
  server.on('drop', () => {
    if (!isFull)
      options.warn(`${limits.connections} connections are open, and more are refused until some are closed`);
    isFull = true;
  });
  server.on('connection', (connection: Socket) => {
    connections.add(connection);
    connection.on('close', () => connections.delete(connection));
  });
  server.on('tlsClientError', (cause: NodeJS.ErrnoException, { remoteAddress = '' }: Socket) =>
    options.warn(`syslog connection from ${remoteAddress}: TLS: ${cause.code}`),
  );
  const { host, port } = parseAddress(address);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const bound = server.address();
  return {
    address: { host, port: typeof bound === 'object' && bound ? bound.port : port },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const [socket, sender] of senders) {
        sender.end();
        socket.destroy();
      }
      for (const connection of connections) connection.destroy();
      await closed;
    },
  };
}

interface Sender {
  /** Bytes of the frame that is not finished. */
  held(): number;
  /** Takes what is left when the connection does not end properly. */
  end(): void;
  /** Ends the connection; what is left is kept with the reason. */
  cut(reason: string): void;
}

/** Spools what a connection sends. */
function receive(
  socket: Socket,
  { spool, maxRecordBytes, now, warn }: ListenOptions,
  grown: (bytes: number) => void,
): Sender {
  const peer = socket.remoteAddress ?? '';
  const splitter = frameSplitter({ maxBytes: maxRecordBytes });
  let isOver = false;
  const take = (frames: readonly Frame[]) => {
    for (const frame of frames) {
      const bytes = frame.broken === undefined ? frame.bytes : frame.bytes.slice(0, KEPT_BYTES);
      spool.append({ ...frame, bytes, receivedMs: now(), peer });
    }
    if (!spool.isFull && !spool.isFailing) return;
    socket.pause();
    void spool.room().then(() => socket.resume());
  };
  const endWith = (reason: (bytes: number) => string) => {
    if (isOver) return;
    isOver = true;
    const left = splitter.end();
    take(left.map((frame) => ({ broken: reason(frame.bytes.length), size: frame.bytes.length, ...frame })));
  };
  socket.on('data', (bytes) => {
    if (isOver) return;
    const before = splitter.held();
    take(splitter.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes));
    grown(Math.max(0, splitter.held() - before));
  });
  socket.on('end', () => {
    isOver = true;
    take(splitter.end());
  });
  socket.on('error', (cause) => warn(`syslog connection from ${peer}: ${cause.message}`));
  return {
    held: () => splitter.held(),
    end: () => endWith((bytes) => `connection was cut after ${bytes} bytes of the frame`),
    cut(reason) {
      endWith((bytes) => `connection was cut after ${bytes} bytes of the frame: ${reason}`);
      socket.destroy();
    },
  };
}
