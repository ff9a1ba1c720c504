/**
 * Lines of BIND 9 (`named`). Source of the format: BIND 9 Administrator Reference Manual, "logging Block Definition and Usage"
 * and "The Query Log" (categories queries, query-errors, security, xfer-out, update, update-security).
 */
import { bsdTime, isoTime, type SyslogTime, type TimeContext } from '../syslog/time.ts';
import type { DnsRecord } from './record.ts';

/** Fields of the line after time, category and severity, by shape. Groups carry the names of `DnsRecord`. */
interface Shape {
  pattern: RegExp;
  record: Pick<DnsRecord, 'kind'> & Partial<DnsRecord>;
}

const CLIENT = String.raw`client (?:@0x[0-9a-f]{1,16} )?(?<client>[0-9A-Fa-f:.%\w]{1,64})#(?<clientPort>\d{1,5})(?:/key (?<key>\S{1,255}))?(?: \([^)\s]{1,1100}\))?:(?: view (?<view>[^\s:]{1,64}):)? `;
const shape = (rest: string, record: Shape['record']): Shape => ({
  pattern: new RegExp(`^${CLIENT}${rest}`),
  record,
});

const SHAPES: readonly Shape[] = [
  shape(
    String.raw`query: (?<name>\S{1,1100}) (?<class>[A-Z0-9]{1,12}) (?<type>[A-Z0-9-]{1,20}) (?<flags>[+-]\S{0,20})(?: \((?<asked>[^)\s]{1,64})\))?`,
    { kind: 'query' },
  ),
  shape(
    String.raw`query failed \((?<code>[^)]{1,60})\) for (?<name>[^/\s]{1,1100})/(?<class>[A-Z0-9]{1,12})/(?<type>[A-Z0-9-]{1,20})`,
    {
      kind: 'answer',
      outcome: 'failure',
    },
  ),
  shape(
    String.raw`query (?:\(cache\) )?'(?<name>[^'\s]{1,1100}?)/(?<type>[A-Z0-9-]{1,20})/(?<class>[A-Z0-9]{1,12})' denied`,
    { kind: 'answer', outcome: 'failure', code: 'REFUSED', reason: 'denied' },
  ),
  shape(
    String.raw`transfer of '(?<zone>[^'\s]{1,300})/(?<class>[A-Z]{1,12})': (?<action>AXFR|IXFR|AXFR-style IXFR) started`,
    {
      kind: 'transfer',
      outcome: 'success',
    },
  ),
  shape(
    String.raw`zone transfer '(?<zone>[^'\s]{1,300}?)/(?<action>AXFR|IXFR)/(?<class>[A-Z]{1,12})' denied`,
    {
      kind: 'transfer',
      outcome: 'failure',
      reason: 'denied',
    },
  ),
  shape(
    String.raw`updating zone '(?<zone>[^'\s]{1,300})/(?<class>[A-Z]{1,12})': adding an RR at '(?<name>[^'\s]{1,1100})' (?<type>[A-Z0-9-]{1,20})(?: (?<data>.{1,2000}))?`,
    { kind: 'update', outcome: 'success', action: 'add' },
  ),
  shape(
    String.raw`updating zone '(?<zone>[^'\s]{1,300})/(?<class>[A-Z]{1,12})': (?:deleting rrset|deleting an RR|delete all rrsets from name|deleting all rrsets) (?:at |from )?'(?<name>[^'\s]{1,1100})'(?: (?<type>[A-Z0-9-]{1,20}))?`,
    { kind: 'update', outcome: 'success', action: 'delete' },
  ),
  shape(String.raw`update(?: forwarding)? '(?<zone>[^'\s]{1,300})/(?<class>[A-Z]{1,12})' denied`, {
    kind: 'update',
    outcome: 'failure',
    reason: 'denied',
  }),
];

/** `queries: info: ` in front of the message (`print-category`, `print-severity`). */
const PREFIX =
  /^(?:(?<category>[a-z][a-z-]{1,30}): )?(?:(?<severity>critical|error|warning|notice|info|dynamic|debug \d{1,2}|debug): )?/;
const LOCAL = /^(\d{2})-([A-Z][a-z]{2})-(\d{4}) (\d{2}:\d{2}:\d{2}\.\d{3}) /;
const ISO = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{1,6}Z?) /;
/** E(n): EDNS, S: signed, T: TCP, D: DNSSEC wanted, C: checking disabled. */
const flagsOf = (text: string): string[] => [
  ...(text.startsWith('+') ? ['RD'] : []),
  ...(text.includes('D') ? ['DO'] : []),
  ...(text.includes('C') ? ['CD'] : []),
];

function timeOf(line: string, context: TimeContext): { time: SyslogTime; length: number } | undefined {
  const [whole, day, month, year, clock] = LOCAL.exec(line) ?? [];
  if (whole !== undefined) {
    const time = bsdTime(`${month} ${day} ${year} ${clock}`, context);
    return time && { time, length: whole.length };
  }
  const [isoWhole, iso] = ISO.exec(line) ?? [];
  const time = iso === undefined ? undefined : isoTime(iso, context);
  return time && { time, length: isoWhole!.length };
}

export function bindRecord(line: string, context: TimeContext): DnsRecord | undefined {
  const begin = timeOf(line, context);
  if (begin === undefined) return undefined;
  const rest = line.slice(begin.length);
  const prefix = PREFIX.exec(rest)!;
  const text = rest.slice(prefix[0].length);
  const severity = prefix.groups?.['severity'];
  const base = {
    server: 'bind',
    time: begin.time,
    text,
    ...(severity === undefined ? {} : { severity }),
  } as const;
  for (const { pattern, record } of SHAPES) {
    const groups = pattern.exec(text)?.groups;
    if (groups === undefined) continue;
    const { flags, key: _key, data, ...fields } = groups;
    const known = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    return {
      ...base,
      ...record,
      ...known,
      ...(flags === undefined
        ? {}
        : { flags: flagsOf(flags), transport: flags.includes('T') ? 'tcp' : 'udp' }),
      ...(data === undefined ? {} : { answers: [{ data }] }),
    };
  }
  return { ...base, kind: 'log' };
}
