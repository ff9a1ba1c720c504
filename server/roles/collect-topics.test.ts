/** Topics of a real broker: what is read once whoever reads it, through kills between writes, rebalances and a dying broker. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin, type CompressionAlgorithmValue, Consumer, Producer } from '@platformatic/kafka';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { collector, reject } from '../../collectors/collector.ts';
import { type Delivery, type RunOptions, run, type Source, type WriteStage } from '../../collectors/run.ts';
import type { Store } from '../../core/store.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import { type Kafka, startKafka } from '../../tests/testbed/kafka.ts';
import { needInstalled } from '../../tests/testbed/need.ts';
import { compose } from '../compose.ts';
import { sourceFindings } from '../doctor-sources.ts';
import { readSettings } from '../settings.ts';
import { collect } from './collect.ts';
import { collectTopics } from './collect-topics.ts';

const { describe } = await needInstalled('kafka');
const PARTITIONS = 4;
const waiting = { timeout: 60_000, interval: 50 };

/** `line 7`; a line `bad …` is refused. */
const plain = collector({
  id: 'plain',
  title: 'Plain lines',
  summary: 'for tests',
  guarantee: 'none lost, none doubled',
  datasets: ['plain.log'],
  framing: { kind: 'lines' },
  normalise(raw) {
    const message = new TextDecoder().decode(raw);
    if (message.startsWith('bad')) return reject('a bad line');
    return { event: { message, event: { dataset: 'plain.log', kind: 'event' } } };
  },
});

let kafka: Kafka;
let producer: Producer;
let admin: Admin;
let folder: string;
let store: Store;
let topic: string;
let topics = 0;
/** Ends the members of a test. */
const members: (() => Promise<unknown>)[] = [];

const lines = (from: number, count: number) => Array.from({ length: count }, (_, n) => `line ${from + n}`);
/** Waits until the topic can be written to, and until one of that name is gone. */
async function create(): Promise<void> {
  await expect
    .poll(() => admin.createTopics({ topics: [topic], partitions: PARTITIONS, replicas: 1 }), waiting)
    .toHaveLength(1);
  const leaders = async () => {
    const { topics: known } = await admin.metadata({ topics: [topic], forceUpdate: true });
    return known.get(topic)?.partitions.filter(({ leader }) => leader >= 0).length;
  };
  await expect.poll(leaders, waiting).toBe(PARTITIONS);
}
const produce = (values: readonly (string | null)[], compression: CompressionAlgorithmValue = 'none') =>
  producer.send({
    compression,
    messages: values.map((value, n) => ({
      ...{ topic, partition: n % PARTITIONS, key: Buffer.from('key') },
      headers: new Map([[Buffer.from('sender'), Buffer.from('app1')]]),
      // A tombstone has no value, which the types of the library leave out.
      value: (value === null ? null : Buffer.from(value)) as Buffer,
    })),
  });

describe('topics', () => {
  beforeAll(async () => {
    kafka = await startKafka();
    const client = { clientId: 'test', bootstrapBrokers: [kafka.broker], retries: 100, retryDelay: 100 };
    // Sent again after a fault of the broker, a line stands once in the topic.
    producer = new Producer({ ...client, idempotent: true });
    admin = new Admin(client);
  }, 180_000);
  afterAll(async () => {
    await producer?.close();
    await admin?.close();
    await kafka?.stop();
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vigia-topics-'));
    store = await openEmbedded({ file: join(folder, 'vigia.db') });
    await store.migrate();
    topic = `audit-${++topics}`;
    await create();
  });
  afterEach(async () => {
    await Promise.all(members.splice(0).map((stop) => stop()));
    await store.close();
    rmSync(folder, { recursive: true });
  });

  it('over TLS with an account are read whole: every compression, and what is no record is a dead letter', async () => {
    const seven =
      '<38>1 2026-11-01T00:00:00Z app1 sshd 7 - - Accepted password for ana from 192.0.2.7 port 22 ssh2';
    for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)
      await produce(Array(8).fill(seven), compression);
    await produce([null, 'no log line', 'x'.repeat(1_048_577)], 'gzip');
    const password = join(folder, 'password');
    writeFileSync(password, `${kafka.account.password}\n`);
    const file = join(folder, 'vigia.yml');
    writeFileSync(
      file,
      JSON.stringify({
        retentionDays: 36_500,
        sources: [
          {
            ...{ id: 'hosts', collector: 'linux-syslog' },
            kafka: {
              ...{ brokers: [kafka.secured], topics: [topic], group: topic, tls: { caFile: kafka.caFile } },
              sasl: { mechanism: 'SCRAM-SHA-512', user: kafka.account.user, passwordFile: 'password' },
            },
          },
        ],
      }),
    );
    const parts = await compose(readSettings(file, { VIGIA_STATE: folder }), {
      ...{ store, log: pino({ level: 'silent' }) },
    });
    try {
      await collect(parts, { signal: new AbortController().signal, until: 'end' });
    } finally {
      await parts.close();
    }
    expect(await messages()).toHaveLength(40);
    const { found } = await store.documents.find('dead-letter', {});
    expect(found.map(({ body: { source, reason } }) => `${source} ${reason}`).sort()).toEqual([
      `hosts/${topic}/0 a tombstone: the record has no value`,
      `hosts/${topic}/1 no syslog time at the start of the line (ISO 8601 or "Mmm dd hh:mm:ss")`,
      `hosts/${topic}/2 record of 1048577 bytes is over the limit of 1048576`,
    ]);
    expect(await balance()).toEqual({ read: 43, stored: 40, duplicate: 0, deadLettered: 3 });
  });

  it('are asked for by the doctor, who says which there is not, and when nobody answers', async () => {
    const bus = (broker: string) =>
      sourceFindings({
        ...{ id: 'bus', collector: 'linux-syslog' },
        kafka: { brokers: [broker], topics: [topic, 'no-such-topic'], group: 'doctor' },
      });
    expect(await bus(kafka.broker)).toMatchObject([
      { name: 'bus', ok: true, detail: `topic ${topic} has ${PARTITIONS} partitions` },
      { ok: false, detail: expect.stringContaining('know no topic no-such-topic') },
    ]);
    expect(await bus('127.0.0.1:1')).toMatchObject([
      { ok: false, detail: expect.stringContaining('ECONNREFUSED') },
    ]);
  });

  it('are read once though the process dies behind every kind of write', async () => {
    const died = new Error('killed');
    const stages: WriteStage[] = ['events', 'matches', 'alerts', 'dead-letters', 'batch', 'checkpoint'];
    for (const [n, stage] of stages.entries()) {
      await produce(lines(n * 40, 40));
      let writes = 0;
      const onWrite: Delivery['onWrite'] = (written) => {
        // Not the first: there is something to go on from, and something in hand.
        if (written === stage && ++writes > 2) throw died;
      };
      await expect(member({ onWrite }).read('end')).rejects.toBe(died);
    }
    await member().read('end');
    expect(await messages()).toEqual(lines(0, 240).sort());
    expect(await balance()).toMatchObject({ read: 240, stored: 240, duplicate: 0, deadLettered: 0 });
  });

  it('are shared by two members, and every line is stored once while they come and go', async () => {
    const [first, second] = [member(), member()];
    const done = [first.read('forever')];
    for (let n = 0; n < 10; n++) {
      await produce(lines(n * 40, 40));
      if (n === 1) await expect.poll(stored, waiting).toBe(80);
      if (n === 2) done.push(second.read('forever'));
      if (n === 4) await expect.poll(() => second.partitions(), waiting).toBe(2);
      if (n === 7) first.stop();
    }
    await expect.poll(stored, waiting).toBe(400);
    second.stop();
    await Promise.all(done);
    expect(await messages()).toEqual(lines(0, 400).sort());
    expect(await balance()).toMatchObject({ stored: 400, deadLettered: 0 });
    expect(Math.min(first.delivered(), second.delivered())).toBeGreaterThan(0);
  });

  it('go on where they were when the broker was killed and is back', async () => {
    const one = member();
    const done = one.read('forever');
    await produce([...lines(0, 40), 'bad line']);
    await expect.poll(stored, waiting).toBe(40);
    await kafka.kill();
    await expect.poll(() => one.warnings.join(), waiting).toContain('nothing is lost');
    await kafka.start();
    await produce(lines(40, 40));
    await expect.poll(stored, waiting).toBe(80);
    one.stop();
    await done;
    expect(await messages()).toEqual(lines(0, 80).sort());
    expect(await balance()).toEqual({ read: 81, stored: 80, duplicate: 0, deadLettered: 1 });
  });

  it('tell their group what is stored, and know what was deleted or made anew', async () => {
    await produce(lines(0, 40));
    await member().read('end');
    const group = new Consumer({ clientId: 'test', bootstrapBrokers: [kafka.broker], groupId: topic });
    const partitions = [0, 1, 2, 3];
    const offsets = await group.listCommittedOffsets({ topics: [{ topic, partitions }] });
    await group.close();
    expect(offsets.get(topic)).toEqual([10n, 10n, 10n, 10n]);
    await produce(lines(40, 40));
    await admin.deleteRecords({
      topics: [{ name: topic, partitions: [{ partition: 0, offset: 15n }] }],
    });
    await member().read('end');
    expect(await messages()).toHaveLength(75);
    const { found } = await store.documents.find('dead-letter', {});
    expect(found.map(({ body }) => body.reason)).toEqual([expect.stringMatching(/^offsets 10 to 14 were/)]);
    await admin.deleteTopics({ topics: [topic] });
    await create();
    await produce(lines(0, 4));
    await member().read('end');
    expect(await messages()).toHaveLength(79);
    expect(await generations()).toEqual([1, 2]);
  });
});

/** One process that reads the topic. */
function member(more: Partial<Delivery> = {}) {
  const stop = new AbortController();
  const warnings: string[] = [];
  const active = new Set<string>();
  let delivered = 0;
  const delivery: Delivery = {
    ...{ store, now: Date.now, retentionDays: 30, batchBytes: 200 },
    evaluate: async () => ({ matches: [], alerts: [] }),
    observe: ({ read }) => void (delivered += read),
    warn: (message) => warnings.push(message),
    ...more,
  };
  const parts = {
    ...{ now: Date.now, pseudonym: undefined },
    log: {
      ...pino({ level: 'silent' }),
      info: () => undefined,
      warn: (line: string) => void warnings.push(line),
    },
  } as unknown as Parameters<typeof collectTopics>[1];
  const settings = {
    ...{ id: 'plain', collector: 'plain' },
    kafka: { brokers: [kafka.broker], topics: [topic], group: topic },
  };
  async function keepReading(source: Source, options: RunOptions): Promise<void> {
    active.add(source.id);
    while (!options.signal.aborted) {
      try {
        await run({ ...source, collector: plain }, delivery, options);
        break;
      } catch (cause) {
        if (options.until === 'end') throw cause;
      }
    }
    active.delete(source.id);
  }
  let done: Promise<unknown> = Promise.resolve();
  members.push(() => {
    stop.abort();
    return done;
  });
  return {
    ...{ warnings, stop: () => stop.abort(), delivered: () => delivered, partitions: () => active.size },
    read(until: RunOptions['until']) {
      const reading = collectTopics(
        { ...settings, collector: 'linux-syslog' },
        parts,
        { until, signal: stop.signal },
        keepReading,
      );
      done = reading.catch(() => undefined);
      return reading;
    },
  };
}

async function messages(): Promise<string[]> {
  const { events } = await store.events.read({ size: 10_000 });
  return events.map(({ message }) => message ?? '').sort();
}
const stored = async () => (await messages()).length;

async function generations(): Promise<number[]> {
  const { events } = await store.events.read({ size: 10_000 });
  return [...new Set(events.map(({ vigia }) => vigia?.source?.generation ?? 0))].sort();
}

async function balance() {
  const sum = { read: 0, stored: 0, duplicate: 0, deadLettered: 0 };
  for (const one of await store.batches.ledger())
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += one[name];
  return sum;
}
