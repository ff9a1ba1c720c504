/**
 * The ERRORLOG of SQL Server becomes ECS events: refused logins, starts, stops, changed options, errors by number. It is written
 * in UTF-16 (little endian); in UTF-8 where somebody converted it.
 */
import { isIP } from 'node:net';
import { isoOf } from '../core/iso-time.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { maskStatement } from './statement/mask.ts';
import { isoTime } from './syslog/time.ts';

const utf8 = new TextDecoder('utf-8');
const utf16 = new TextDecoder('utf-16le');

/** A record is cut behind the first byte of a line break of two: what is left of it stands before the next. */
function decode(raw: Uint8Array): string {
  const bytes = raw[0] === 0 ? raw.subarray(1) : raw;
  const isWide = raw[0] === 0 || (raw[0] === 0xff && raw[1] === 0xfe) || raw[1] === 0;
  return (isWide ? utf16.decode(bytes.subarray(0, bytes.length & ~1)) : utf8.decode(bytes)).replace(
    /[\r\n]+$/,
    '',
  );
}

/** `2026-11-21 19:58:20.68 Logon       Error: 18456, Severity: 14, State: 8.` */
const HEAD = /^(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{2,7})(?: ([+-]\d{2}:\d{2}))? (\S{1,30}) {1,15}/;

interface Told {
  action: string;
  category: string[];
  type: string[];
  outcome?: 'success' | 'failure';
}
const LOGIN = { action: 'database-login', category: ['authentication'], type: ['start'] };
const KINDS: readonly [RegExp, Told][] = [
  [/^Login failed for user '/, { ...LOGIN, outcome: 'failure' }],
  [/^Login succeeded for user '/, { ...LOGIN, outcome: 'success' }],
  [
    /^Configuration option '/,
    { action: 'option-changed', category: ['database', 'configuration'], type: ['change'] },
  ],
  [
    /^Audit: .*(?:stopped|disabled|failed|could not)/is,
    { action: 'audit-stopped', category: ['database', 'configuration'], type: ['change'] },
  ],
  [
    /^SQL Server is terminating|^SQL Trace was stopped due to server shutdown/,
    { action: 'server-stopped', category: ['database'], type: ['info'] },
  ],
  [
    /^SQL Server is now ready for client connections/,
    { action: 'server-started', category: ['database'], type: ['info'] },
  ],
  [
    /^(?:BACKUP|RESTORE) failed|^Error: \d+, Severity: (?:1[7-9]|2\d)\b/,
    { action: 'database-error', category: ['database'], type: ['error'], outcome: 'failure' },
  ],
];
const OTHER: Told = { action: 'server-message', category: ['database'], type: ['info'] };

/** `Configuration option 'xp_cmdshell' changed from 0 to 1. Run the RECONFIGURE statement to install.` */
const optionOf = (text: string) => {
  const [, name, value] =
    /^Configuration option '([^']{1,100})' changed from -?\d+ to (-?\d+)/.exec(text) ?? [];
  return name === undefined ? {} : { settings: [`${name}=${value}`.toLowerCase()] };
};

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const original = maskStatement(decode(raw).replace(/^\uFEFF/, ''));
  const head = HEAD.exec(original);
  if (head === null)
    return reject('line does not start with "2026-11-21 19:58:20.68 spid7s ": not an ERRORLOG');
  const [, wall, zone, process] = head;
  const time = isoTime(`${wall}${zone ?? ''}`, context);
  if (time === undefined) return reject(`there is no such time: ${wall}`);
  const message = original.slice(head[0].length);
  const kind = KINDS.find(([pattern]) => pattern.test(message))?.[1] ?? OTHER;
  const [, user] = /^Login (?:failed|succeeded) for user '(.{0,256}?)'\./s.exec(message) ?? [];
  const [, address] = /\[CLIENT: ([^\]]{1,100})\]\s*$/.exec(message) ?? [];
  const [, reason] = /Reason: ([^\n]{1,500}?)(?: \[CLIENT:|$)/.exec(message) ?? [];
  const [, code] = /^Error: (\d{1,6}),/.exec(message) ?? [];
  const isAddress = address !== undefined && isIP(address) > 0;
  return {
    event: {
      '@timestamp': isoOf(time.ms),
      event: {
        kind: 'event',
        module: 'mssql',
        dataset: 'sqlserver.errorlog',
        provider: 'sqlservr',
        ...kind,
        ...(reason === undefined ? {} : { reason }),
        ...(code === undefined ? {} : { code }),
        original,
      },
      message,
      service: { type: 'mssql' },
      ...(context.host === undefined ? {} : { host: { name: context.host } }),
      ...(user ? { user: { name: user } } : {}),
      ...(address === undefined ? {} : { source: { address, ...(isAddress ? { ip: address } : {}) } }),
      related: {
        ...(user ? { user: [user] } : {}),
        ...(isAddress ? { ip: [address] } : {}),
        ...(context.host === undefined ? {} : { hosts: [context.host] }),
      },
      vigia: {
        logsource: { product: 'mssql', category: 'database' },
        ...(time.assumed.length > 0 ? { clock: [...time.assumed] } : {}),
        sqlserver: { record: 'errorlog', process: process!, ...optionOf(message) },
      },
    },
  };
}

export const sqlserverErrorlog = collector({
  id: 'sqlserver-errorlog',
  title: 'SQL Server error log',
  summary:
    'Reads ERRORLOG (UTF-16 as the server writes it): refused logins with address and reason, changed options, starts, stops, errors. Not ' +
    'exercised against a live server: samples follow Microsoft’s documentation.',
  guarantee:
    'Files: nothing lost, nothing doubled. The last record waits for the next one, or a second of silence. Times carry no zone: the ' +
    'source’s zone is assumed and flagged.',
  datasets: ['sqlserver.errorlog'],
  framing: {
    kind: 'lines',
    isEncoded: true,
    continues: (line: Uint8Array) => !HEAD.test(decode(line).replace(/^\uFEFF/, '')),
  },
  normalise,
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskStatement(decode(raw))),
});
