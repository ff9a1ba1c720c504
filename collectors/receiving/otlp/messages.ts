/**
 * The messages of OTLP logs in protobuf, after the public definitions (opentelemetry-proto 1, collector/logs/v1, logs/v1,
 * common/v1, resource/v1, and google.rpc.Status). Numbers are those of the definitions; unknown fields are stepped over.
 */
import protobuf from 'protobufjs';

const field = (type: string, id: number) => ({ type, id });
const list = (type: string, id: number) => ({ rule: 'repeated', type, id });

const root = protobuf.Root.fromJSON({
  nested: {
    ExportLogsServiceRequest: { fields: { resourceLogs: list('ResourceLogs', 1) } },
    ExportLogsServiceResponse: { fields: { partialSuccess: field('ExportLogsPartialSuccess', 1) } },
    ExportLogsPartialSuccess: {
      fields: { rejectedLogRecords: field('int64', 1), errorMessage: field('string', 2) },
    },
    ResourceLogs: {
      fields: {
        resource: field('Resource', 1),
        scopeLogs: list('ScopeLogs', 2),
        schemaUrl: field('string', 3),
      },
    },
    Resource: { fields: { attributes: list('KeyValue', 1) } },
    ScopeLogs: { fields: { scope: field('Scope', 1), logRecords: list('LogRecord', 2) } },
    Scope: {
      fields: { name: field('string', 1), version: field('string', 2), attributes: list('KeyValue', 3) },
    },
    LogRecord: {
      fields: {
        timeUnixNano: field('fixed64', 1),
        observedTimeUnixNano: field('fixed64', 11),
        severityNumber: field('int32', 2),
        severityText: field('string', 3),
        body: field('AnyValue', 5),
        attributes: list('KeyValue', 6),
        droppedAttributesCount: field('uint32', 7),
        flags: field('fixed32', 8),
        traceId: field('bytes', 9),
        spanId: field('bytes', 10),
        eventName: field('string', 12),
      },
    },
    KeyValue: { fields: { key: field('string', 1), value: field('AnyValue', 2) } },
    AnyValue: {
      oneofs: {
        value: {
          oneof: [
            ...['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue'],
            'bytesValue',
          ],
        },
      },
      fields: {
        stringValue: field('string', 1),
        boolValue: field('bool', 2),
        intValue: field('int64', 3),
        doubleValue: field('double', 4),
        arrayValue: field('ArrayValue', 5),
        kvlistValue: field('KeyValueList', 6),
        bytesValue: field('bytes', 7),
      },
    },
    ArrayValue: { fields: { values: list('AnyValue', 1) } },
    KeyValueList: { fields: { values: list('KeyValue', 1) } },
    Status: { fields: { code: field('int32', 1), message: field('string', 2) } },
  },
});
const request = root.lookupType('ExportLogsServiceRequest');

/** A request as OTLP's JSON would write it, but that ids of traces and bytes are in base64. Throws at what is no request. */
export const decodeRequest = (bytes: Uint8Array): unknown =>
  request.toObject(request.decode(bytes), { longs: String, bytes: String, oneofs: false });

export function encode(type: 'ExportLogsServiceResponse' | 'Status', message: object): Uint8Array {
  const found = root.lookupType(type);
  return found.encode(found.fromObject(message)).finish();
}
