/** A log record of OpenTelemetry, spread by the receiver, as an application's record. Names after the semantic conventions. */
import { isoOf } from '../../core/iso-time.ts';
import type { AppRecord } from '../application/record.ts';
import { errorOf } from '../application/trace.ts';
import { isObject, type Json, text } from '../ecs/json.ts';
import { flatValues } from '../json/flat-values.ts';

/** Resource and log attributes that have a place of their own, the first that is there counts. */
const KEYS = {
  service: ['service.name'],
  host: ['host.name', 'k8s.pod.name'],
  pid: ['process.pid'],
  thread: ['thread.name', 'thread.id'],
  errorType: ['exception.type'],
  errorMessage: ['exception.message'],
  stack: ['exception.stacktrace'],
} as const;
const OWNED = new Set<string>(Object.values(KEYS).flat());
/** What the SDK says of itself. */
const SDK = /^telemetry\./;

/** Severity numbers come in fours. */
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const NANOS = /^\d{7,20}$/;

const timeOf = (nanos: string | undefined): string | undefined => {
  const ms = nanos !== undefined && NANOS.test(nanos) ? Number(BigInt(nanos) / 1_000_000n) : 0;
  return ms > 0 && ms < 8.64e15 ? isoOf(ms) : undefined;
};

export function otlpRecord(record: Json): AppRecord | string {
  const { body, attributes, resource } = record;
  if (!isObject(attributes) || !isObject(resource))
    return 'no record as the receiver writes it: "attributes" and "resource" are missing';
  const values = new Map([...flatValues(resource), ...flatValues(attributes)]);
  const pick = (name: keyof typeof KEYS) =>
    KEYS[name].map((key) => values.get(key)).find((one) => one !== undefined);
  const given = (name: keyof AppRecord, value: string | undefined) =>
    value === undefined ? {} : { [name]: value };
  const number = Number(record['severityNumber'] ?? 0);
  const level =
    text(record, 'severityText') ?? (number > 0 ? LEVELS[Math.floor((number - 1) / 4)] : undefined);
  const stack = pick('stack');
  const traced = stack === undefined ? undefined : errorOf(stack);
  const [type, why] = [pick('errorType') ?? traced?.type, pick('errorMessage') ?? traced?.message];
  const action = text(record, 'eventName') ?? values.get('event.name');
  return {
    ...given('time', timeOf(text(record, 'timeUnixNano')) ?? timeOf(text(record, 'observedTimeUnixNano'))),
    ...given('level', level),
    ...given('logger', text(record, 'scope', 'name')),
    ...given('thread', pick('thread')),
    ...given('pid', pick('pid')),
    ...given('service', pick('service')),
    ...given('host', pick('host')),
    ...given('trace', text(record, 'traceId')),
    ...given('span', text(record, 'spanId')),
    ...given('action', action),
    message:
      typeof body === 'string' ? body : body === undefined || body === null ? '' : JSON.stringify(body),
    ...(type === undefined && why === undefined && stack === undefined
      ? {}
      : {
          error: {
            ...(type === undefined ? {} : { type }),
            ...(why === undefined ? {} : { message: why }),
            ...(stack === undefined ? {} : { stack }),
            causes: traced?.causes ?? [],
          },
        }),
    values: Object.fromEntries([...values].filter(([key]) => !OWNED.has(key) && !SDK.test(key))),
  };
}
