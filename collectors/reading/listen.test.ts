import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../core/store.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import { collector, type RawRecord } from '../collector.ts';
import { run } from '../run.ts';
import { type Listener, type ListenOptions, listenTcp } from './listen.ts';
import { listenUdp, type UdpOptions } from './listen-udp.ts';
import { openSpool, type SegmentFile, type Spool } from './spool.ts';
import { spoolReader } from './spool-reader.ts';

const LIMIT = 1_000;

let folder: string;
let spool: Spool;
let listeners: Listener[];
let sockets: Socket[];
let warnings: string[];
const warn = (message: string) => warnings.push(message);

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-listen-'));
  [listeners, sockets, warnings] = [[], [], []];
  spool = await openSpool(folder, { warn });
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const listener of listeners) await listener.close();
  await spool.close();
  rmSync(folder, { recursive: true });
});

const options = (extra: Partial<ListenOptions> = {}): ListenOptions => ({
  spool,
  maxRecordBytes: LIMIT,
  now: () => 1_763_000_000_000,
  warn,
  ...extra,
});
async function start(
  listen: typeof listenTcp | typeof listenUdp,
  extra?: Partial<UdpOptions>,
): Promise<number> {
  const listener = await listen('127.0.0.1:0', options(extra));
  listeners.push(listener);
  return listener.address.port;
}
async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}
async function datagrams(port: number, ...texts: (string | Buffer)[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const text of texts)
    await new Promise<void>((resolve) => socket.send(text, port, '127.0.0.1', () => resolve()));
  await new Promise<void>((resolve) => socket.close(resolve));
}

/** The first `count` records of the spool, however long they take. */
async function received(count: number): Promise<RawRecord[]> {
  const found: RawRecord[] = [];
  const stop = new AbortController();
  const reading = spoolReader(folder)(undefined, {
    signal: stop.signal,
    until: 'forever',
    batchBytes: 1_000_000,
    maxRecordBytes: LIMIT,
    warn,
  });
  for await (const { records } of reading) {
    found.push(...records);
    if (found.length >= count) stop.abort();
  }
  return found;
}
const texts = async (count: number) => (await received(count)).map(({ raw }) => Buffer.from(raw).toString());

describe('syslog over TCP', () => {
  it('takes counted frames and lines from one connection, however they are cut', async () => {
    const socket = await dial(await start(listenTcp));
    for (const part of ['11 <13>fir', 'st a<14>a li', 'ne\n', '<15>with CR\r\n8 <16>l\nst', '<17>no newline'])
      await new Promise<void>((resolve) => socket.write(part, () => resolve()));
    socket.end();
    expect(await texts(5)).toEqual([
      '<13>first a',
      '<14>a line',
      '<15>with CR\r',
      '<16>l\nst',
      '<17>no newline',
    ]);
  });

  it('keeps the frames of many connections apart', async () => {
    const port = await start(listenTcp);
    const dialled = await Promise.all(Array.from({ length: 20 }, () => dial(port)));
    for (const half of ['be', 'ginning of '])
      for (const socket of dialled) await new Promise<void>((resolve) => socket.write(half, () => resolve()));
    for (const [at, socket] of dialled.entries()) socket.end(`${at}\n`);
    const found = await texts(20);
    expect(found.sort()).toEqual(dialled.map((_, at) => `beginning of ${at}`).sort());
  });

  it('refuses connections over its limit, says so once, and takes more when some are closed', async () => {
    const port = await start(listenTcp, { limits: { connections: 20 } });
    const dialled = await Promise.all(Array.from({ length: 60 }, () => dial(port)));
    const closed = dialled.filter((socket) => socket.closed || socket.destroyed);
    while (closed.length < 40) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      closed.splice(
        0,
        closed.length,
        ...dialled.filter((socket) => socket.destroyed || socket.readableEnded),
      );
    }
    const open = dialled.filter((socket) => !closed.includes(socket));
    expect(open).toHaveLength(20);
    expect(warnings).toEqual([expect.stringContaining('20 connections are open')]);
    for (const socket of open) await new Promise<void>((resolve) => socket.end('x\n', () => resolve()));
    expect(await texts(20)).toHaveLength(20);
    const late = await dial(port);
    late.end('late\n');
    expect((await texts(21)).at(-1)).toBe('late');
  });

  it('cuts the connection that holds most when unfinished frames take too much, and no other', async () => {
    const port = await start(listenTcp, { limits: { heldBytes: 2_000 } });
    const modest = await dial(port);
    await new Promise<void>((resolve) => modest.write('begun, ', () => resolve()));
    const greedy = await Promise.all(Array.from({ length: 3 }, () => dial(port)));
    for (const socket of greedy) socket.write('x'.repeat(900));
    expect((await received(1))[0]).toMatchObject({
      broken:
        'connection was cut after 900 bytes of the frame: unfinished frames of all connections held more than 2000 bytes',
    });
    modest.end('and ended\n');
    expect((await texts(2)).at(-1)).toBe('begun, and ended');
  });

  it('cuts a connection that is silent inside a frame, and leaves one alone that is silent between frames', async () => {
    const port = await start(listenTcp, { limits: { silenceMs: 50 } });
    const patient = await dial(port);
    await new Promise<void>((resolve) => patient.write('one\n', () => resolve()));
    const slow = await dial(port);
    slow.write('never fini');
    expect((await received(2))[1]).toMatchObject({
      broken: 'connection was cut after 10 bytes of the frame: no byte came for 0.05 s inside a frame',
    });
    patient.end('two\n');
    expect((await texts(3)).at(-1)).toBe('two');
  });

  it('takes what a sender wrote that has closed its half', async () => {
    const socket = await dial(await start(listenTcp));
    socket.end('last words');
    const [answer] = await Promise.all([once(socket, 'close'), texts(1)]);
    expect([answer, await texts(1)]).toEqual([[false], ['last words']]);
  });

  it('reports an oversized frame with its whole size, and goes on behind it', async () => {
    const socket = await dial(await start(listenTcp, { maxRecordBytes: LIMIT }));
    socket.end(`5000 ${'x'.repeat(5_000)}${'y'.repeat(3_000)}\nnext\n`);
    expect(await received(3)).toMatchObject([
      { broken: 'frame of 5000 bytes is over the limit of 1000', size: 5_000 },
      { broken: 'frame of 3000 bytes is over the limit of 1000', size: 3_000 },
      { raw: new Uint8Array(Buffer.from('next')) },
    ]);
  });

  it('reports a frame whose connection ended inside it', async () => {
    const socket = await dial(await start(listenTcp));
    socket.end('100 only this');
    expect(await received(1)).toMatchObject([
      { broken: 'connection ended after 9 of 100 bytes of the frame', size: 9 },
    ]);
  });

  it('reports half a line when the connection is cut, or the listener closes', async () => {
    const port = await start(listenTcp);
    const [one, two] = [await dial(port), await dial(port)];
    await new Promise<void>((resolve) => one.write('whole\nhalf a', () => resolve()));
    await new Promise<void>((resolve) => two.write('open\nhalf', () => resolve()));
    await received(2);
    one.resetAndDestroy();
    await received(3);
    for (const listener of listeners) await listener.close();
    const broken = (await received(4)).filter((record) => record.broken);
    expect(broken).toMatchObject([
      { broken: 'connection was cut after 6 bytes of the frame', size: 6 },
      { broken: 'connection was cut after 4 bytes of the frame', size: 4 },
    ]);
  });

  it('takes garbage as records and stays up', async () => {
    const port = await start(listenTcp);
    const garbage = await dial(port);
    garbage.end(Buffer.from([0, 255, 254, 10, 128, 10, 13, 10, 127]));
    const good = await dial(port);
    good.end('still here\n');
    expect(await texts(4)).toContain('still here');
  });
});

describe('syslog over UDP', () => {
  it('takes one record per datagram', async () => {
    const port = await start(listenUdp);
    await datagrams(port, '<13>one', '<14>two\nlines', Buffer.from([0xff, 0xfe]));
    expect((await received(3)).map(({ raw }) => raw.length)).toEqual([7, 13, 2]);
  });

  const isTold = existsSync('/proc/self/net/udp');
  it.skipIf(!isTold).each(['127.0.0.1:0', '[::1]:0'])(
    'counts what the kernel of %s drops, and tells it in a record of its own',
    async (address) => {
      let dropped = 0;
      const extra = { kernelDropped: (count: number) => (dropped += count), lookMs: 10 };
      const listener = await listenUdp(address, { ...options(), ...extra });
      listeners.push(listener);
      const { host, port } = listener.address;
      const sender = createSocket(host.includes(':') ? 'udp6' : 'udp4');
      await new Promise<void>((resolve) => sender.connect(port, host, resolve));
      // Sent in one turn, so that nobody reads meanwhile; the kernel grants a buffer of 16 MiB at most.
      const sent = 10_000;
      for (let n = 0; n < sent; n++) sender.send('x'.repeat(2_000));
      let taken = 0;
      const told: string[] = [];
      const stop = new AbortController();
      const reading = spoolReader(folder)(undefined, {
        ...{ signal: stop.signal, until: 'forever', batchBytes: 1_000_000, maxRecordBytes: 4_096, warn },
      });
      for await (const { records } of reading) {
        taken += records.filter(({ broken }) => broken === undefined).length;
        told.push(...records.flatMap(({ broken }) => broken ?? []));
        const lost = told.reduce((sum, reason) => sum + Number.parseInt(reason, 10), 0);
        if (taken + lost === sent) stop.abort();
      }
      sender.close();
      expect(told[0]).toMatch(/^\d+ datagrams were dropped by the kernel/);
      expect(dropped).toBe(sent - taken);
    },
  );
});

describe('listeners while the disk is full', () => {
  /** A disk that takes nothing until it is told to. */
  const disk = { isFull: true };
  const create = async (path: string): Promise<SegmentFile> => {
    const handle = await open(path, 'ax', 0o600);
    return {
      async appendFile(bytes) {
        if (disk.isFull) throw new Error('ENOSPC: no space left on device, write');
        await handle.appendFile(bytes as Buffer);
      },
      datasync: () => handle.datasync(),
      truncate: (length) => handle.truncate(length),
      close: () => handle.close(),
    };
  };
  beforeEach(async () => {
    await spool.close();
    disk.isFull = true;
    spool = await openSpool(folder, { warn, create, queueBytes: 2_000 });
  });

  it('makes senders over TCP wait, and loses nothing they sent', async () => {
    const socket = await dial(await start(listenTcp));
    const lines = Array.from({ length: 20_000 }, (_, n) => `line ${n} ${'x'.repeat(500)}`);
    const sent = new Promise<void>((resolve) => socket.end(lines.map((one) => `${one}\n`).join(''), resolve));
    while (!spool.isFailing) await new Promise(setImmediate);
    // One chunk of the socket at most is queued beyond the limit; the rest waits with the sender.
    const queued = spool.queuedBytes;
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    expect([queued < 1_000_000, spool.queuedBytes]).toEqual([true, queued]);
    disk.isFull = false;
    const found = await texts(lines.length);
    await sent;
    expect(found).toEqual(lines);
  });

  it('counts the datagrams that find no room', async () => {
    let dropped = 0;
    let heard: () => void = () => undefined;
    const port = await start(listenUdp, {
      dropped: () => {
        dropped += 1;
        heard();
      },
    });
    const two = new Promise<void>((resolve) => {
      heard = () => (dropped === 2 ? resolve() : undefined);
    });
    await datagrams(port, 'a'.repeat(900), 'b'.repeat(900), 'c'.repeat(900), 'lost', 'lost too');
    await two;
    disk.isFull = false;
    const told = '2 datagrams were dropped, because the spool was full';
    const found = (await received(4)).map(({ raw, broken }) => broken ?? Buffer.from(raw).toString()[0]);
    expect(found).toEqual(['a', 'b', 'c', told]);
    expect(warnings).toContain(told);
  });
});

describe('from the network into the store', () => {
  const plain = collector({
    id: 'plain',
    title: 'Plain',
    summary: 'for tests',
    guarantee: 'none doubled',
    datasets: ['plain.log'],
    framing: { kind: 'syslog' },
    normalise: (raw) => ({
      event: { message: Buffer.from(raw).toString(), event: { dataset: 'plain.log', kind: 'event' } },
    }),
  });
  let store: Store;
  beforeEach(async () => {
    store = await openEmbedded({ file: join(folder, 'store', 'vigia.db') });
  });
  afterEach(() => store.close());

  /** One process of the service: reads until it has written so many checkpoints or records, or dies on the way. */
  const deliver = (until: () => Promise<boolean>, dieAfter?: string) => {
    const stop = new AbortController();
    return run(
      { id: 'net', collector: plain, reader: spoolReader(folder) },
      {
        store,
        evaluate: async () => ({ matches: [], alerts: [] }),
        now: () => 1_763_000_000_000,
        retentionDays: 30,
        batchBytes: 400,
        warn,
        onWrite: async (stage) => {
          if (stage === dieAfter) throw new Error('killed');
          if (stage === 'checkpoint' && (await until())) stop.abort();
        },
      },
      { signal: stop.signal, until: 'forever' },
    );
  };
  const messages = async () =>
    (await store.events.read({ size: 1_000 })).events.map((event) => event.message!).sort();

  it('stores each record once over kills of the reader and restarts of the spool, and dead-letters the broken', async () => {
    const port = await start(listenTcp);
    const first = await dial(port);
    const lines = Array.from({ length: 30 }, (_, n) => `line ${String(n).padStart(3, '0')}`);
    first.end(`${lines.slice(0, 20).join('\n')}\n`);
    await received(20);
    for (const stage of ['events', 'batch', 'events'])
      await expect(deliver(async () => false, stage)).rejects.toThrow('killed');
    // The service starts again: a new spool segment, the same checkpoint.
    for (const listener of listeners.splice(0)) await listener.close();
    await spool.close();
    spool = await openSpool(folder, { warn });
    const second = await dial(await start(listenTcp));
    second.end(`${lines.slice(20).join('\n')}\n2000 ${'z'.repeat(1_500)}`);
    await deliver(async () => (await messages()).length >= 30 && (await deadLetters()).length > 0);
    expect(await messages()).toEqual(lines);
    expect(await deadLetters()).toMatchObject([{ stage: 'read', size: 1_500 }]);
    const [line] = await store.batches.ledger();
    expect(line).toMatchObject({ read: 31, stored: 30, duplicate: 0, deadLettered: 1 });
  });
  const deadLetters = async () =>
    (await store.documents.find('dead-letter', {})).found.map(({ body }) => body);
});
