/** Reads the `logsource` of a rule or filter (section 3 of the language). */
import { isMap, type Reading } from './reading.ts';
import type { LogSource } from './rule.ts';

const ATTRIBUTES = ['product', 'category', 'service'] as const;

export function readLogSource(value: unknown, reading: Reading, isNeeded: boolean): LogSource {
  const logsource: LogSource = {};
  if (!isMap(value)) {
    if (isNeeded || value !== undefined)
      reading.wrong(
        ['logsource'],
        'the logsource is missing',
        'add for example logsource: {product: linux, service: sshd}',
      );
    return logsource;
  }
  for (const name of ATTRIBUTES) {
    const found = value[name];
    if (found === undefined || found === null) continue;
    if (typeof found === 'string') logsource[name] = found.toLowerCase();
    else reading.wrong(['logsource', name], `${name} must be text`);
  }
  if (isNeeded && Object.keys(logsource).length === 0) {
    reading.wrong(
      ['logsource'],
      'the logsource names nothing',
      'add at least one of product, category, service',
    );
  }
  return logsource;
}

/** Does `inner` lie inside `outer`: does it say everything that `outer` says? (F-2) */
export const liesInside = (inner: LogSource, outer: LogSource): boolean =>
  ATTRIBUTES.every((name) => outer[name] === undefined || inner[name] === outer[name]);
