/** One record of any Samba log becomes one event: JSON audit records by type, text records by their header. */

import type { Draft } from '../../core/event.ts';
import { type NormaliseContext, type Normalised, reject } from '../collector.ts';
import { withoutLineEnd } from '../syslog/message.ts';
import { groupChange, passwordChange, transaction } from './accounts.ts';
import { authentication, authorization } from './authentication.ts';
import { directoryChange } from './directory.ts';
import { isJson, type Json, present, readTimestamp, text } from './record.ts';
import { textWithoutSecrets, withoutSecrets } from './secrets.ts';
import { textRecord } from './text.ts';

const types: Readonly<Record<string, (body: Json) => Draft>> = {
  Authentication: authentication,
  Authorization: authorization,
  dsdbChange: directoryChange,
  groupChange,
  passwordChange,
  dsdbTransaction: transaction,
};

const utf8 = new TextDecoder();

/** Why a record cannot become an event. */
type Reason = string;

export function normaliseSamba(raw: Uint8Array, context: NormaliseContext): Normalised {
  const written = withoutLineEnd(utf8.decode(raw));
  const trimmed = written.trimStart();
  if (trimmed === '') return reject('the record is empty');
  const draft = trimmed.startsWith('{')
    ? jsonRecord(trimmed)
    : (textRecord(written, context) ?? noHeader(trimmed));
  if (typeof draft === 'string') return reject(draft);
  return { event: context.host && !draft.host ? { ...draft, host: { name: context.host } } : draft };
}

const noHeader = (written: string): Reason =>
  `neither a JSON audit record nor a header "[yyyy/mm/dd hh:mm:ss, level] file:line(function)"; it begins with ${quoted(written)}`;

/** Enough of a record to find it; never its content, which may hold personal data. */
const quoted = (written: string): string => JSON.stringify(written.slice(0, 12));

function jsonRecord(written: string): Draft | Reason {
  // Another process may have written a text line between this record and the next: it is kept as the message.
  const lineEnd = written.indexOf('\n');
  const line = lineEnd < 0 ? written : written.slice(0, lineEnd);
  const record = parse(line);
  if (typeof record === 'string') return record;
  const type = text(record['type']);
  if (type === undefined) return 'JSON without the "type" that every Samba audit record has';
  const safe = withoutSecrets(record);
  const body = isJson(safe[type]) ? safe[type] : undefined;
  const reader = Object.hasOwn(types, type) ? types[type] : undefined;
  if (reader && !body) return `JSON audit record of type "${type}" without its object "${type}"`;
  const draft = reader && body ? reader(body) : otherType(type);
  const after = lineEnd < 0 ? undefined : written.slice(lineEnd + 1).trim();
  return {
    ...draft,
    ...present({
      '@timestamp': readTimestamp(text(record['timestamp'])),
      message: after ? textWithoutSecrets(after) : undefined,
    }),
    event: { ...draft.event, original: safe === record ? line : JSON.stringify(safe) },
  };
}

function parse(line: string): Json | Reason {
  try {
    const value: unknown = JSON.parse(line);
    return isJson(value) ? value : 'JSON, but not an object';
  } catch (cause) {
    // The parser's own message quotes the record, so only its kind is passed on.
    return `begins like JSON but is none (${cause instanceof SyntaxError ? 'syntax error' : 'too deep'}); was the record cut?`;
  }
}

/** Newer Samba versions write types that this reader does not know; they stay searchable and routable. */
function otherType(type: string): Draft {
  return {
    event: { kind: 'event', action: 'samba-record', outcome: 'unknown', dataset: 'samba.log' },
    vigia: { logsource: { product: 'samba', service: 'log' }, samba: { type } },
  };
}
