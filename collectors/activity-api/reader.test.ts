/** The poller against a recorded API: paging, late and double blobs, throttling, expiry, restarts; nothing unknown is ever asked. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReadBatch, ReadPosition } from '../reading/reader.ts';
import { type ActivityApi, activityApiReader } from './reader.ts';
import { type RecordedApi, recordedApi, SECRET, TENANT } from './recorded-api.ts';

const EXCHANGE = 'Audit.Exchange';
const START_MS = Date.parse('2026-03-04T12:00:00Z');
const record = (id: string, more: object = {}) => ({ Id: id, Operation: 'Set-Mailbox', ...more });

let api: RecordedApi;
let nowMs: number;
let warnings: string[];
let pauses: number[];
beforeEach(async () => {
  api = await recordedApi();
  nowMs = START_MS;
  warnings = [];
  pauses = [];
});
afterEach(async () => {
  expect(api.unknown).toEqual([]);
  await api.close();
});

const hoursAgo = (hours: number) => new Date(START_MS - hours * 3_600_000).toISOString();
const add = (id: string, hours: number, content: RecordedApi['blobs'][number]['content'], type = EXCHANGE) =>
  api.blobs.push({ id, type, created: hoursAgo(hours), content });

const reader = (
  more: Partial<ActivityApi> = {},
  signal = new AbortController().signal,
  from?: ReadPosition,
) => {
  const settings: ActivityApi = {
    ...{ tenant: TENANT, clientId: 'app', clientSecret: () => SECRET, apiUrl: api.url, loginUrl: api.url },
    ...{ contentTypes: [EXCHANGE], lookBackHours: 6, pollSeconds: 60 },
    ...more,
  };
  const outside = {
    fetch,
    now: () => nowMs,
    random: () => 1,
    sleep: async (ms: number) => {
      pauses.push(ms);
      nowMs += ms;
    },
  };
  return activityApiReader(settings, outside)(from, {
    signal,
    until: 'end',
    batchBytes: 0,
    maxRecordBytes: 1_000,
    warn: (message) => warnings.push(message),
  });
};

async function readAll(from?: ReadPosition, more: Partial<ActivityApi> = {}) {
  const batches: ReadBatch[] = [];
  for await (const batch of reader(more, undefined, from)) batches.push(batch);
  return {
    positions: batches.flatMap(({ records }) => records.map(({ position }) => position)),
    records: batches.flatMap(({ records }) => records),
    batches,
    next: batches.at(-1)?.next,
  };
}

describe('the Management Activity API', () => {
  it('starts each subscription and reads what is available, by pages, with the record Id as place', async () => {
    api.pageSize = 2;
    for (let n = 1; n <= 5; n += 1) add(`b${n}`, 1, [record(`r${n}`)]);
    add('old', 160, [record('r0')]);
    add('d', 2, [record('dlp')], 'DLP.All');
    const { records, positions } = await readAll(undefined, { contentTypes: [EXCHANGE, 'DLP.All'] });
    expect(positions).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'dlp']);
    expect(new TextDecoder().decode(records[1]!.raw)).toBe(JSON.stringify(record('r1')));
    expect(records.every(({ generation }) => generation === 1)).toBe(true);
    expect(api.requests.filter((one) => one.startsWith('POST'))).toHaveLength(2);
  });

  it('fetches no blob twice, and finds one that the listing showed late', async () => {
    add('b1', 1, [record('r1')]);
    const first = await readAll();
    nowMs += 60_000;
    add('late', 3, [record('r2')]);
    const second = await readAll(first.next);
    expect(second.positions).toEqual(['r2']);
    expect(api.requests.filter((one) => one.includes('audit/b1'))).toHaveLength(1);
    expect((await readAll(second.next)).positions).toEqual([]);
  });

  it('gives a record of two blobs the same place and the same bytes', async () => {
    add('b1', 2, [record('r1')]);
    add('b2', 1, [record('r1')]);
    const { records } = await readAll();
    expect(records).toHaveLength(2);
    expect(records[0]).toEqual(records[1]);
  });

  it('goes on behind the last blob that was delivered', async () => {
    add('b1', 2, [record('r1')]);
    add('b2', 1, [record('r2')]);
    const { batches } = await readAll();
    const afterFirst = batches.find(({ records }) => records.length > 0)!.next;
    expect((await readAll(afterFirst)).positions).toEqual(['r2']);
    expect(warnings).toEqual([]);
  });

  it('marks a large blob as read only with its last batch', async () => {
    add(
      'big',
      1,
      Array.from({ length: 501 }, (_, n) => record(`r${n}`)),
    );
    const { batches } = await readAll();
    const [first] = batches.filter(({ records }) => records.length > 0);
    expect(first!.records).toHaveLength(500);
    expect((await readAll(first!.next)).positions).toHaveLength(501);
  });

  it.each([
    ['429 with seconds', { status: 429, headers: { 'retry-after': '17' } }, 17_000],
    ['429 with a date', { status: 429, headers: { 'retry-after': 'Wed, 04 Mar 2026 12:00:30 GMT' } }, 30_000],
    ['503 without a word', { status: 503 }, 1_000],
  ])('waits as long as the server asks: %s', async (_, fault, pause) => {
    add('b1', 1, [record('r1')]);
    api.faults.push(fault);
    expect((await readAll()).positions).toEqual(['r1']);
    expect(pauses).toEqual([pause]);
    expect(warnings).toEqual([expect.stringContaining(`answered ${fault.status}`)]);
  });

  it('gives up with a reason when the server never answers', async () => {
    for (let n = 0; n < 8; n += 1) api.faults.push({ status: 500 });
    await expect(readAll()).rejects.toThrow('Management Activity API: POST failed: answered 500');
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64].map((seconds) => seconds * 1_000));
  });

  it('gets a new token before the old one ends, and when the server no longer takes it', async () => {
    add('b1', 1, [record('r1')]);
    await readAll();
    expect(api.tokens).toBe(1);
    api.faults.push({ status: 401 });
    await readAll();
    expect(api.tokens).toBe(3);
  });

  it('names what Microsoft no longer has: a blob that expired, and a gap after a long stop', async () => {
    const expired = {
      status: 400,
      code: 'AF20051',
      message: 'Content requested with the key b1 has already expired.',
    };
    add('b1', 1, expired);
    add('b2', 1, [record('r2')]);
    const { records, next } = await readAll();
    expect(records.map(({ broken }) => broken)).toEqual([
      'blob b1: AF20051 Content requested with the key b1 has already expired.',
      undefined,
    ]);
    nowMs += 9 * 86_400_000;
    await readAll(next);
    expect(warnings).toEqual(
      [`${EXCHANGE}: what became available in 48 hours has expired at Microsoft unread`].map(() =>
        expect.stringMatching(/in 4[89] hours has expired/),
      ),
    );
  });

  it('sends its token to no other address', async () => {
    add('b1', 1, [record('r1')]);
    let asked = '';
    const elsewhere: typeof fetch = async (input, init) => {
      if (new URL(String(input)).hostname === 'evil.example.test') asked = String(input);
      const response = await fetch(input, init);
      if (!String(input).includes('subscriptions/content')) return response;
      const body = (await response.text()).replaceAll(api.url, 'https://evil.example.test');
      return new Response(body, { status: response.status, headers: response.headers });
    };
    const settings = {
      tenant: TENANT,
      clientId: 'app',
      clientSecret: () => SECRET,
      apiUrl: api.url,
      loginUrl: api.url,
    };
    const outside = { fetch: elsewhere, now: () => nowMs, random: () => 1, sleep: async () => undefined };
    const read = activityApiReader(
      { ...settings, contentTypes: [EXCHANGE], lookBackHours: 6, pollSeconds: 60 },
      outside,
    );
    const found: (string | undefined)[] = [];
    const options = {
      signal: new AbortController().signal,
      until: 'end',
      batchBytes: 0,
      maxRecordBytes: 1_000,
      warn: () => undefined,
    } as const;
    for await (const { records } of read(undefined, options))
      found.push(...records.map(({ broken }) => broken));
    expect(found).toEqual([expect.stringContaining('no token is sent there')]);
    expect(asked).toBe('');
  });

  it('says what is wrong with the secret, without showing it', async () => {
    const wrong = readAll(undefined, { clientSecret: () => 'Pl4nted' });
    await expect(wrong).rejects.toThrow('get a token failed: answered 401 invalid_client');
    await expect(wrong).rejects.not.toThrow('Pl4nted');
  });

  it('reports a record that is too large instead of holding it', async () => {
    add('b1', 1, [record('r1', { x: 'y'.repeat(2_000) }), ['text']]);
    const { records } = await readAll();
    expect(records[0]).toMatchObject({
      position: 'r1',
      broken: expect.stringContaining('over the limit of 1000'),
    });
    expect(new TextDecoder().decode(records[1]!.raw)).toBe('["text"]');
  });

  it('stops between two blobs when it is told to', async () => {
    add('b1', 2, [record('r1')]);
    add('b2', 1, [record('r2')]);
    const stop = new AbortController();
    const positions: string[] = [];
    for await (const { records } of reader({}, stop.signal)) {
      positions.push(...records.map(({ position }) => position));
      if (records.length > 0) stop.abort();
    }
    expect(positions).toEqual(['r1']);
  });
});
