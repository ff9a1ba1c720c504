/**
 * Vigia's own audit trail becomes ECS events, so that rules watch Vigia itself: refused calls, tokens, approvals, searches,
 * exports, retention. Entries are read from the store of this installation, or from a file of exported entries.
 */
import type { Draft } from '../core/event.ts';
import { maskSecrets } from '../core/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';

const utf8 = new TextDecoder('utf-8');

interface Entry {
  writer: string;
  sequence: number;
  at: string;
  who: string;
  action: string;
  target: string;
  details: Readonly<Record<string, unknown>>;
}

/** Text by text: what somebody typed into a search may be a password. Undefined when it is no JSON. */
function maskedJson(raw: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(raw), (_key, value: unknown) =>
      typeof value === 'string' ? maskSecrets(value) : value,
    );
  } catch {
    return undefined;
  }
}

function entryOf(found: unknown): Entry | string {
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return 'entry is no JSON object';
  const entry = found as Record<string, unknown>;
  const missing = ['writer', 'at', 'who', 'action', 'target'].filter(
    (name) => typeof entry[name] !== 'string',
  );
  if (missing.length > 0) return `entry lacks ${missing.join(', ')}`;
  if (Number.isNaN(Date.parse(String(entry['at'])))) return '"at" is no time';
  const details = typeof entry['details'] === 'object' && entry['details'] !== null ? entry['details'] : {};
  // Checked above, field by field.
  return { ...(entry as unknown as Entry), sequence: Number(entry['sequence']), details: { ...details } };
}

/** Calls that change who may do what, or what is kept or hidden. */
const ADMINISTERS = /^(?:token\.|collectors\.forget|retention|retain|exception|policy)/;
const CHANGES = /^(?:run|access|incident|exception|policy|ingest|dead-letters\.retry)/;
const READS = /(?:\.read|\.search|\.export|\.list)$/;

function kindOf(action: string, status: number | undefined) {
  if (status === 401) return { category: ['api', 'authentication'], type: ['denied'], outcome: 'failure' };
  if (status === 403) return { category: ['api'], type: ['denied'], outcome: 'failure' };
  const outcome = status !== undefined && status >= 400 ? 'failure' : 'success';
  if (action.startsWith('token.')) return { category: ['api', 'iam'], type: ['admin', 'change'], outcome };
  if (ADMINISTERS.test(action))
    return { category: ['api', 'configuration'], type: ['admin', 'change'], outcome };
  const type = READS.test(action) ? 'access' : CHANGES.test(action) ? 'change' : 'info';
  return { category: ['api'], type: [type], outcome };
}

const textOf = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const given = (value: unknown, key: string) => (value === undefined ? {} : { [key]: value });
const namesOf = (value: unknown) =>
  Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : undefined;

function toEvent({ writer, sequence, at, who, action, target, details }: Entry, original: string): Draft {
  const status = typeof details['status'] === 'number' ? details['status'] : undefined;
  const query = (details['query'] ?? {}) as Record<string, unknown>;
  const about = textOf(details['user']);
  const address = textOf(details['address']);
  const searched = typeof details['query'] === 'string' ? details['query'] : undefined;
  return {
    '@timestamp': new Date(at).toISOString(),
    event: {
      kind: 'event',
      module: 'vigia',
      dataset: 'vigia.audit',
      provider: writer,
      action,
      ...kindOf(action, status),
      ...(Number.isSafeInteger(sequence) ? { sequence } : {}),
      original,
    },
    message: `${who} ${action} ${target}`,
    user: { name: who, ...(about === undefined ? {} : { target: { name: about } }) },
    ...(target.startsWith('/') ? { url: { path: target } } : {}),
    ...(status === undefined ? {} : { http: { response: { status_code: status } } }),
    ...(address === undefined ? {} : { source: { address, ip: address } }),
    related: {
      user: [...new Set([who, ...(about === undefined ? [] : [about])])],
      ...(address === undefined ? {} : { ip: [address] }),
    },
    vigia: {
      logsource: { product: 'vigia', service: 'audit' },
      audit: {
        target,
        ...given(/\/runs\/([\w-]{1,60})/.exec(target)?.[1], 'run'),
        ...given(textOf(details['incident']) ?? /\/incidents\/([\w-]{1,60})/.exec(target)?.[1], 'incident'),
        ...given(
          /^ACC-[\d-]{1,40}$/.exec(target)?.[0] ?? /\/access\/(ACC-[\d-]{1,40})/.exec(target)?.[1],
          'access',
        ),
        ...given(textOf(details['system']), 'system'),
        ...given(textOf(details['role']), 'role'),
        ...given(
          typeof details['lateSeconds'] === 'number' ? details['lateSeconds'] : undefined,
          'late_seconds',
        ),
        ...given(textOf(details['flow']), 'flow'),
        ...given(namesOf(details['roles']), 'roles'),
        ...given(namesOf(details['sources']), 'sources'),
        ...given(typeof details['days'] === 'number' ? details['days'] : undefined, 'days'),
        ...given(typeof details['problems'] === 'number' ? details['problems'] : undefined, 'problems'),
        ...given(textOf(query['tlp']), 'tlp'),
        ...given(searched ?? textOf(query['query']), 'query'),
      },
    },
  };
}

export const vigiaAudit = collector({
  id: 'vigia-audit',
  title: "Vigia's own audit trail",
  summary:
    'Follows the audit entries of this installation: a source with this collector and nothing else to read. "files" reads entries that ' +
    'were exported, one JSON object a line.',
  guarantee:
    'An entry is read once, in the order of its chain. One missing from the chain is waited for half a minute, then passed over aloud: ' +
    '"vigia audit verify" says what happened to it. Reading makes no new entries.',
  datasets: ['vigia.audit'],
  framing: { kind: 'own' },
  normalise(raw: Uint8Array, _context: NormaliseContext): Normalised {
    const masked = maskedJson(raw);
    const entry = entryOf(masked);
    if (typeof entry === 'string') return reject(entry);
    return { event: toEvent(entry, JSON.stringify(masked)) };
  },
  mask: (raw: Uint8Array): Uint8Array =>
    new TextEncoder().encode(JSON.stringify(maskedJson(raw)) ?? maskSecrets(utf8.decode(raw))),
});
