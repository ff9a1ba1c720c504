/** Makes a collector of a description. */
import { isIP } from 'node:net';
import type { Draft } from '../../core/event.ts';
import { MASK } from '../../core/secrets.ts';
import { maskRecord } from '../application/secrets.ts';
import type { Collector, NormaliseContext, Normalised } from '../collector.ts';
import { reject } from '../collector.ts';
import { isObject } from '../json/parse-object.ts';
import type { SyslogTime } from '../syslog/time.ts';
import type { Description } from './description.ts';
import { type Fill, fieldFill, setField, whenFill } from './fill.ts';
import { type GrokPattern, grok } from './grok.ts';
import { type LinearRegex, linearRegex } from './linear-regex.ts';
import {
  cefValues,
  csvValues,
  jsonValues,
  leefValues,
  logfmtValues,
  type Splitter,
  type Values,
} from './splitters.ts';
import { cefFields, leefFields } from './standard-fields.ts';
import { type TimeReader, timeFormat } from './time-format.ts';

const utf8 = new TextDecoder('utf-8');
/** Where a record begins is decided by its first bytes. */
const HEAD_BYTES = 1_024;
const MAX_RELATED = 32;

/** Descriptions are compiled after they were checked, so that no part can fail here. */
const sure = <T>(compiled: T | string): T => {
  if (typeof compiled === 'string') throw new Error(compiled);
  return compiled;
};

function splitterOf(one: Description): Splitter {
  switch (one.format) {
    case 'json':
      return jsonValues;
    case 'logfmt':
      return logfmtValues;
    case 'cef':
      return cefValues;
    case 'leef':
      return leefValues;
    case 'csv':
      return csvValues(one.columns ?? [], one.separator ?? ',');
    case 'regex':
    case 'grok': {
      const patterns = (one.patterns ?? []).map((source): GrokPattern | LinearRegex =>
        sure(one.format === 'grok' ? grok(source, one.define) : linearRegex(source)),
      );
      return (text) => {
        for (const pattern of patterns) {
          const found = pattern.groups(text);
          if (found !== undefined) return found;
        }
        return patterns.length === 1 ? 'record does not fit the pattern' : 'record fits none of the patterns';
      };
    }
  }
}

/** Addresses, people and hosts of the event, for searches that do not know the field. */
function relate(event: Record<string, unknown>): void {
  const found = { ip: new Set<string>(), user: new Set<string>(), hosts: new Set<string>() };
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
    } else if (typeof value === 'string') {
      const [root, last] = [path[0], path.at(-1)];
      if (root === 'vigia' || root === 'labels') return;
      if (last === 'ip' && isIP(value) > 0) found.ip.add(value);
      else if (root === 'user' && last === 'name') found.user.add(value);
      else if ((root === 'host' && last === 'name') || last === 'domain') found.hosts.add(value);
    }
  };
  walk(event, []);
  for (const [name, values] of Object.entries(found))
    if (values.size > 0) setField(event, `related.${name}`, [...values].slice(0, MAX_RELATED));
}

/** Path, query and extension of an address that is kept whole, unless the description sets them. */
function divideUrl({ url }: Record<string, unknown>): void {
  if (!isObject(url) || typeof url['original'] !== 'string') return;
  const [, path = '', query] = /^(?:[a-z][a-z0-9+.-]{0,30}:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/i.exec(
    url['original'],
  )!;
  const extension = /\.([A-Za-z0-9]{1,16})$/.exec(path)?.[1];
  const parts = { path: path || undefined, query, extension: extension?.toLowerCase() };
  for (const [name, value] of Object.entries(parts))
    if (value !== undefined && url[name] === undefined) setField({ url }, `url.${name}`, value);
}

const standard: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cef: cefFields,
  leef: leefFields,
};

export function describedBy(
  one: Description,
): Pick<Collector, 'title' | 'datasets' | 'framing' | 'normalise'> & Required<Pick<Collector, 'mask'>> {
  const split = splitterOf(one);
  const fills: Fill[] = [
    ...Object.entries({ ...standard[one.format], ...one.fields }).map(([field, source]) =>
      fieldFill(field, source),
    ),
    ...(one.when ?? []).map(whenFill),
  ];
  const masks = (one.mask ?? []).map((source) => sure(linearRegex(source)));
  const times: TimeReader[] = (one.time?.formats ?? []).map((format) => sure(timeFormat(format)));
  const starts = one.starts === undefined ? undefined : sure(linearRegex(one.starts));
  const module = one.dataset.split('.')[0]!;
  const masked = (text: string, pseudonym?: NormaliseContext['pseudonym']) =>
    maskRecord(
      masks.reduce((left, pattern) => pattern.replace(left, MASK), text),
      pseudonym,
    );

  function timeOf(values: Values, context: NormaliseContext): SyslogTime | 'none' | undefined {
    if (one.time === undefined) return 'none';
    const parts = [one.time.from]
      .flat()
      .map((name) => (Object.hasOwn(values, name) ? values[name] : undefined));
    if (parts.every((part) => part === undefined)) return 'none';
    const text = parts.filter((part) => part !== undefined).join(' ');
    for (const read of times) {
      const time = read(text, context);
      if (time !== undefined) return time;
    }
    return undefined;
  }

  function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
    const text = masked(utf8.decode(raw), context.pseudonym);
    const values = split(text);
    const isUnmatched = typeof values === 'string';
    if (isUnmatched && one.unmatched !== 'keep') return reject(values);
    const time = isUnmatched ? 'none' : timeOf(values, context);
    if (time === undefined)
      return reject(`the time is in none of the formats ${one.time!.formats.join(' | ')}`);
    const event: Record<string, unknown> = {
      ...(time === 'none' ? {} : { '@timestamp': new Date(time.ms).toISOString() }),
      event: { kind: 'event', module, dataset: one.dataset, original: text },
      message: text,
      ...(context.host === undefined ? {} : { host: { name: context.host } }),
      vigia: {
        ...(one.logsource === undefined ? {} : { logsource: one.logsource }),
        ...(time !== 'none' && time.assumed.length > 0 ? { clock: time.assumed } : {}),
        ...(isUnmatched ? { unmatched: true } : {}),
      },
    };
    if (!isUnmatched) for (const fill of fills) fill(event, values);
    divideUrl(event);
    relate(event);
    return { event: event as unknown as Draft }; // the fields were checked when the description was read
  }

  return {
    title: one.title,
    datasets: [one.dataset],
    framing: {
      kind: 'lines',
      ...(starts === undefined
        ? {}
        : { continues: (line: Uint8Array) => !starts.test(utf8.decode(line.subarray(0, HEAD_BYTES))) }),
    },
    normalise,
    mask: (raw) => new TextEncoder().encode(masked(utf8.decode(raw))),
  };
}
