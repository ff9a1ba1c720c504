/** What an HTTP receiver promises whoever sends: answered only when durable, refused aloud, bounded. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Listener } from '../reading/listen.ts';
import type { ReadBatch } from '../reading/reader.ts';
import { openSpool, type SegmentFile, type Spool, type SpoolOptions } from '../reading/spool.ts';
import { spoolReader } from '../reading/spool-reader.ts';
import { bulkProtocol } from './bulk/bulk-protocol.ts';
import { admitting } from './credentials.ts';
import { type ReceiveOptions, type Reception, receiveHttp } from './receive-http.ts';

let folder: string;
let spool: Spool;
let listener: Listener | undefined;
let heard: Reception[];
let warnings: string[];
const warn = (message: string) => warnings.push(message);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-receive-'));
  [heard, warnings] = [[], []];
});
afterEach(async () => {
  await listener?.close();
  listener = undefined;
  await spool.close();
  rmSync(folder, { recursive: true });
});

async function start(
  more: Partial<ReceiveOptions> = {},
  spoolOptions: Partial<SpoolOptions> = {},
  field?: string,
): Promise<string> {
  spool = await openSpool(folder, { warn, ...spoolOptions });
  const protocol = bulkProtocol({ maxRecordBytes: 1_000, ...(field ? { field } : {}) });
  listener = await receiveHttp('127.0.0.1:0', protocol, {
    ...{ spool, warn, now: () => 1_763_000_000_000, heard: (one) => heard.push(one) },
    ...more,
  });
  return `http://127.0.0.1:${listener.address.port}`;
}

interface Answered {
  status: number;
  errors: boolean;
  items?: Record<string, { status: number; _id: string; error?: { reason: string } }>[];
  error: { reason: string };
}
async function post(url: string, body: string | Uint8Array, headers: Record<string, string> = {}) {
  const answer = await fetch(url, {
    method: 'POST',
    body: body as string, // fetch takes bytes too
    headers: { 'content-type': 'application/x-ndjson', ...headers },
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answered };
}

/** What lies in the spool now. */
async function spooled(): Promise<ReadBatch['records']> {
  const found: ReadBatch['records'] = [];
  const reading = spoolReader(folder)(undefined, {
    ...{ signal: new AbortController().signal, until: 'end', batchBytes: 1e6, maxRecordBytes: 1e6, warn },
  });
  for await (const { records } of reading) found.push(...records);
  return found;
}
const textOf = (record: { raw: Uint8Array }) => Buffer.from(record.raw).toString();

const two =
  '{"create":{"_index":"logs"}}\n{"message":"one"}\n{"index":{"_index":"logs","_id":"a"}}\n{"message":"two"}\n';

describe('a _bulk receiver', () => {
  it('answers each item when it is on disk', async () => {
    const url = await start();
    const { status, headers, body } = await post(`${url}/_bulk`, two);
    expect([status, body.errors, headers.get('x-elastic-product')]).toEqual([200, false, 'Elasticsearch']);
    expect(body.items).toMatchObject([
      { create: { _index: 'logs', status: 201 } },
      { index: { _index: 'logs', _id: 'a', status: 201 } },
    ]);
    expect([(await spooled()).map(textOf), heard]).toEqual([
      ['{"message":"one"}', '{"message":"two"}'],
      ['taken'],
    ]);
  });

  it('gives a body that is sent again the same positions, and another body others', async () => {
    const url = await start();
    await post(`${url}/_bulk`, two);
    await post(`${url}/_bulk`, two);
    await post(`${url}/_bulk`, `${two}{"create":{"_index":"logs"}}\n{"message":"three"}\n`);
    const positions = (await spooled()).map(({ position }) => position);
    expect(positions.slice(0, 2)).toEqual(positions.slice(2, 4));
    // The document with an id keeps it in every body.
    expect(positions.filter((one) => one === positions[1])).toHaveLength(3);
    expect(new Set(positions).size).toBe(4);
  });

  it('says of every item it does not take why, and keeps it as a dead letter', async () => {
    const url = await start();
    const lines = [
      ...['{"create":{}}', '{"message":"no index but in the path"}'],
      ...['{"update":{"_index":"x","_id":"1"}}', '{"doc":{}}', '{"delete":{"_index":"x","_id":"1"}}'],
      ...['{"create":{"_index":"x","_id":""}}', '{"message":"empty id"}'],
      ...['{"create":{"_index":"x"}}', 'no json', '{"create":{"_index":"x"}}', '[1]'],
      ...['{"create":{"_index":"x"}}', `{"message":"${'x'.repeat(1_000)}"}`],
    ];
    const { status, body } = await post(`${url}/from-path/_bulk`, `${lines.join('\n')}\n`);
    expect([status, body.errors]).toEqual([200, true]);
    expect(body.items?.map((one) => Object.values(one)[0]!.status)).toEqual([
      201, 400, 400, 400, 400, 400, 400,
    ]);
    expect(body.items?.map((one) => Object.values(one)[0]!.error?.reason)).toEqual([
      undefined,
      expect.stringContaining('update is not taken'),
      expect.stringContaining('delete is not taken'),
      'if _id is specified it must not be empty',
      'document is no JSON object',
      'document is no JSON object',
      'document of 1014 bytes is over the limit of 1000',
    ]);
    expect((await spooled()).map(({ broken }) => broken)).toEqual([
      undefined,
      ...Array(5).fill(expect.stringMatching(/^refused to its sender: /)),
    ]);
  });

  it.each([
    ['', 'request body is required'],
    ['{"create":{}}\n{"a":1}', 'must be terminated by a newline'],
    ['{"create":{}}\n', 'on line [1] has no source'],
    [`${two}{"creat":{}}\n{}\n`, 'Malformed action/metadata line [5]'],
    [`${two}nonsense\n`, 'Malformed action/metadata line [5]'],
  ])('takes nothing of the body %j', async (text, reason) => {
    const url = await start();
    const { status, body } = await post(`${url}/x/_bulk`, text);
    expect([status, body.error.reason]).toEqual([400, expect.stringContaining(reason)]);
    expect(await spooled()).toEqual([]);
  });

  it.each([
    ['gzip', gzipSync(two)],
    ['deflate', deflateSync(two)],
    ['zstd', zstdCompressSync(two)],
  ])('unpacks %s', async (encoding, bytes) => {
    const url = await start();
    expect((await post(`${url}/_bulk`, bytes, { 'content-encoding': encoding })).status).toBe(200);
    expect(await spooled()).toHaveLength(2);
  });

  it('takes single documents', async () => {
    const url = await start();
    const first = await fetch(`${url}/logs/_doc`, { method: 'POST', body: '{"message":"one"}' });
    const second = await fetch(`${url}/logs/_create/7`, { method: 'PUT', body: '{"message":"two"}' });
    const third = await fetch(`${url}/logs/_doc`, { method: 'POST', body: 'nonsense' });
    expect([first.status, second.status, third.status]).toEqual([201, 201, 400]);
    expect(await second.json()).toMatchObject({ _index: 'logs', _id: '7', result: 'created' });
    expect(await spooled()).toHaveLength(3);
  });

  it('takes the text of one field as the record', async () => {
    const url = await start({}, {}, 'log.original');
    const { body } = await post(
      `${url}/x/_bulk`,
      '{"create":{}}\n{"log":{"original":"a line"}}\n{"create":{}}\n{"message":"elsewhere"}\n',
    );
    expect(body.items?.map((one) => one['create']!.status)).toEqual([201, 400]);
    expect((await spooled()).map(textOf)).toEqual(['a line', '{"message":"elsewhere"}']);
  });

  it.each([
    ['GET', '/', 200, 'You Know, for Search'],
    ['GET', '/_license', 200, '"active"'],
    ['GET', '/_xpack?human=false', 200, '"ilm"'],
    ['GET', '/_cluster/health?timeout=1s', 200, '"green"'],
    ['GET', '/_index_template/winlogbeat-9.1.0', 200, 'winlogbeat-9.1.0'],
    ['PUT', '/_index_template/filebeat', 200, '"acknowledged":true'],
    ['GET', '/_ilm/policy/filebeat', 200, '"phases"'],
    ['PUT', '/_ingest/pipeline/filebeat-system', 200, '"acknowledged":true'],
    ['GET', '/_security/_authenticate', 200, 'shipper'],
    ['DELETE', '/logs', 400, 'no handler found'],
    ['POST', '/logs/_search', 400, 'Vigia takes documents only'],
  ])('answers %s %s', async (method, path, status, part) => {
    const url = await start();
    const answer = await fetch(`${url}${path}`, { method });
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(part)]);
    expect(heard).toEqual(['greeted']);
  });

  it('answers HEAD without a body', async () => {
    const url = await start();
    const answer = await fetch(`${url}/_index_template/x`, { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });
});

describe('who may send', () => {
  const admit = admitting('# senders\nweb1:s3cret-example\n', 'source s');
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  it.each([
    [`Basic ${encoded('web1:s3cret-example')}`, 200],
    [`ApiKey ${encoded('web1:s3cret-example')}`, 200],
    ['Bearer s3cret-example', 200],
    ['Bearer web1:s3cret-example', 200],
    [`Basic ${encoded('web1:wrong')}`, 401],
    [`Basic ${encoded('s3cret-example')}`, 401],
    ['Bearer ', 401],
    ['', 401],
  ])('%s is answered %i', async (authorization, status) => {
    const url = await start({ admit });
    expect((await post(`${url}/_bulk`, two, { authorization })).status).toBe(status);
    expect(heard).toEqual([status === 200 ? 'taken' : 'unauthenticated']);
    expect(await spooled()).toHaveLength(status === 200 ? 2 : 0);
  });

  it.each([
    ['', 'hold no line'],
    ['web1:ok\nno colon\n', 'line 2 of the credentials'],
  ])('refuses the credentials %j', (lines, message) => {
    expect(() => admitting(lines, 'source s')).toThrow(message);
  });
});

describe('bounds', () => {
  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ])(
    'refuses a body in %s that unpacks to too much, unpacks no more of it, and goes on',
    async (encoding, pack) => {
      const url = await start({ limits: { bodyBytes: 10_000 } });
      const bomb = pack(Buffer.alloc(100_000_000, 32));
      const before = process.memoryUsage().rss;
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => post(`${url}/_bulk`, bomb, { 'content-encoding': encoding })),
      );
      for (const { status, body } of answers)
        expect([status, body.error.reason]).toEqual([413, 'the body is over 10000 bytes unpacked']);
      // Twenty of them unpacked would be two gigabytes.
      expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
      expect((await post(`${url}/_bulk`, two)).status).toBe(200);
    },
  );

  it.each([
    ['gzip', 400, 'the body cannot be read'],
    ['br', 415, 'content-encoding br is not taken'],
  ])('refuses a body that is not %s', async (encoding, status, reason) => {
    const url = await start();
    const answered = await post(`${url}/_bulk`, two, { 'content-encoding': encoding });
    expect([answered.status, answered.body.error.reason]).toEqual([status, expect.stringContaining(reason)]);
  });

  it('refuses a body of which only the first frame would be read', async () => {
    const url = await start();
    const frames = Buffer.concat([zstdCompressSync(two), zstdCompressSync(two)]);
    const answered = await post(`${url}/_bulk`, frames, { 'content-encoding': 'zstd' });
    expect([answered.status, answered.body.error.reason]).toEqual([
      400,
      'something follows the zstd data: send one frame in a body',
    ]);
  });

  it('takes nothing of a body whose sender goes away', async () => {
    const url = await start();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n${two}`);
    while (heard.length === 0) {
      await new Promise(setImmediate);
      if (!socket.destroyed && socket.bytesWritten > 0) socket.resetAndDestroy();
    }
    expect([heard, await spooled()]).toEqual([['refused'], []]);
  });

  it('holds no more bodies at once than it may, but always one', async () => {
    const url = await start({ limits: { heldBytes: 100 } });
    const port = Number(new URL(url).port);
    const slow = connect(port, '127.0.0.1');
    await once(slow, 'connect');
    slow.write(`POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: ${two.length}\r\n\r\n${two.slice(0, -1)}`);
    // Until the receiver holds it, the other is taken.
    let status = 200;
    while (status === 200) ({ status } = await post(`${url}/_bulk`, two));
    expect(status).toBe(503);
    slow.write('\n');
    const [answer] = (await once(slow, 'data')) as [Buffer];
    slow.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200/);
  });

  it('refuses with 429 while more waits on disk than may, and takes again when it is delivered', async () => {
    const url = await start({ limits: { roomMs: 1 } }, { diskBytes: 150, segmentBytes: 100 });
    expect((await post(`${url}/_bulk`, two)).status).toBe(200);
    const full = await post(`${url}/_bulk`, `${two}\n`);
    expect([full.status, full.headers.get('retry-after'), heard.at(-1)]).toEqual([429, '5', 'full']);
    const before = await spooled();
    // A reader that is done with a segment deletes it when the next is there.
    rmSync(join(folder, '000000000001.spool'));
    while (heard.at(-1) === 'full') await post(`${url}/_bulk`, `${two}\n`);
    expect([before.length, heard.at(-1)]).toEqual([2, 'taken']);
  });

  it.each([
    ['syslog-ng 3.38.1/libcurl', 503, undefined],
    ['elasticsearch-py/9', 429, undefined],
    ['elastic-transport-js/9', 200, [429, 429]],
  ])('tells %s that it is full with %i', async (agent, status, items) => {
    const url = await start({ limits: { roomMs: 1 } }, { diskBytes: 10 });
    await post(`${url}/_bulk`, two);
    const answered = await post(`${url}/_bulk`, two, { 'user-agent': agent });
    expect(answered.status).toBe(status);
    expect(answered.body.items?.map((one) => Object.values(one)[0]!.status)).toEqual(items);
    const one = await fetch(`${url}/logs/_doc`, { method: 'POST', body: '{}' });
    expect(one.status).toBe(429);
  });

  it('ends the connection of a sender that would take any answer for the last', async () => {
    const url = await start({ limits: { roomMs: 1 } }, { diskBytes: 10 });
    await post(`${url}/_bulk`, two);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(`POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Length: ${two.length}\r\n\r\n${two}`);
    let answer = '';
    socket.on('data', (part) => {
      answer += part;
    });
    await once(socket, 'close');
    expect([answer, heard]).toEqual(['', ['taken', 'full']]);
  });

  it('answers nothing while the disk fails, and all when it takes records again', async () => {
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
    const url = await start({ limits: { roomMs: 1 } }, { create });
    let answered = false;
    const first = post(`${url}/_bulk`, two).finally(() => {
      answered = true;
    });
    while (!spool.isFailing) await new Promise(setImmediate);
    expect((await post(`${url}/_bulk`, two)).status).toBe(429);
    expect(answered).toBe(false);
    disk.isFull = false;
    expect((await first).status).toBe(200);
    expect(await spooled()).toHaveLength(2);
  });
});
