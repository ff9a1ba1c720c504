/**
 * OpenTelemetry's OTLP over HTTP, logs only, in protobuf and JSON. Records that are not taken are counted in the answer (partial
 * success) and kept as dead letters. A body sent again gives the same positions.
 */
import { sha256 } from '../../../core/ids.ts';
import { parseObject } from '../../json/parse-object.ts';
import { type Answer, type Brought, type Call, json, type Protocol, type Taken } from '../protocol.ts';
import { logRecords } from './log-records.ts';
import { decodeRequest, encode } from './messages.ts';

const PATH = '/v1/logs';
const KEPT_BYTES = 65_536;
/** Codes of google.rpc.Status: INVALID_ARGUMENT, NOT_FOUND, UNAUTHENTICATED, UNAVAILABLE. */
const CODES: Readonly<Record<number, number>> = { 401: 16, 404: 5, 503: 14 };
const INVALID_ARGUMENT = 3;

const isProtobuf = ({ contentType }: Pick<Call, 'contentType'>) =>
  contentType.startsWith('application/x-protobuf');

function answered(
  call: Pick<Call, 'contentType'>,
  status: number,
  type: Parameters<typeof encode>[0],
  body: object,
): Answer {
  if (!isProtobuf(call)) return json(status, body);
  return { status, body: encode(type, body), headers: { 'content-type': 'application/x-protobuf' } };
}

const failed = (call: Pick<Call, 'contentType'>, status: number, message: string): Answer =>
  answered(call, status, 'Status', { code: CODES[status] ?? INVALID_ARGUMENT, message });

export function otlpProtocol(maxRecordBytes: number): Protocol {
  return {
    name: 'OTLP',
    brings: (method, path) => method === 'POST' && path === PATH,
    take: (call) => take(call, maxRecordBytes),
    greet: (call) => failed(call, 404, `only logs are taken: POST ${PATH}`),
    // Exporters try again after 503, and not all of them after 429.
    full: (call, reason) => failed(call, 503, reason),
    refuse: (status, reason) => failed({ contentType: '' }, status, reason),
  };
}

function take(call: Call, maxRecordBytes: number): Taken | Answer {
  const request = requestOf(call);
  if (typeof request === 'string') return failed(call, 400, request);
  const bodyHash = sha256(call.body).slice(0, 32);
  const records = logRecords(request, !isProtobuf(call)).map((spread, place): Brought => {
    const bytes = Buffer.from(JSON.stringify(spread.record));
    const key = `${bodyHash}:${place}`;
    const refused =
      'refused' in spread
        ? spread.refused
        : bytes.length > maxRecordBytes
          ? `record of ${bytes.length} bytes is over the limit of ${maxRecordBytes}`
          : undefined;
    if (refused === undefined) return { bytes, key };
    const broken = `refused to its sender: ${refused}`;
    return { bytes: bytes.subarray(0, KEPT_BYTES), size: bytes.length, broken, key };
  });
  const broken = records.filter((record) => record.broken !== undefined);
  const partialSuccess = {
    rejectedLogRecords: String(broken.length),
    errorMessage: broken[0]?.broken?.replace('refused to its sender: ', '') ?? '',
  };
  return {
    records,
    answer: answered(call, 200, 'ExportLogsServiceResponse', broken.length === 0 ? {} : { partialSuccess }),
  };
}

function requestOf(call: Call) {
  if (!isProtobuf(call)) return parseObject(call.body.toString());
  try {
    return decodeRequest(call.body) as ReturnType<typeof parseObject>; // an object by its type
  } catch (cause) {
    return `the body is no ExportLogsServiceRequest: ${(cause as Error).message}`;
  }
}
