/** Real shippers against the `_bulk` receiver in trouble: each event must be stored exactly once. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@elastic/elasticsearch';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Contained } from '../../../tests/testbed/contained.ts';
import { needInstalled } from '../../../tests/testbed/need.ts';
import { shippersPython, startRsyslog, startSyslogNg } from '../../../tests/testbed/shippers.ts';
import { openTroubledReceiver, SENDER, type TroubledReceiver } from '../../../tests/troubled-receiver.ts';
import { shippedDocuments } from '../../shipped-documents.ts';
import { bulkProtocol } from './bulk-protocol.ts';

const shippers = await needInstalled('shippers');
const COUNT = 500;

let receiver: TroubledReceiver;
let folder: string;
let running: Contained[];

beforeEach(async () => {
  receiver = await openTroubledReceiver(bulkProtocol({ maxRecordBytes: 1_048_576 }), shippedDocuments);
  folder = receiver.folder;
  running = [];
  mkdirSync(join(folder, 'shipper'));
});
afterEach(async () => {
  for (const one of running) await one.stop('SIGTERM', 1_000);
  await receiver.close();
});

const texts = Array.from({ length: COUNT }, (_, n) => `message number ${n} of ${COUNT}`);
const once = new Map(texts.map((text) => [text, 1]));
const auth = { username: SENDER.name, password: SENDER.secret };
async function expectStoredOnce() {
  expect(await receiver.stored(COUNT)).toEqual(once);
  expect(receiver.heard).toContain('full');
}

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
  action(type="omelasticsearch" server="127.0.0.1" serverport="${receiver.port}" searchIndex="logs" searchType=""
    template="doc" bulkmode="on" writeoperation="create" bulkid="id" dynbulkid="on" uid="sender" pwd="s3cret-example" action.resumeRetryCount="-1" action.resumeInterval="1"
    queue.type="LinkedList" queue.dequeueBatchSize="100")
}
`,
      ),
    );
    await expectStoredOnce();
  });

  it('syslog-ng (http, as elasticsearch-http is made of)', { timeout: 120_000 }, async () => {
    const input = join(folder, 'input.log');
    writeFileSync(input, texts.map((text) => `Mar  4 09:15:00 db1 benefits[7]: ${text}\n`).join(''));
    running.push(
      await startSyslogNg(
        join(folder, 'shipper'),
        `options { stats-freq(0); };
source s { file("${input}" read-old-records(yes)); };
destination d { http(url("${receiver.url}/_bulk") method("POST") user("sender") password("s3cret-example")
  headers("Content-Type: application/x-ndjson") batch-lines(100) batch-timeout(1000) time-reopen(1)
  body-suffix("\\n") delimiter("\\n")
  body('{"create":{"_index":"logs"}}
$(format-json --scope rfc5424 --exclude DATE --key ISODATE @timestamp=\${ISODATE})')); };
log { source(s); destination(d); flags(flow-control); };
`,
      ),
    );
    await expectStoredOnce();
  });

  it('the official client for Node (helpers.bulk)', { timeout: 120_000 }, async () => {
    const client = new Client({ node: receiver.url, auth });
    async function* documents() {
      for (const message of texts) yield { '@timestamp': '2026-03-04T09:15:00Z', message };
    }
    const result = await client.helpers.bulk({
      datasource: documents(),
      onDocument: () => ({ create: { _index: 'logs' } }),
      ...{ flushBytes: 10_000, retries: 5, wait: 100 },
    });
    expect(result).toMatchObject({ total: COUNT, failed: 0, successful: COUNT });
    await expectStoredOnce();
  });

  it('pino-elasticsearch', { timeout: 120_000 }, async () => {
    const lost: unknown[] = [];
    // The package is CommonJS without types: its function is what it exports.
    const transport = createRequire(import.meta.url)('pino-elasticsearch') as (
      options: object,
    ) => NodeJS.WritableStream;
    const stream = transport({
      ...{ index: 'logs', node: receiver.url, flushBytes: 10_000, flushInterval: 200, esVersion: 8 },
      auth,
    });
    stream.on('insertError', (cause) => lost.push(cause));
    const logger = pino({ level: 'info' }, stream as never); // a writable stream, as pino's page shows it
    for (const text of texts) logger.info(text);
    stream.end();
    await expectStoredOnce();
    expect(lost).toEqual([]);
  });

  it('the Python client (helpers.bulk)', { timeout: 120_000 }, async () => {
    const script = `
from elasticsearch import Elasticsearch, helpers
client = Elasticsearch("${receiver.url}", api_key=("sender", "s3cret-example"))
documents = ({"_op_type": "create", "_index": "logs", "@timestamp": "2026-03-04T09:15:00Z",
              "message": f"message number {n} of ${COUNT}"} for n in range(${COUNT}))
print(helpers.bulk(client, documents, chunk_size=100, max_retries=5, initial_backoff=0.1))
`;
    const { stdout } = await promisify(execFile)(shippersPython(), ['-c', script]);
    expect(stdout.trim()).toBe(`(${COUNT}, [])`);
    await expectStoredOnce();
  });
});
