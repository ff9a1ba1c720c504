/** What a message of MariaDB's error log is about: a refused login, a cut connection, the server or its auditing going up or down. */
import type { Kind } from './kind.ts';

export interface ServerMessage extends Kind {
  user?: string;
  host?: string;
  database?: string;
  connection?: string;
}

const SERVER = { record: 'server', category: ['database'], outcome: 'unknown' as const };
const AUDIT = { record: 'auditing', category: ['database', 'configuration'], type: ['change'] };

/** By the words of the server; names and addresses are read from the end, since a name may hold anything. */
const KINDS: readonly [RegExp, Omit<ServerMessage, 'reason'>][] = [
  [
    /^Access denied for user '(?<user>.{0,600})'@'(?<host>[^']{0,255})'(?: to database '.*'| \(using password: \w+\))?$/s,
    {
      record: 'login',
      action: 'database-login',
      category: ['authentication'],
      type: ['start'],
      outcome: 'failure',
    },
  ],
  [
    /^Aborted connection (?<connection>\d+) to db: '(?<database>.{0,200})' user: '(?<user>.{0,600})' host: '(?<host>[^']{0,255})' \(.*\)$/s,
    {
      record: 'connection',
      action: 'connection-aborted',
      category: ['session'],
      type: ['end'],
      outcome: 'failure',
    },
  ],
  [
    /^Host '(?<host>[^']{0,255})' is blocked/,
    {
      record: 'connection',
      action: 'host-blocked',
      category: ['network'],
      type: ['denied'],
      outcome: 'failure',
    },
  ],
  [/ready for connections/, { ...SERVER, action: 'server-started', type: ['info'] }],
  [/Shutdown complete|Normal shutdown/, { ...SERVER, action: 'server-stopped', type: ['info'] }],
  [
    /got signal \d+|got exception 0x/,
    { ...SERVER, action: 'server-crashed', type: ['error'], outcome: 'failure' },
  ],
  [/^server_audit: logging started/, { ...AUDIT, action: 'audit-started', outcome: 'success' }],
  [
    /^server_audit: (?:logging was stopped|STOPPED)/,
    { ...AUDIT, action: 'audit-stopped', outcome: 'success' },
  ],
  [
    /^server_audit: .*(?:could not|can't|cannot|failed)/i,
    { ...AUDIT, action: 'audit-failed', outcome: 'failure' },
  ],
];

export function serverMessage(text: string): ServerMessage {
  for (const [pattern, kind] of KINDS) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const { user, host, database, connection } = found.groups ?? {};
    const known = (value: string | undefined) =>
      value !== undefined && value !== '' && value !== 'unauthenticated' && value !== 'unconnected';
    return {
      ...kind,
      ...(kind.outcome === 'failure' ? { reason: text.slice(0, 1_000) } : {}),
      ...(known(user) ? { user: user! } : {}),
      ...(known(host) ? { host: host! } : {}),
      ...(known(database) ? { database: database! } : {}),
      ...(connection === undefined ? {} : { connection }),
    };
  }
  return { ...SERVER, action: 'server-message', type: ['info'] };
}
