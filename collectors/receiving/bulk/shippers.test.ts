/**
 * Real shippers against the `_bulk` receiver, through what goes wrong: the spool is full when they begin, and the connection of
 * the first call ends although its records are on disk, so that they send again. Each event must be stored exactly once.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@elastic/elasticsearch';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../../../core/store.ts';
import { openEmbedded } from '../../../store/embedded/open.ts';
import type { Contained } from '../../../tests/testbed/contained.ts';
import { needInstalled } from '../../../tests/testbed/need.ts';
import { shippersPython, startRsyslog, startSyslogNg } from '../../../tests/testbed/shippers.ts';
import type { Listener } from '../../reading/listen.ts';
import { openSpool, type Spool } from '../../reading/spool.ts';
import { spoolReader } from '../../reading/spool-reader.ts';
import { run } from '../../run.ts';
import { shippedDocuments } from '../../shipped-documents.ts';
import { admitting } from '../credentials.ts';
import { type Reception, receiveHttp } from '../receive-http.ts';
import { bulkProtocol } from './bulk-protocol.ts';

const shippers = await needInstalled('shippers');
const COUNT = 500;
const SECRET = 'sender:s3cret-example';

let folder: string;
let spool: Spool;
let store: Store;
let listener: Listener;
let heard: Reception[];
let running: Contained[];
let isFull: boolean;
let answersToLose: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-shippers-'));
  mkdirSync(join(folder, 'shipper'));
  [heard, running] = [[], []];
  [isFull, answersToLose] = [true, 1];
  spool = await openSpool(join(folder, 'spool'), { warn: () => undefined });
  store = await openEmbedded({ file: join(folder, 'vigia.db') });
  const troubled: Spool = Object.create(spool, {
    room: { value: async () => !isFull },
    // The records are on disk, but nobody is told.
    flush: { value: async () => (await spool.flush()) && answersToLose-- <= 0 },
  });
  listener = await receiveHttp('127.0.0.1:0', bulkProtocol({ maxRecordBytes: 1_048_576 }), {
    ...{ spool: troubled, now: Date.now, warn: () => undefined },
    admit: admitting(SECRET, 'test'),
    heard(reception) {
      heard.push(reception);
      if (reception === 'full') isFull = false;
    },
  });
});
afterEach(async () => {
  for (const one of running) await one.stop('SIGTERM', 1_000);
  await listener.close();
  await spool.close();
  await store.close();
  rmSync(folder, { recursive: true });
});

const texts = Array.from({ length: COUNT }, (_, n) => `message number ${n} of ${COUNT}`);

/** Delivers what is received until all was read once and something twice; gives how often each text was stored. */
async function stored(): Promise<Map<string, number>> {
  const stop = new AbortController();
  const seen = { read: 0, duplicate: 0 };
  const delivery = run(
    { id: 'bulk', collector: shippedDocuments, reader: spoolReader(join(folder, 'spool')) },
    {
      ...{ store, evaluate: async () => ({ matches: [], alerts: [] }), now: Date.now, retentionDays: 36_500 },
      observe: (facts) => {
        seen.read += facts.read;
        seen.duplicate += facts.duplicate;
      },
    },
    { signal: stop.signal, until: 'forever' },
  );
  try {
    const dead = delivery.catch((cause: Error) => cause);
    while (seen.read - seen.duplicate < COUNT || seen.duplicate === 0)
      await Promise.race([
        dead.then(Promise.reject.bind(Promise)),
        new Promise((next) => setTimeout(next, 20)),
      ]);
  } finally {
    stop.abort();
    await delivery;
  }
  // Something was really sent twice, and known.
  expect(seen.duplicate).toBeGreaterThan(0);
  expect((await store.documents.find('dead-letter', {})).found).toEqual([]);
  const times = new Map<string, number>();
  let after: string | undefined;
  do {
    const page = await store.events.read({ size: 1_000, ...(after ? { after } : {}) });
    for (const { message = '' } of page.events) times.set(message, (times.get(message) ?? 0) + 1);
    after = page.next;
  } while (after);
  return times;
}
const once = new Map(texts.map((text) => [text, 1]));
const url = () => `http://127.0.0.1:${listener.address.port}`;

shippers.describe('each event is stored once that is sent by', () => {
  // It sends again in other bodies: only its own ids tell the documents.
  it('rsyslog (omelasticsearch, with ids)', { timeout: 120_000 }, async () => {
    const input = join(folder, 'input.log');
    writeFileSync(input, texts.map((text) => `${text}\n`).join(''));
    running.push(
      await startRsyslog(
        join(folder, 'shipper'),
        `module(load="imfile")
module(load="omelasticsearch")
template(name="doc" type="list" option.jsonf="on") {
  property(outname="@timestamp" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="severity" name="syslogseverity-text" format="jsonf")
  property(outname="facility" name="syslogfacility-text" format="jsonf")
  property(outname="syslogtag" name="syslogtag" format="jsonf")
  property(outname="message" name="msg" format="jsonf")
}
template(name="id" type="string" string="%uuid%")
input(type="imfile" File="${input}" Tag="benefits:" ruleset="out" facility="daemon")
ruleset(name="out") {
  action(type="omelasticsearch" server="127.0.0.1" serverport="${listener.address.port}" searchIndex="logs" searchType=""
    template="doc" bulkmode="on" writeoperation="create" bulkid="id" dynbulkid="on" uid="sender" pwd="s3cret-example" action.resumeRetryCount="-1" action.resumeInterval="1"
    queue.type="LinkedList" queue.dequeueBatchSize="100")
}
`,
      ),
    );
    expect(await stored()).toEqual(once);
    expect(heard).toContain('full');
  });

  it('syslog-ng (http, as elasticsearch-http is made of)', { timeout: 120_000 }, async () => {
    const input = join(folder, 'input.log');
    writeFileSync(input, texts.map((text) => `Mar  4 09:15:00 db1 benefits[7]: ${text}\n`).join(''));
    running.push(
      await startSyslogNg(
        join(folder, 'shipper'),
        `options { stats-freq(0); };
source s { file("${input}" read-old-records(yes)); };
destination d { http(url("${url()}/_bulk") method("POST") user("sender") password("s3cret-example")
  headers("Content-Type: application/x-ndjson") batch-lines(100) batch-timeout(1000) time-reopen(1)
  body-suffix("\\n") delimiter("\\n")
  body('{"create":{"_index":"logs"}}
$(format-json --scope rfc5424 --exclude DATE --key ISODATE @timestamp=\${ISODATE})')); };
log { source(s); destination(d); flags(flow-control); };
`,
      ),
    );
    expect(await stored()).toEqual(once);
    expect(heard).toContain('full');
  });

  it('the official client for Node (helpers.bulk)', { timeout: 120_000 }, async () => {
    const client = new Client({ node: url(), auth: { username: 'sender', password: 's3cret-example' } });
    async function* documents() {
      for (const message of texts) yield { '@timestamp': '2026-03-04T09:15:00Z', message };
    }
    const result = await client.helpers.bulk({
      datasource: documents(),
      onDocument: () => ({ create: { _index: 'logs' } }),
      ...{ flushBytes: 10_000, retries: 5, wait: 100 },
    });
    expect(result).toMatchObject({ total: COUNT, failed: 0, successful: COUNT });
    expect(await stored()).toEqual(once);
    expect(heard).toContain('full');
  });

  it('pino-elasticsearch', { timeout: 120_000 }, async () => {
    const lost: unknown[] = [];
    // The package is CommonJS without types: its function is what it exports.
    const transport = createRequire(import.meta.url)('pino-elasticsearch') as (
      options: object,
    ) => NodeJS.WritableStream;
    const stream = transport({
      ...{ index: 'logs', node: url(), flushBytes: 10_000, flushInterval: 200, esVersion: 8 },
      auth: { username: 'sender', password: 's3cret-example' },
    });
    stream.on('insertError', (cause) => lost.push(cause));
    const logger = pino({ level: 'info' }, stream as never); // a writable stream, as pino's page shows it
    for (const text of texts) logger.info(text);
    stream.end();
    expect(await stored()).toEqual(once);
    expect([heard.includes('full'), lost]).toEqual([true, []]);
  });

  it('the Python client (helpers.bulk)', { timeout: 120_000 }, async () => {
    const script = `
from elasticsearch import Elasticsearch, helpers
client = Elasticsearch("${url()}", api_key=("sender", "s3cret-example"))
documents = ({"_op_type": "create", "_index": "logs", "@timestamp": "2026-03-04T09:15:00Z",
              "message": f"message number {n} of ${COUNT}"} for n in range(${COUNT}))
print(helpers.bulk(client, documents, chunk_size=100, max_retries=5, initial_backoff=0.1))
`;
    const { stdout } = await promisify(execFile)(shippersPython(), ['-c', script]);
    expect(stdout.trim()).toBe(`(${COUNT}, [])`);
    expect(await stored()).toEqual(once);
    expect(heard).toContain('full');
  });
});
