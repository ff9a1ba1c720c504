/** Makes the ECS event of a login record; `failed` for the file of refused logins. */
import type { Draft } from '../../core/event.ts';
import { isoOf } from '../../core/iso-time.ts';
import type { NormaliseContext } from '../collector.ts';
import type { UtmpRecord, UtmpType } from './record.ts';

interface Kind {
  action: string;
  category: readonly string[];
  type: readonly string[];
  outcome?: 'success' | 'failure';
}

const CLOCK: Kind = {
  action: 'clock-changed',
  category: ['configuration'],
  type: ['change'],
  outcome: 'success',
};
const KINDS: Readonly<Record<UtmpType, Kind>> = {
  empty: { action: 'login-record-empty', category: ['host'], type: ['info'] },
  'run-level': { action: 'run-level-changed', category: ['host'], type: ['change'], outcome: 'success' },
  boot: { action: 'boot', category: ['host'], type: ['start'], outcome: 'success' },
  'new-time': CLOCK,
  'old-time': CLOCK,
  init: { action: 'getty-started', category: ['process'], type: ['start'] },
  login: { action: 'login-prompt', category: ['process'], type: ['start'] },
  user: { action: 'login', category: ['authentication', 'session'], type: ['start'], outcome: 'success' },
  dead: { action: 'logout', category: ['session'], type: ['end'], outcome: 'success' },
  accounting: { action: 'accounting', category: ['host'], type: ['info'] },
};
const SHUTDOWN: Kind = { action: 'shutdown', category: ['host'], type: ['end'], outcome: 'success' };
const REFUSED: Kind = { action: 'login', category: ['authentication'], type: ['start'], outcome: 'failure' };

function kindOf(record: UtmpRecord, isRefused: boolean): Kind {
  if (isRefused) return REFUSED;
  // init writes the halt as a run level of the user "shutdown".
  return record.type === 'run-level' && record.user === 'shutdown' ? SHUTDOWN : KINDS[record.type];
}

/** Names that stand for no person in these records. */
const NOBODY = new Set(['', 'reboot', 'shutdown', 'runlevel', 'LOGIN', 'date']);

export function utmpEvent(
  record: UtmpRecord,
  { dataset, isRefused }: { dataset: string; isRefused: boolean },
  context: NormaliseContext,
): Draft {
  const { category, type, ...kind } = kindOf(record, isRefused);
  const user = NOBODY.has(record.user) ? undefined : record.user;
  const from =
    record.address ?? (record.host === '' || record.host.startsWith(':') ? undefined : record.host);
  const { address, line } = record;
  const hosts = [
    ...new Set([context.host, from === address ? undefined : from].filter((one) => one !== undefined)),
  ];
  return {
    ...(record.ms === undefined ? {} : { '@timestamp': isoOf(record.ms) }),
    event: { kind: 'event', module: 'linux', dataset, ...kind, category: [...category], type: [...type] },
    message: [kind.action, record.user, line, from].filter(Boolean).join(' '),
    ...(context.host === undefined ? {} : { host: { name: context.host } }),
    ...(record.pid > 0 ? { process: { pid: record.pid } } : {}),
    ...(user === undefined ? {} : { user: { name: user } }),
    ...(from === undefined
      ? {}
      : { source: { address: from, ...(address === undefined ? { domain: from } : { ip: address }) } }),
    related: {
      ...(user === undefined ? {} : { user: [user] }),
      ...(address === undefined ? {} : { ip: [address] }),
      ...(hosts.length > 0 ? { hosts } : {}),
    },
    vigia: {
      logsource: { product: 'linux', service: dataset.slice('linux.'.length) },
      linux: {
        record: record.type,
        ...(line === '' ? {} : { terminal: line }),
        ...(record.session === 0 ? {} : { session: record.session }),
      },
    },
  };
}
