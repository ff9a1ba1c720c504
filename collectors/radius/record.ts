/**
 * One record of FreeRADIUS. Sources of the formats: FreeRADIUS documentation, "radiusd.conf: log" (auth, auth_badpass) for the log,
 * and rlm_detail(5) for detail files: a line with the time, then `Attribute = value` lines behind a tab.
 */
import { bsdTime, type SyslogTime, type TimeContext } from '../syslog/time.ts';

export interface RadiusRecord {
  kind: 'login' | 'accounting' | 'message';
  time?: SyslogTime;
  outcome?: 'success' | 'failure';
  reason?: string;
  user?: string;
  /** The switch or access point that asked: its name in the server's settings, or its address. */
  client?: string;
  port?: string;
  /** Calling station: the machine's hardware address. */
  station?: string;
  attributes: Readonly<Record<string, string>>;
  text: string;
}

/** `Wed Mar  4 10:00:00 2026` */
const TIME =
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<clock>\d{2}:\d{2}:\d{2}) (?<year>\d{4})/;
export const beginsRadiusRecord = (line: string): boolean => TIME.test(line);

/** A password stands behind the name when the server is told to log it. The name may hold anything but the end of the bracket. */
const LOGIN =
  /(?<verdict>Login OK|Login incorrect|Invalid user)(?: \((?<reason>[^[\]]{1,400})\))?: \[(?<user>[^\]/]{0,253})(?:\/(?<via>[^\]]{0,512}))?\] \(from client (?<client>\S{1,253}) port (?<port>\d{1,10})(?: cli (?<station>[^)\s]{1,64}))?/;

/** The line with a password behind the name hidden; `<via Auth-Type = eap>` is none. */
export const maskPassword = (text: string): string =>
  text
    .replace(
      /((?:Login OK|Login incorrect|Invalid user)[^[]{0,420}\[[^\]/]{0,253}\/)(?!<via|<no )[^\]]{0,512}(?=\])/g,
      '$1<masked>',
    )
    .replace(
      /^([ \t]{0,16}(?:User-Password|CHAP-Password|MS-CHAP\S{0,30}|Tunnel-Password\S{0,5}|EAP-Message) = ).+$/gm,
      '$1<masked>',
    );

function attributesOf(lines: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of lines) {
    const [, name, value] = /^\s+([A-Za-z][\w-]{0,63})(?::\d)? \+?= (.*)$/.exec(line) ?? [];
    if (name !== undefined) values[name] = value!.replace(/^"(.*)"$/, '$1');
  }
  return values;
}

export function radiusRecord(record: string, context: TimeContext): RadiusRecord | string {
  const [first, ...rest] = record.split(/\r?\n/) as [string, ...string[]];
  const begin = TIME.exec(first);
  if (begin === null) return 'no record of FreeRADIUS: it begins with a time like "Wed Mar  4 10:00:00 2026"';
  const { month, day, clock, year } = begin.groups!;
  const time = bsdTime(`${month} ${day} ${year} ${clock}`, context);
  const shared = time === undefined ? {} : { time };
  const attributes = attributesOf(rest);
  if (Object.keys(attributes).length > 0) {
    const known = {
      user: attributes['User-Name'],
      client: attributes['NAS-IP-Address'] ?? attributes['NAS-Identifier'],
      port: attributes['NAS-Port'],
      station: attributes['Calling-Station-Id'],
    };
    const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
    return {
      ...shared,
      ...given,
      kind: 'accounting',
      attributes,
      text: `accounting ${attributes['Acct-Status-Type'] ?? ''}`.trim(),
    };
  }
  const text = first.slice(begin[0].length).replace(/^ : /, '').trim();
  const login = LOGIN.exec(text)?.groups;
  if (login === undefined) return { ...shared, kind: 'message', attributes, text };
  const known = { reason: login['reason'], station: login['station'] };
  return {
    ...shared,
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    kind: 'login',
    outcome: login['verdict'] === 'Login OK' ? 'success' : 'failure',
    user: login['user']!,
    client: login['client']!,
    port: login['port']!,
    attributes,
    text,
  };
}
