/**
 * Syslog messages as rsyslog (`omelasticsearch`, templates StdJSONFmt and those of its documentation) and syslog-ng
 * (`elasticsearch-http`, `$(format-json --scope rfc5424)`) put them into JSON.
 */
import { type Json, text } from '../ecs/json.ts';
import { FACILITIES, SEVERITIES, type SyslogMessage } from '../syslog/message.ts';
import { isoTime, type TimeContext } from '../syslog/time.ts';

/** Names of severities beside those of `SEVERITIES`, as syslog(3) abbreviates them. */
const ABBREVIATED: Readonly<Record<string, number>> = {
  ...{ emerg: 0, panic: 0, crit: 2, err: 3, warn: 4, info: 6 },
};

function numbered(name: string | undefined, names: readonly string[]): number | undefined {
  if (name === undefined) return undefined;
  const number = /^\d{1,2}$/.test(name) ? Number(name) : names.indexOf(name.toLowerCase());
  return number >= 0 && number < names.length ? number : ABBREVIATED[name.toLowerCase()];
}

interface Written {
  time: string | undefined;
  host: string | undefined;
  tag: string | undefined;
  pid: string | undefined;
  facility: string | undefined;
  severity: string | undefined;
  message: string;
}

function written(document: Json): Written | undefined {
  const own = (...names: string[]) =>
    names.map((name) => text(document, name)).find((one) => one !== undefined);
  const ng = own('MESSAGE');
  if (ng !== undefined && own('PROGRAM', 'HOST') !== undefined)
    return {
      ...{ time: own('ISODATE', '@timestamp'), host: own('HOST'), tag: own('PROGRAM'), pid: own('PID') },
      ...{ facility: own('FACILITY'), severity: own('PRIORITY'), message: ng },
    };
  const message = own('message');
  const tag = own('syslogtag', 'syslog-tag', 'programname', 'tag');
  const facility = own('facility', 'syslogfacility-text');
  if (message === undefined || facility === undefined) return undefined;
  if (tag === undefined && own('timereported') === undefined) return undefined;
  return {
    ...{ time: own('@timestamp', 'timereported', 'timestamp', 'timegenerated'), tag, facility, message },
    ...{ host: own('hostname', 'fromhost', 'host'), pid: own('procid') },
    severity: own('severity', 'priority', 'syslogseverity-text'),
  };
}

/** The message, or nothing when the document is none of these. */
export function syslogDocument(document: Json, context: TimeContext): SyslogMessage | undefined {
  const found = written(document);
  if (!found) return undefined;
  const [, program, inTag] = /^([^\s[\]:]{1,128})(?:\[([^\]]{0,64})\])?:?$/.exec(found.tag ?? '') ?? [];
  const facility = numbered(found.facility, FACILITIES);
  const severity = numbered(found.severity, SEVERITIES);
  const time = found.time === undefined ? undefined : isoTime(found.time, context);
  const pid = found.pid === '-' ? inTag : (found.pid ?? inTag);
  return {
    format: 'iso',
    ...(facility === undefined ? {} : { facility }),
    ...(severity === undefined ? {} : { severity }),
    ...(time === undefined ? {} : { time }),
    ...(found.host === undefined ? {} : { host: found.host }),
    ...(program === undefined ? {} : { program }),
    ...(pid !== undefined && /^\d{1,10}$/.test(pid) ? { pid: Number(pid) } : {}),
    // Text of RFC 3164 begins with the blank behind the tag.
    text: found.message.replace(/^ /, ''),
  };
}
