/** Compact log events (CLEF) of Serilog and its relatives: `@t` time, `@mt` template, `@l` level, `@x` exception. */

import type { AppRecord } from '../application/record.ts';
import { errorOf } from '../application/trace.ts';
import { flatValues } from '../json/flat-values.ts';
import { parseObject } from '../json/parse-object.ts';

/** Properties that say who logs, not what. */
const OWNED = new Set(['SourceContext', 'RequestId', 'ThreadId', 'MachineName', 'Application', 'ProcessId']);

/** `{User}`, `{Message:l}`, `{Total,8:0.00}`: the value of the property, unformatted; an unknown one stays as written. */
const rendered = (template: string, values: ReadonlyMap<string, string>): string =>
  template.replace(
    /\{[@$]?(\w{1,64})(?:,-?\d{1,3})?(?::[^{}]{0,64})?\}/g,
    (hole, name: string) => values.get(name) ?? hole,
  );

export function clefRecord(text: string): AppRecord | string {
  const parsed = parseObject(text);
  if (typeof parsed === 'string') return parsed;
  const values = flatValues(parsed);
  const time = values.get('@t');
  if (time === undefined) return 'record lacks "@t", so it is no compact log event';
  const template = values.get('@mt');
  const message = values.get('@m') ?? (template === undefined ? undefined : rendered(template, values));
  const trace = values.get('@x');
  if (message === undefined && trace === undefined) return 'record has none of "@m", "@mt" and "@x"';
  const given = (name: keyof AppRecord, value: string | undefined) =>
    value === undefined ? {} : { [name]: value };
  return {
    time,
    level: values.get('@l') ?? 'Information',
    ...given('logger', values.get('SourceContext')),
    ...given('thread', values.get('ThreadId')),
    ...given('pid', values.get('ProcessId')),
    ...given('service', values.get('Application')),
    ...given('host', values.get('MachineName')),
    ...given('request', values.get('RequestId')),
    ...given('code', values.get('@i')),
    ...given('trace', values.get('@tr')),
    ...given('span', values.get('@sp')),
    // A template that only passes a finished message on says nothing.
    ...given('template', template === '{Message:l}' ? undefined : template),
    message: message ?? '',
    ...(trace === undefined ? {} : { error: errorOf(trace) }),
    values: Object.fromEntries(
      [...values].filter(
        ([key]) =>
          !key.startsWith('@') && !OWNED.has(key) && !(key === 'Message' && template === '{Message:l}'),
      ),
    ),
  };
}
