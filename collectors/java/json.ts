/** Java logs in JSON: ECS (dotted or nested keys) and the logstash encoder's names. */

import type { AppRecord } from '../application/record.ts';
import { errorOf } from '../application/trace.ts';
import { flatValues } from '../json/flat-values.ts';
import { parseObject } from '../json/parse-object.ts';

/** Field of a record → keys under which it is written, the first that is there counts. */
const KEYS = {
  time: ['@timestamp', 'timestamp'],
  level: ['log.level', 'level'],
  logger: ['log.logger', 'logger_name', 'logger'],
  thread: ['process.thread.name', 'thread_name', 'thread'],
  pid: ['process.pid', 'pid'],
  service: ['service.name', 'application', 'app'],
  host: ['host.name', 'host.hostname', 'hostname'],
  message: ['message', 'msg'],
  code: ['event.code'],
  trace: ['trace.id', 'traceId', 'trace_id'],
  span: ['span.id', 'spanId', 'span_id'],
  transaction: ['transaction.id'],
  request: ['http.request.id', 'requestId'],
  action: ['event.action'],
  outcome: ['event.outcome'],
  stack: ['error.stack_trace', 'stack_trace', 'exception'],
  errorType: ['error.type'],
  errorMessage: ['error.message'],
} as const;
type Key = keyof typeof KEYS;
/** Taken over as they are. */
const PLAIN = [
  ...(['time', 'level', 'logger', 'thread', 'pid', 'service', 'host', 'code'] as const),
  ...(['trace', 'span', 'transaction', 'request', 'action', 'outcome'] as const),
];
const OWNED = new Set<string>([...Object.values(KEYS).flat(), 'ecs.version', '@version', 'level_value']);

export function jsonRecord(text: string): AppRecord | string {
  const parsed = parseObject(text);
  if (typeof parsed === 'string') return parsed;
  const all = flatValues(parsed);
  const pick = (name: Key) => KEYS[name].map((key) => all.get(key)).find((value) => value !== undefined);
  const message = pick('message');
  const stack = pick('stack');
  if (message === undefined && stack === undefined) return 'record lacks "message"';
  const traced = stack === undefined ? undefined : errorOf(stack);
  const type = pick('errorType') ?? traced?.type;
  const errorMessage = pick('errorMessage') ?? traced?.message;
  const error =
    type === undefined && errorMessage === undefined && traced === undefined
      ? undefined
      : {
          ...(type === undefined ? {} : { type }),
          ...(errorMessage === undefined ? {} : { message: errorMessage }),
          ...(stack === undefined ? {} : { stack }),
          causes: traced?.causes ?? [],
        };
  return {
    ...Object.fromEntries(PLAIN.flatMap((name) => (pick(name) === undefined ? [] : [[name, pick(name)]]))),
    message: message ?? '',
    ...(error === undefined ? {} : { error }),
    values: Object.fromEntries([...all].filter(([key]) => !OWNED.has(key))),
  };
}
