/** A document in ECS, or anything near it: what ECS knows is taken over by its type, the rest becomes labels. Pure. */
import type { Draft } from '../../core/event.ts';
import { isoOf } from '../../core/iso-time.ts';
import { setField, valueAs } from '../described/fill.ts';
import { usualAs } from '../described/targets.ts';
import { allowedValues } from '../ecs/allowed-values.ts';
import { draftOf } from '../ecs/draft.ts';
import { isObject, type Json, text, texts } from '../ecs/json.ts';
import { isoTime, type TimeContext } from '../syslog/time.ts';
import { isTaken } from './taken-fields.ts';

/** More values than this are no log record; the rest stays in `event.original`. */
const MOST_VALUES = 500;

/** Where senders put what ECS has at the first of each. */
const MESSAGE = ['message', 'msg', 'log', 'MESSAGE', 'short_message'];
const TIME = ['@timestamp', 'timestamp', 'time', 'date'];
const LEVEL = ['level', 'severity', 'loglevel'];
/** pino's, and so of much of Node. */
const NUMBERED_LEVELS: Readonly<Record<string, string>> = {
  ...{ '10': 'trace', '20': 'debug', '30': 'info', '40': 'warn', '50': 'error', '60': 'fatal' },
};
/** Epoch seconds end here; larger numbers are milliseconds. */
const LAST_SECOND = 100_000_000_000;

const first = (document: Json, names: readonly string[]): [string, string] | undefined => {
  for (const name of names) {
    const found = text(document, name) ?? text(document, ...name.split('.'));
    if (found !== undefined) return [name, found];
  }
  return undefined;
};

function timeOf(document: Json, context: TimeContext): { at?: string; assumed: string[]; from?: string } {
  const [from, written] = first(document, TIME) ?? [];
  if (from === undefined || written === undefined) return { assumed: [] };
  const iso = isoTime(written, context);
  if (iso) return { at: isoOf(iso.ms), assumed: iso.assumed, from };
  const number = /^\d{9,13}(?:\.\d{1,9})?$/.test(written) ? Number(written) : Number.NaN;
  if (Number.isNaN(number)) return { assumed: [] };
  return { at: isoOf(number < LAST_SECOND ? number * 1_000 : number), assumed: [], from };
}

/** Scalars and lists of scalars by their dotted path. */
function leavesOf(document: Json): [string, string | string[]][] {
  const found: [string, string | string[]][] = [];
  const walk = (value: unknown, path: string): void => {
    if (found.length >= MOST_VALUES || value === null || value === undefined) return;
    if (isObject(value)) {
      for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`);
    } else if (!Array.isArray(value)) found.push([path, String(value)]);
    else if (value.length > 0) {
      const scalars = texts(value);
      found.push([path, scalars.length === value.length ? [...scalars] : JSON.stringify(value)]);
    }
  };
  walk(document, '');
  return found;
}

/** Those of the values that ECS allows for a categorisation field. */
const allowed = (name: string, ...values: readonly (string | undefined)[]): string[] =>
  values.filter(
    (value) => value !== undefined && allowedValues[`event.${name}`]!.includes(value),
  ) as string[];

export function ecsDocument(
  document: Json,
  original: string,
  context: TimeContext & { host?: string },
): Draft {
  const time = timeOf(document, context);
  const [messageFrom, message] = first(document, MESSAGE) ?? [];
  const [levelFrom, written] = first(document, ['log.level', ...LEVEL]) ?? [];
  const level = written === undefined ? undefined : (NUMBERED_LEVELS[written] ?? written.toLowerCase());
  const used = new Set([time.from, messageFrom, levelFrom]);
  const event: Record<string, unknown> = {};
  const labels: Record<string, string> = {};
  for (const [path, value] of leavesOf(document)) {
    if (used.has(path) || path.startsWith('event.') || path.startsWith('vigia.') || path === 'ecs.version')
      continue;
    const as = usualAs(path);
    const values = isTaken(path)
      ? [value].flat().map((one) => valueAs(one, as === 'list' ? 'text' : as))
      : [];
    const fitting = values.filter((one) => one !== undefined);
    if (fitting.length === 0) labels[path.replaceAll('.', '_')] = [value].flat().join(' ');
    else setField(event, path, Array.isArray(value) || as === 'list' ? fitting : fitting[0]);
  }
  const theirs = (name: string) => text(document, 'event', name) ?? text(document, `event.${name}`);
  const listed = (name: string) => [theirs(name) ?? [], ...texts(document, 'event', name)].flat();
  const host = text(document, 'hostname') ?? text(document, 'host') ?? context.host;
  return draftOf({
    ...(event as Partial<Draft>), // every field passed `isTaken` and has the type that ECS gives it
    '@timestamp': time.at,
    message,
    labels,
    log: { ...(event['log'] as Draft['log']), level },
    host: { name: host, ...(event['host'] as object | undefined) },
    event: {
      kind: allowed('kind', theirs('kind'))[0] ?? 'event',
      module: 'shipped',
      dataset: 'shipped.document',
      provider: theirs('provider'),
      category: allowed('category', ...listed('category')),
      type: allowed('type', ...listed('type')),
      action: theirs('action'),
      code: theirs('code'),
      reason: theirs('reason'),
      outcome: allowed('outcome', theirs('outcome'))[0],
      original,
    } as Draft['event'], // kind and outcome were looked up just now
    vigia: {
      ...(time.assumed.length > 0 ? { clock: time.assumed } : {}),
      shipped: { dataset: theirs('dataset'), module: theirs('module') },
    },
  });
}
