/**
 * Receives syslog over TCP (both framings) and UDP into the disk spool. Plain TCP and UDP have no acknowledgement: what was
 * received and not yet synced (at most `SYNC_MS` of traffic) is lost by a power cut or kill; `queuedBytes` measures it.
 */
import { createSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { frameSplitter } from '../syslog/frames.ts';
import type { Spool } from './spool.ts';

const SYNC_MS = 50;
/** A connection that sends faster than the disk takes is paused until the spool has drained. */
const QUEUE_BYTES = 8 * 1_024 * 1_024;

export interface ListenOptions {
  spool: Spool;
  maxRecordBytes: number;
  now: () => number;
  warn: (message: string) => void;
}

export interface Listener {
  address: { host: string; port: number };
  close(): Promise<void>;
}

/** `127.0.0.1:5514`, `[::1]:5514`. */
export function parseAddress(text: string): { host: string; port: number } {
  const [, host, port] = /^\[?([^\]]+)\]?:(\d+)$/.exec(text) ?? [];
  return { host: host ?? '127.0.0.1', port: Number(port ?? 0) };
}

export async function listenTcp(address: string, options: ListenOptions): Promise<Listener> {
  const sockets = new Set<Socket>();
  const sync = syncing(options);
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    const peer = socket.remoteAddress ?? '';
    const splitter = frameSplitter({ maxBytes: options.maxRecordBytes });
    const take = (frames: { bytes: Uint8Array; broken?: string }[]) => {
      for (const { bytes } of frames) options.spool.append({ bytes, receivedMs: options.now(), peer });
      if (frames.length > 0) sync.soon();
      if (options.spool.queuedBytes < QUEUE_BYTES) return;
      socket.pause();
      void sync.now().then(() => socket.resume());
    };
    socket.on('data', (bytes) => take(splitter.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)));
    socket.on('end', () => take(splitter.end()));
    socket.on('error', (cause) => options.warn(`syslog connection from ${peer}: ${cause.message}`));
    socket.on('close', () => sockets.delete(socket));
  });
  const { host, port } = parseAddress(address);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  const bound = server.address();
  return {
    address: { host, port: typeof bound === 'object' && bound ? bound.port : port },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await sync.now();
    },
  };
}

export async function listenUdp(address: string, options: ListenOptions): Promise<Listener> {
  const { host, port } = parseAddress(address);
  const sync = syncing(options);
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: QUEUE_BYTES });
  socket.on('message', (bytes, peer) => {
    options.spool.append({ bytes, receivedMs: options.now(), peer: peer.address });
    sync.soon();
  });
  socket.on('error', (cause) => options.warn(`syslog datagrams: ${cause.message}`));
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, resolve);
  });
  return {
    address: { host, port: socket.address().port },
    async close() {
      await new Promise<void>((resolve) => socket.close(resolve));
      await sync.now();
    },
  };
}

/** One sync for everything that arrives within `SYNC_MS`. */
function syncing({ spool, warn }: ListenOptions) {
  let timer: NodeJS.Timeout | undefined;
  const now = async () => {
    clearTimeout(timer);
    timer = undefined;
    await spool.flush().catch((cause: Error) => warn(`spool: ${cause.message}`));
  };
  return { now, soon: () => (timer ??= setTimeout(() => void now(), SYNC_MS)) };
}
