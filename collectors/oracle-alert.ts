/** The alert log of an Oracle database (text or log.xml) becomes ECS events: starts, stops, ALTER SYSTEM, and errors by number. */
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { adrMessage, beginsAdr } from './oracle/adr.ts';
import { maskStatement } from './statement/mask.ts';

const utf8 = new TextDecoder('utf-8');
const MOST_ERRORS = 20;

const SETTING = { action: 'alter-system', category: ['database', 'configuration'], type: ['change'] };
const KINDS: readonly [RegExp, { action: string; category: string[]; type: string[] }][] = [
  [/^ALTER SYSTEM\b/im, SETTING],
  [/^Starting ORACLE instance/im, { action: 'server-started', category: ['database'], type: ['info'] }],
  [
    /^Shutting down (?:ORACLE )?instance|^Instance terminated/im,
    { action: 'server-stopped', category: ['database'], type: ['info'] },
  ],
  [/\bORA-\d{5}/, { action: 'database-error', category: ['database'], type: ['error'] }],
];
const OTHER = { action: 'server-message', category: ['database'], type: ['info'] };

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const original = maskStatement(utf8.decode(raw));
  const message = adrMessage(original, context);
  if (typeof message === 'string') return reject(message);
  const kind = KINDS.find(([pattern]) => pattern.test(message.text))?.[1] ?? OTHER;
  const errors = [...new Set(message.text.match(/\bORA-\d{5}/g))].slice(0, MOST_ERRORS);
  const isError = errors.length > 0;
  // `ALTER SYSTEM SET audit_trail='NONE' SCOPE=SPFILE;`
  const [, name, value] =
    /^ALTER SYSTEM SET "?([\w.]{1,80})"?\s*=\s*('(?:[^']|'')*'|[^\s;]+)/im.exec(message.text) ?? [];
  const host = message.attributes['host_id'] || context.host;
  return {
    event: {
      '@timestamp': new Date(message.ms!).toISOString(),
      event: {
        kind: 'event',
        module: 'oracle',
        dataset: 'oracle.alert',
        provider: 'rdbms',
        ...kind,
        ...(isError ? { outcome: 'failure', code: errors[0]! } : {}),
        original,
      },
      message: message.text,
      log: { level: isError ? 'error' : 'information' },
      service: { type: 'oracle' },
      ...(host === undefined ? {} : { host: { name: host } }),
      ...(isError ? { error: { code: errors[0]!, message: message.text.slice(0, 1_000) } } : {}),
      related: host === undefined ? {} : { hosts: [host] },
      vigia: {
        logsource: { product: 'oracle', category: 'database' },
        ...(message.assumed.length > 0 ? { clock: [...message.assumed] } : {}),
        oracle: {
          record: 'alert',
          ...(isError ? { errors } : {}),
          ...(name === undefined
            ? {}
            : { settings: [`${name}=${value!.replace(/^'|'$/g, '')}`.toLowerCase()] }),
          ...(message.attributes['type'] ? { alert_type: message.attributes['type'] } : {}),
        },
      },
    },
  };
}

export const oracleAlert = collector({
  id: 'oracle-alert',
  title: 'Oracle alert log',
  summary:
    'Reads alert_SID.log or the log.xml beside it: starts, stops, changed parameters, ORA- errors. Not exercised against a live server: ' +
    'samples follow Oracle’s documentation.',
  guarantee:
    'Files: nothing lost, nothing doubled. The last message waits for the next one, or a second of silence. Before version 12.2 the ' +
    'text file has no zone: the source’s zone is assumed and flagged.',
  datasets: ['oracle.alert'],
  framing: { kind: 'lines', continues: (line: Uint8Array) => !beginsAdr(utf8.decode(line)) },
  normalise,
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskStatement(utf8.decode(raw))),
});
