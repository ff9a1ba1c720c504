/**
 * The log of Oracle's listener (text or log.xml) becomes ECS events: who asked from where for which service with which program,
 * before anybody proved who he is, and the commands given to the listener. Format: "Net Services Administrator's Guide".
 */
import { isIP } from 'node:net';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { adrMessage, beginsAdr, listenerTime } from './oracle/adr.ts';

const utf8 = new TextDecoder('utf-8');
const LINE = /^\d{2}-[A-Z]{3}-\d{4} \d{2}:\d{2}:\d{2}/i;
const begins = (line: string) => beginsAdr(line) || LINE.test(line);

/** Value of `(NAME=value)`; values hold no parentheses. */
const part = (text: string, name: string) =>
  new RegExp(String.raw`\(${name}=([^()]{1,255})\)`, 'i').exec(text)?.[1]?.trim() || undefined;

function kindOf(command: string, code: string) {
  const failed = code !== '' && code !== '0';
  const outcome = code === '' ? undefined : failed ? 'failure' : 'success';
  if (command === 'establish')
    return {
      record: 'connection',
      action: 'connection-received',
      category: ['network'],
      type: failed ? ['denied'] : ['connection', 'start'],
      outcome,
    };
  if (/^(?:stop|set_\w+|reload|save_config|services_update|password)$/.test(command))
    return {
      record: 'command',
      action: `listener-${command.replaceAll('_', '-')}`,
      category: ['configuration'],
      type: ['change'],
      outcome,
    };
  const action = command === '' ? 'server-message' : `listener-${command.replaceAll('_', '-').slice(0, 40)}`;
  return {
    record: command === '' ? 'server' : 'command',
    action,
    category: ['database'],
    type: ['info'],
    outcome,
  };
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const original = utf8.decode(raw);
  const wrapped = beginsAdr(original) ? adrMessage(original, context) : undefined;
  if (typeof wrapped === 'string') return reject(wrapped);
  const text = wrapped?.text ?? original;
  const time = listenerTime(text, context);
  const ms = wrapped?.ms ?? time?.ms;
  if (ms === undefined) return reject('record does not begin with a time such as 21-NOV-2026 19:58:20');
  const parts = text.split('\n')[0]!.split(' * ');
  // time * connect data [* address] * command [* service] * code
  const isCommand = parts.length >= 4;
  const data = isCommand ? parts[1]! : '';
  const address = parts.find((one) => one.startsWith('(ADDRESS=')) ?? '';
  const code = isCommand ? (/^\d{1,6}$/.exec(parts.at(-1)!.trim())?.[0] ?? '') : '';
  const command = isCommand ? (parts.slice(1).find((one) => /^[a-z_]{3,40}$/.test(one)) ?? '') : '';
  const kind = kindOf(command, code);
  const [host, port, user] = [part(address, 'HOST'), part(address, 'PORT'), part(data, 'USER')];
  const isAddress = host !== undefined && isIP(host) > 0;
  const reason =
    kind.outcome === 'failure' ? (/^ ?(TNS-\d{5}: .{0,500})$/m.exec(text)?.[1] ?? `TNS-${code}`) : undefined;
  const server = wrapped?.attributes['host_id'] || context.host;
  const { record, outcome, ...what } = kind;
  const given = (value: string | undefined, key: string) => (value === undefined ? {} : { [key]: value });
  const assumed = wrapped?.ms === undefined ? (time?.assumed ?? []) : wrapped.assumed;
  return {
    event: {
      '@timestamp': new Date(ms).toISOString(),
      event: {
        kind: 'event',
        module: 'oracle',
        dataset: 'oracle.listener',
        provider: 'tnslsnr',
        ...what,
        ...given(outcome, 'outcome'),
        ...given(reason, 'reason'),
        ...(code === '' ? {} : { code }),
        original,
      },
      message: text,
      service: { type: 'oracle' },
      ...(server === undefined ? {} : { host: { name: server } }),
      ...(host === undefined
        ? {}
        : {
            source: {
              address: host,
              ...(isAddress ? { ip: host } : { domain: host }),
              ...(port === undefined ? {} : { port: Number(port) }),
            },
          }),
      related: { ...(isAddress ? { ip: [host] } : {}), ...(server === undefined ? {} : { hosts: [server] }) },
      vigia: {
        logsource: { product: 'oracle', category: 'database' },
        ...(assumed.length > 0 ? { clock: [...assumed] } : {}),
        oracle: {
          record,
          ...given(command || undefined, 'command'),
          ...given(user, 'os_user'),
          ...given(part(data, 'PROGRAM'), 'program'),
          ...given(part(data, 'HOST'), 'client_host'),
          ...given(part(data, 'SERVICE_NAME') ?? part(data, 'SID'), 'service'),
        },
      },
    },
  };
}

export const oracleListener = collector({
  id: 'oracle-listener',
  title: 'Oracle listener log',
  summary:
    'Reads listener.log or the log.xml beside it: connections with program, operating system user and service as the client names ' +
    'them, and commands of lsnrctl. Not exercised against a live server: samples follow Oracle’s documentation.',
  guarantee:
    'Files: nothing lost, nothing doubled. The last record waits for the next one, or a second of silence. Program and user are what ' +
    'the client says. Text files have no zone: the source’s zone is assumed and flagged.',
  datasets: ['oracle.listener'],
  framing: { kind: 'lines', continues: (line: Uint8Array) => !begins(utf8.decode(line)) },
  normalise,
});
