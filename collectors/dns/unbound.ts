/** Lines of unbound. Source of the format: unbound.conf(5), options log-queries, log-replies, log-tag-queryreply, log-time-ascii. */
import { bsdTime, type TimeContext } from '../syslog/time.ts';
import type { DnsRecord } from './record.ts';

const HEAD =
  /^(?:\[(?<epoch>\d{9,11})\]|(?<wall>[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2})(?: [\w.-]{1,255})?) unbound\[(?<process>\d{1,10}):[0-9a-f]{1,8}\] (?<severity>info|query|reply|warning|notice|error|debug|fatal error): /;
const TRAFFIC =
  /^(?<client>[0-9A-Fa-f:.]{2,45}) (?<name>\S{1,1100}) (?<type>[A-Z0-9]{1,20}) (?<class>[A-Z0-9]{1,12})(?: (?<code>[A-Z0-9]{2,20}) \d{1,9}\.\d{1,9} [01] \d{1,6})?/;

export function unboundRecord(line: string, context: TimeContext): DnsRecord | undefined {
  const head = HEAD.exec(line);
  if (head === null) return undefined;
  const { epoch, wall, severity } = head.groups!;
  const time = epoch === undefined ? bsdTime(wall!, context) : { ms: Number(epoch) * 1_000, assumed: [] };
  const text = line.slice(head[0].length);
  const base = { server: 'unbound', text, severity: severity!, ...(time ? { time } : {}) } as const;
  const traffic = TRAFFIC.exec(text)?.groups;
  if (traffic === undefined) return { ...base, kind: 'log' };
  const { client, name, type, class: ofClass, code } = traffic;
  const asked = { client: client!, name: name!, type: type!, class: ofClass! };
  return code === undefined
    ? { ...base, kind: 'query', ...asked }
    : { ...base, kind: 'answer', ...asked, code, outcome: code === 'NOERROR' ? 'success' : 'failure' };
}
