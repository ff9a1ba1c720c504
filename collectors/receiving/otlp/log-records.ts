/**
 * Spreads an OTLP request into one JSON object for each log record, which says of itself where it came from: resource and scope
 * stand in each, attributes and body are plain JSON. Pure.
 */
import { isObject, type Json, objects, text } from '../../ecs/json.ts';

/** Deeper values are no log record. */
const MAX_DEPTH = 32;

/** One line of what `otlp-logs` reads; or the reason why the record is none. */
export type Spread = { record: object } | { refused: string; record: object };

/** `isHex`: ids are hexadecimal, as in OTLP's JSON; else base64. */
export function logRecords(request: Json, isHex: boolean): Spread[] {
  return objects(request, 'resourceLogs').flatMap((resourceLogs) => {
    const resource = attributesOf(resourceLogs, 'resource', 'attributes');
    return objects(resourceLogs, 'scopeLogs').flatMap((scopeLogs) =>
      objects(scopeLogs, 'logRecords').map((record) => spread(record, resource, scopeLogs, isHex)),
    );
  });
}

class TooDeep extends Error {}

function spread(record: Json, resource: () => object, scopeLogs: Json, isHex: boolean): Spread {
  const { body, attributes: _, traceId, spanId, ...rest } = record;
  const id = (value: unknown) =>
    typeof value !== 'string' || value === ''
      ? undefined
      : isHex
        ? value.toLowerCase()
        : Buffer.from(value, 'base64').toString('hex');
  try {
    return {
      record: {
        ...rest,
        body: isObject(body) ? plain(body, 0) : undefined,
        attributes: attributesOf(record, 'attributes')(),
        traceId: id(traceId),
        spanId: id(spanId),
        resource: resource(),
        scope: { name: text(scopeLogs, 'scope', 'name'), version: text(scopeLogs, 'scope', 'version') },
      },
    };
  } catch (cause) {
    if (!(cause instanceof TooDeep)) throw cause;
    return { record: rest, refused: `a value is nested more than ${MAX_DEPTH} deep` };
  }
}

const attributesOf =
  (value: Json, ...path: readonly string[]) =>
  (): object =>
    pairs(objects(value, ...path), 0);

const pairs = (list: readonly Json[], depth: number): object =>
  Object.fromEntries(
    list.map((one): [string, unknown] => [text(one, 'key') ?? '', plain(one['value'], depth + 1)]),
  );

/** An AnyValue as plain JSON; whole numbers beyond what JSON keeps exactly stay text. */
function plain(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new TooDeep();
  if (!isObject(value)) return null;
  if ('stringValue' in value) return value['stringValue'];
  if ('boolValue' in value) return value['boolValue'];
  if ('doubleValue' in value) return value['doubleValue'];
  if ('bytesValue' in value) return value['bytesValue'];
  if ('intValue' in value) {
    const number = Number(value['intValue']);
    return Number.isSafeInteger(number) ? number : value['intValue'];
  }
  if ('arrayValue' in value)
    return objects(value, 'arrayValue', 'values').map((one) => plain(one, depth + 1));
  return 'kvlistValue' in value ? pairs(objects(value, 'kvlistValue', 'values'), depth + 1) : null;
}
