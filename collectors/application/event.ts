/** Makes the ECS event of an application's record; the same for Java and .NET, so that one rule serves both. */
import type { Draft } from '../../core/event.ts';
import { isoOf } from '../../core/iso-time.ts';
import type { NormaliseContext } from '../collector.ts';
import type { SyslogTime } from '../syslog/time.ts';
import { addressOf, type Facts, factsOf, numberOf } from './facts.ts';
import { type Meaning, meaningOf, meaningOfAction } from './meaning.ts';
import { pairsOf } from './pairs.ts';
import type { AppError, AppRecord } from './record.ts';

/** Words of all frameworks for the same five levels. */
const LEVELS: Readonly<Record<string, string>> = {
  trce: 'trace',
  verbose: 'trace',
  vrb: 'trace',
  dbug: 'debug',
  fine: 'debug',
  dbg: 'debug',
  information: 'info',
  inf: 'info',
  warning: 'warn',
  wrn: 'warn',
  fail: 'error',
  err: 'error',
  severe: 'error',
  crit: 'fatal',
  critical: 'fatal',
  ftl: 'fatal',
};
const levelOf = (level: string): string => {
  const lower = level.toLowerCase();
  return Object.hasOwn(LEVELS, lower) ? LEVELS[lower]! : lower;
};

/** Leaves out what is not known. */
function known<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never; // exactly what the type says
}
const orNone = <T extends object>(fields: T): T | undefined =>
  Object.keys(fields).length === 0 ? undefined : fields;
const listed = (...values: (string | undefined)[]): string[] | undefined => {
  const found = [...new Set(values.filter((value) => value !== undefined))];
  return found.length === 0 ? undefined : found;
};

const requestOf = (message: string) =>
  /^(?<method>[A-Z]{3,7}) (?<url>\/\S{0,8000})/.exec(message.slice(0, 8_010))?.groups;

const errorFields = (error: AppError | undefined): Draft['error'] =>
  error && orNone(known({ type: error.type, message: error.message, stack_trace: error.stack }));

function outcomeOf(record: AppRecord, meaning: Meaning | undefined, status: number | undefined) {
  if (record.outcome === 'success' || record.outcome === 'failure') return record.outcome;
  if (meaning?.outcome !== undefined) return meaning.outcome;
  return meaning === undefined || status === undefined ? undefined : status < 400 ? 'success' : 'failure';
}

function appFacts(facts: Facts, record: AppRecord): Record<string, unknown> {
  return known({
    role: facts.role,
    object: facts.object,
    rows: numberOf(facts.rows),
    subject: facts.subject,
    batch: facts.batch,
    author: facts.author,
    amount: numberOf(facts.amount),
    session: facts.session,
    template: record.template,
    request_id: record.request,
    causes: record.error && record.error.causes.length > 0 ? record.error.causes : undefined,
  });
}

/** `product` is the platform (`java`, `dotnet`): the product of Sigma's log source, and the second half of the dataset. */
export function toEvent(
  record: AppRecord,
  { original, product, time }: { original: string; product: string; time: SyslogTime | undefined },
  context: NormaliseContext,
): Draft {
  const meaning = record.action === undefined ? meaningOf(record.message) : meaningOfAction(record.action);
  const { facts, labels } = factsOf({ ...pairsOf(record.message), ...record.values });
  const request = meaning?.action === 'application-http-request' ? requestOf(record.message) : undefined;
  const status = numberOf(facts.status);
  const isStatus = status !== undefined && Number.isInteger(status) && status >= 100 && status < 600;
  const millis = numberOf(facts.millis);
  const ip = addressOf(facts.address);
  const host = record.host ?? context.host;
  const action = record.action ?? meaning?.action;
  const app = appFacts(facts, record);
  return known({
    '@timestamp': time && isoOf(time.ms),
    event: known({
      kind: 'event',
      module: 'application',
      dataset: `application.${product}`,
      provider: record.logger,
      category: meaning && [...meaning.category],
      type: meaning && [...meaning.type],
      action,
      outcome: outcomeOf(record, meaning, isStatus ? status : undefined),
      reason: facts.reason,
      code: record.code,
      duration: millis === undefined || millis < 0 ? undefined : Math.round(millis * 1e6),
      original,
    }),
    message: record.message,
    log: orNone(
      known({
        level: record.level === undefined ? undefined : levelOf(record.level),
        logger: record.logger,
      }),
    ),
    error: errorFields(record.error),
    service: orNone(known({ name: record.service, type: product })),
    host: host === undefined ? undefined : { name: host },
    process: orNone(
      known({
        pid: numberOf(record.pid),
        thread: record.thread === undefined ? undefined : { name: record.thread },
      }),
    ),
    user: orNone(
      known({ name: facts.user, target: facts.target === undefined ? undefined : { name: facts.target } }),
    ),
    source: facts.address === undefined ? undefined : known({ address: facts.address, ip }),
    http: orNone(
      known({
        request: request && { method: request['method']! },
        response: isStatus ? { status_code: status } : undefined,
      }),
    ),
    url: request && { original: request['url']!, path: request['url']!.split('?', 1)[0]! },
    trace: record.trace === undefined ? undefined : { id: record.trace },
    span: record.span === undefined ? undefined : { id: record.span },
    transaction: record.transaction === undefined ? undefined : { id: record.transaction },
    labels: orNone(labels),
    related: orNone(
      known({
        user: listed(facts.user, facts.target),
        ip: listed(ip),
        hosts: listed(host),
      }),
    ),
    vigia: known({
      logsource: { product: product, category: 'application' },
      clock: time && time.assumed.length > 0 ? time.assumed : undefined,
      app: orNone(app),
    }),
  }) as Draft; // `known` keeps the shape that is written here
}
