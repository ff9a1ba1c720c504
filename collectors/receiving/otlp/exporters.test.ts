/** Real exporters against the OTLP receiver in trouble: each record must be stored exactly once; and what a request may say. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { OTLPLogExporter as JsonExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtobufExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { needInstalled } from '../../../tests/testbed/need.ts';
import { shippersPython } from '../../../tests/testbed/shippers.ts';
import { openTroubledReceiver, SENDER, type TroubledReceiver } from '../../../tests/troubled-receiver.ts';
import { otlpLogs } from '../../otlp-logs.ts';
import type { Call, Taken } from '../protocol.ts';
import { encode } from './messages.ts';
import { otlpProtocol } from './otlp-protocol.ts';

const shippers = await needInstalled('shippers');
const COUNT = 300;
const texts = Array.from({ length: COUNT }, (_, n) => `message number ${n} of ${COUNT}`);
const once = new Map(texts.map((text) => [text, 1]));
const headers = { authorization: `Bearer ${SENDER.secret}` };

describe('each record is stored once that is sent by', () => {
  let receiver: TroubledReceiver;
  beforeEach(async () => {
    receiver = await openTroubledReceiver(otlpProtocol(1_048_576), otlpLogs);
  });
  afterEach(() => receiver.close());

  it.each([
    ['JSON', JsonExporter],
    ['protobuf', ProtobufExporter],
  ])('the exporter for Node, %s', { timeout: 120_000 }, async (_, Exporter) => {
    const exporter = new Exporter({
      ...{ url: `${receiver.url}/v1/logs`, headers, timeoutMillis: 60_000 },
      compression: 'gzip' as never, // the type of an enumeration that is not exported
    });
    const provider = new LoggerProvider({
      resource: resourceFromAttributes({ 'service.name': 'pensions' }),
      processors: [
        new BatchLogRecordProcessor({ exporter, maxExportBatchSize: 100, exportTimeoutMillis: 60_000 }),
      ],
    });
    const logger = provider.getLogger('test');
    for (const body of texts) logger.emit({ body, attributes: { user: 'ana' } });
    const [stored] = await Promise.all([receiver.stored(COUNT), provider.shutdown()]);
    expect(stored).toEqual(once);
    expect(receiver.heard).toContain('full');
  });

  shippers.describe('another platform:', () => {
    it('the exporter for Python', { timeout: 120_000 }, async () => {
      const script = `
import logging
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
provider = LoggerProvider()
exporter = OTLPLogExporter(endpoint="${receiver.url}/v1/logs", headers={"authorization": "${headers.authorization}"}, timeout=60)
provider.add_log_record_processor(BatchLogRecordProcessor(exporter, max_export_batch_size=100))
logger = logging.getLogger("test")
logger.propagate = False
logger.setLevel(logging.INFO)
logger.addHandler(LoggingHandler(logger_provider=provider))
for n in range(${COUNT}):
    logger.info(f"message number {n} of ${COUNT}")
provider.shutdown()
`;
      const [stored] = await Promise.all([
        receiver.stored(COUNT),
        promisify(execFile)(shippersPython(), ['-W', 'ignore', '-c', script]),
      ]);
      expect(stored).toEqual(once);
      expect(receiver.heard).toContain('full');
    });
  });
});

describe('an OTLP request', () => {
  const protocol = otlpProtocol(2_000);
  const call = (body: string | Uint8Array, contentType = 'application/json'): Call => ({
    ...{ method: 'POST', path: '/v1/logs', query: new URLSearchParams(), agent: '', contentType },
    body: Buffer.from(body),
  });
  const taken = (body: string | Uint8Array, contentType?: string) =>
    protocol.take(call(body, contentType)) as Taken; // asserted by what is read of it
  const request = (...bodies: unknown[]) => ({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'pensions' } }] },
        scopeLogs: [{ scope: { name: 'x' }, logRecords: bodies.map((body) => ({ body })) }],
      },
    ],
  });

  it('is spread into records that say where they come from, with plain values', () => {
    const values = { kvlistValue: { values: [{ key: 'n', value: { intValue: '7' } }] } };
    const list = {
      arrayValue: { values: [{ boolValue: true }, { doubleValue: 1.5 }, { intValue: '9007199254740993' }] },
    };
    const { records, answer } = taken(JSON.stringify(request(values, list)));
    expect(records.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()))).toMatchObject([
      { body: { n: 7 }, resource: { 'service.name': 'pensions' }, scope: { name: 'x' } },
      { body: [true, 1.5, '9007199254740993'] },
    ]);
    expect(answer).toMatchObject({ status: 200, body: '{}' });
  });

  it('is answered with partial success where a record is not taken', () => {
    let deep: object = { stringValue: 'x' };
    for (let n = 0; n < 15; n++) deep = { kvlistValue: { values: [{ key: 'k', value: deep }] } };
    const { records, answer } = taken(
      JSON.stringify(request({ stringValue: 'x'.repeat(3_000) }, { stringValue: 'ok' })),
    );
    expect(JSON.parse(String(answer.body))).toEqual({
      partialSuccess: {
        rejectedLogRecords: '1',
        errorMessage: expect.stringMatching(/over the limit of 2000$/),
      },
    });
    expect(records.map(({ broken }) => broken !== undefined)).toEqual([true, false]);
    expect(protocol.take(call(JSON.stringify(request(deep))))).toMatchObject({ status: 400 });
  });

  it.each([
    ['{"resourceLogs":', 'application/json', 'no JSON'],
    [Uint8Array.of(0xff, 0xff, 0xff), 'application/x-protobuf', ''],
    [gzipSync('x'), 'application/x-protobuf', ''],
  ])('that is none is refused with 400', (body, contentType, reason) => {
    const answer = protocol.take(call(body, contentType));
    expect(answer).toMatchObject({ status: 400 });
    expect(String((answer as { body: unknown }).body)).toContain(reason);
  });

  it('nested without end in protobuf ends at a bound', () => {
    // AnyValue in ArrayValue in AnyValue …: each layer is a tag and a length.
    let bytes: number[] = [];
    const varint = (value: number): number[] =>
      value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)];
    const inside = (tag: number, within: number[]) => [tag, ...varint(within.length), ...within];
    for (let n = 0; n < 500; n++) bytes = inside(0x2a, inside(0x0a, bytes));
    const body = inside(0x0a, inside(0x12, inside(0x12, inside(0x2a, bytes))));
    expect(protocol.take(call(Uint8Array.from(body), 'application/x-protobuf'))).toMatchObject({
      status: 400,
    });
  });

  it('is refused in the form that it was sent in', () => {
    const answer = protocol.full(call(encode('Status', {}), 'application/x-protobuf'), 'full');
    expect(answer).toMatchObject({ status: 503, headers: { 'content-type': 'application/x-protobuf' } });
  });
});
