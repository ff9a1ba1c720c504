/** What a log record is about, in ECS words: a login, a statement, an error, a change of settings, the server itself. */
import type { LogRecord } from './record.ts';
import type { StatementFacts } from './statement.ts';

export interface Kind {
  /** `login`, `logout`, `connection`, `audit`, `statement`, `error`, `configuration`, `server`. */
  record: string;
  action: string;
  category: string[];
  type: string[];
  outcome?: 'success' | 'failure' | 'unknown';
  reason?: string;
}

/** pgAudit class → what the statement does to the database. */
const BY_CLASS: Readonly<Record<string, Pick<Kind, 'category' | 'type'>>> = {
  READ: { category: ['database'], type: ['access'] },
  FUNCTION: { category: ['database'], type: ['access'] },
  WRITE: { category: ['database'], type: ['change'] },
  DDL: { category: ['database'], type: ['change'] },
  ROLE: { category: ['database', 'iam'], type: ['change', 'admin'] },
};
const ROLE_VERBS = /^(?:(?:create|alter|drop) (?:role|user|group)|grant|revoke)$/;
const READ_VERBS = /^(?:select|copy|table|values|fetch|declare|with)$/;
const SETTING_VERBS = /^(?:set|reset|alter system)$/;

const kebab = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 64);
const INFO = { category: ['database'], type: ['info'] };

function statementKind(verb: string): Pick<Kind, 'category' | 'type'> {
  if (ROLE_VERBS.test(verb)) return BY_CLASS['ROLE']!;
  if (READ_VERBS.test(verb)) return BY_CLASS['READ']!;
  if (SETTING_VERBS.test(verb)) return { category: ['database', 'configuration'], type: ['change'] };
  return BY_CLASS['DDL']!;
}

/** The reason of a refused login: PostgreSQL tells it in `detail`, before the line of pg_hba.conf that matched. */
const refusal = (fields: LogRecord['fields']): string =>
  (fields['detail'] ?? '')
    .split('\n')
    .find((line) => line !== '' && !line.startsWith('Connection matched')) ?? fields['message']!;

/** The text log has no error codes: refusals are told by the words of the server's message catalogue. */
const LOGIN_REFUSED =
  /^(?:[\w ]{1,40} authentication failed for user |no pg_hba\.conf entry |pg_hba\.conf rejects |(?:role|database) "[\s\S]*" (?:does not exist|is not )|too many connections for )/;
const DENIED = /^(?:permission denied |must be (?:superuser|owner|member|able) )/;
const isDenied = (state: string | undefined, message: string) =>
  state === undefined ? DENIED.test(message) : state === '42501';

/** The most telling reading of the record. */
export function kindOf({ fields, audit }: LogRecord, facts: StatementFacts | undefined): Kind {
  const message = fields['message']!;
  const state = fields['state_code'];
  const severity = fields['error_severity'] ?? 'LOG';
  const login = { record: 'login', action: 'database-login', category: ['authentication'], type: ['start'] };
  if (audit !== undefined) {
    const isSetting = audit.class === 'MISC' && /^(?:SET|RESET|ALTER SYSTEM)/.test(audit.command);
    const what = isSetting ? statementKind('set') : (BY_CLASS[audit.class] ?? INFO);
    return { record: 'audit', action: kebab(audit.command), ...what, outcome: 'unknown' };
  }
  if (
    /^(?:FATAL|PANIC)$/.test(severity) &&
    (state === undefined
      ? LOGIN_REFUSED.test(message)
      : state.startsWith('28') || /authentication|startup/.test(fields['ps'] ?? ''))
  ) {
    return { ...login, outcome: 'failure', reason: refusal(fields) };
  }
  if (message.startsWith('connection authorized: ')) return { ...login, outcome: 'success' };
  if (message.startsWith('connection authenticated: ')) {
    return {
      ...login,
      record: 'authenticated',
      action: 'database-authenticated',
      type: ['info'],
      outcome: 'success',
    };
  }
  if (message.startsWith('connection received: ')) {
    return {
      record: 'connection',
      action: 'connection-received',
      category: ['network'],
      type: ['connection', 'start'],
    };
  }
  if (message.startsWith('disconnection: ')) {
    return { record: 'logout', action: 'database-logout', category: ['session'], type: ['end'] };
  }
  if (/^received SIGHUP|^parameter "[^"]+" (?:changed|removed|cannot)/.test(message)) {
    const action = message.startsWith('received') ? 'configuration-reloaded' : 'parameter-changed';
    return { record: 'configuration', action, category: ['database', 'configuration'], type: ['change'] };
  }
  if (/^(?:ERROR|FATAL|PANIC)$/.test(severity)) {
    const refused = isDenied(state, message) ? 'permission-denied' : 'database-error';
    return {
      record: 'error',
      action: refused,
      category: ['database'],
      type: ['error'],
      outcome: 'failure',
      reason: message,
    };
  }
  if (facts !== undefined && facts.verbs.length > 0) {
    return {
      record: 'statement',
      action: kebab(facts.verbs[0]!),
      ...statementKind(facts.verbs[0]!),
      outcome: 'unknown',
    };
  }
  return { record: 'server', action: 'server-message', ...INFO };
}
