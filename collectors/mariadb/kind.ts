/** What an audit record is about, in ECS words: a login, a statement, a table. */
import type { AuditLine } from './record.ts';
import type { StatementFacts } from './statement.ts';

export interface Kind {
  /** `login`, `logout`, `statement`, `table`. */
  record: string;
  action: string;
  category: string[];
  type: string[];
  outcome: 'success' | 'failure' | 'unknown';
  reason?: string;
}

/** Error codes that say why, from MariaDB's own list. */
const REASONS: Readonly<Record<string, string>> = {
  '1044': 'access to the database denied',
  '1045': 'wrong password or unknown account',
  '1049': 'unknown database',
  '1064': 'wrong syntax',
  '1129': 'host blocked after many connection errors',
  '1130': 'host not allowed to connect',
  '1142': 'command denied on the table',
  '1143': 'command denied on the column',
  '1146': 'no such table',
  '1227': 'privilege missing',
  '1370': 'routine denied',
  '1698': 'access denied: not this way of logging in',
  '1820': 'password expired',
  '1862': 'password expired',
  '4151': 'account locked',
};
const DENIED = new Set(['1044', '1045', '1142', '1143', '1227', '1370']);

const ACCOUNT_VERBS =
  /^(?:(?:create|alter|drop|rename) (?:user|role)|grant|revoke|set (?:password|role|default))$/;
const READ_VERBS = /^(?:select|table|values|with|show.*|describe|desc|explain)$/;
const WRITE_VERBS = /^(?:insert|update|delete|replace|load.*|truncate.*|call|do)$/;

const TABLE_ACTIONS: Readonly<Record<string, [string, string]>> = {
  READ: ['table-read', 'access'],
  WRITE: ['table-write', 'change'],
  CREATE: ['table-created', 'change'],
  ALTER: ['table-changed', 'change'],
  RENAME: ['table-renamed', 'change'],
  DROP: ['table-dropped', 'change'],
};

function statementKind(verb: string): Pick<Kind, 'category' | 'type'> {
  if (ACCOUNT_VERBS.test(verb)) return { category: ['database', 'iam'], type: ['change', 'admin'] };
  if (/^(?:set|install|uninstall)/.test(verb))
    return { category: ['database', 'configuration'], type: ['change'] };
  if (READ_VERBS.test(verb)) return { category: ['database'], type: ['access'] };
  return { category: ['database'], type: WRITE_VERBS.test(verb) || verb !== '' ? ['change'] : ['info'] };
}

const kebab = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 64);

export function kindOf(line: AuditLine, statement: StatementFacts | undefined): Kind {
  const failed = line.code !== '' && line.code !== '0';
  const outcome = line.code === '' ? 'unknown' : failed ? 'failure' : 'success';
  const reason = failed ? { reason: REASONS[line.code] ?? `error ${line.code}` } : {};
  if (line.operation === 'DISCONNECT')
    return { record: 'logout', action: 'database-logout', category: ['session'], type: ['end'], outcome };
  if (/CONNECT$|^CHANGEUSER$/.test(line.operation)) {
    const refused = line.operation === 'FAILED_CONNECT' || failed;
    return {
      ...{ record: 'login', action: 'database-login', category: ['authentication'], type: ['start'] },
      outcome: refused ? 'failure' : 'success',
      ...reason,
    };
  }
  if (statement === undefined) {
    const [action, type] = TABLE_ACTIONS[line.operation]!;
    return { record: 'table', action, category: ['database'], type: [type], outcome };
  }
  if (DENIED.has(line.code))
    return {
      record: 'statement',
      action: 'permission-denied',
      category: ['database'],
      type: ['error'],
      outcome,
      ...reason,
    };
  return { ...kindOfStatement(statement), outcome, ...reason };
}

/** A statement that nobody tells the outcome of; `otherwise` names what has no words. */
export function kindOfStatement(statement: StatementFacts | undefined, otherwise = 'statement'): Kind {
  const verb = statement?.verbs[0] ?? '';
  return {
    record: 'statement',
    action: kebab(verb) || kebab(otherwise),
    ...statementKind(verb),
    outcome: 'unknown',
  };
}
