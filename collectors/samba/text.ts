/** Text records: a header in brackets and indented lines. Kerberos lines are read; the rest become generic events. */
import type { Draft } from '../../core/event.ts';
import type { NormaliseContext } from '../collector.ts';
import { kdcEvent } from './kdc.ts';
import { account, endpoint } from './names.ts';
import { type Header, present, readHeader, unique } from './record.ts';
import { textWithoutSecrets } from './secrets.ts';

export function textRecord(written: string, context: NormaliseContext): Draft | undefined {
  const [first = '', ...rest] = written.split('\n');
  const header = readHeader(first, context);
  if (!header) return undefined;
  const afterHeader = first.slice(header.end).trim();
  const message = textWithoutSecrets(
    [afterHeader, ...rest.map((line) => line.trim())].filter((line) => line !== '').join('\n'),
  );
  const draft = message.startsWith('Kerberos: ')
    ? kdcEvent(message.slice('Kerberos: '.length))
    : generic(message);
  const original = textWithoutSecrets(written);
  return {
    ...draft,
    ...present({ '@timestamp': header.at, message: message || undefined }),
    event: { ...draft.event, original },
    log: logFields(header),
    vigia: { ...draft.vigia, clock: ['assumed-zone'] },
  };
}

const levelNames = ['error', 'warning', 'notice', 'informational'];

const logFields = (header: Header) => ({
  level: levelNames[header.level] ?? 'debug',
  origin: { file: { name: header.file, line: header.line }, function: header.function },
});

const classes: readonly (readonly [string, string])[] = [
  ['Auth: ', 'text-authentication'],
  ['Successful AuthZ: ', 'text-authorization'],
  ['DSDB Change ', 'text-directory-change'],
  ['DSDB Transaction ', 'text-transaction'],
  ['Group Change ', 'text-group-change'],
  ['Password Change ', 'text-password-change'],
];

/**
 * The human-readable audit classes repeat what the JSON classes say. They keep a dataset of their own, so that a rule that
 * counts failed logons counts each once where both are written.
 */
function generic(message: string): Draft {
  const audit = classes.find(([start]) => message.startsWith(start));
  const bracket = (name: string) =>
    new RegExp(`\\b${name} \\[([^\\]\\n]{0,1024})\\]`, 'i').exec(message)?.[1];
  const source = audit ? endpoint(known(bracket('remote host'))) : undefined;
  const status = audit ? bracket('status') : undefined;
  const named = / user \[[^\]\n]{0,256}\]\\\[([^\]\n]{0,256})\]/;
  const { name, domain } = audit?.[0] === 'Auth: ' ? account(known(named.exec(message)?.[1])) : {};
  const user = present({ name, domain, id: audit ? known(bracket('SID')) : undefined });
  return {
    event: {
      kind: 'event',
      action: audit?.[1] ?? 'log-message',
      outcome:
        status === undefined ? 'unknown' : /^(?:Success|NT_STATUS_OK)$/.test(status) ? 'success' : 'failure',
      dataset: 'samba.log',
    },
    ...present({ source, user }),
    related: present({ user: unique([user.name, user.id]), ip: unique([source?.ip]) }),
    vigia: {
      logsource: { product: 'samba', service: 'log' },
      samba: present({ type: audit?.[1] ?? 'text', status }),
    },
  };
}

const known = (value: string | undefined): string | undefined =>
  value === undefined || /^(?:unknown|null|\(null\)|)$/i.test(value) ? undefined : value;
