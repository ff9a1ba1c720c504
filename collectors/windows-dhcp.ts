/**
 * The audit log of the Windows DHCP server (`DhcpSrvLog-Mon.log`) becomes ECS `network` events: which address a machine had, when.
 * Source of the format: Microsoft Learn, "DHCP server log file format and event IDs" (comma-separated; dates month first, two-digit
 * year). Samples follow it: not exercised against a live server.
 */
import { isIP } from 'node:net';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { draftOf } from './ecs/draft.ts';
import { isoTime } from './syslog/time.ts';

/** `event.action` and ECS types of each event id. */
const EVENTS: Readonly<
  Record<string, readonly [action: string, type: string, outcome?: 'success' | 'failure']>
> = {
  '00': ['log-started', 'info'],
  '01': ['log-stopped', 'info'],
  '02': ['log-paused', 'info', 'failure'],
  '10': ['lease-given', 'start', 'success'],
  '11': ['lease-renewed', 'info', 'success'],
  '12': ['lease-released', 'end', 'success'],
  '13': ['address-in-use', 'info', 'failure'],
  '14': ['addresses-exhausted', 'info', 'failure'],
  '15': ['lease-denied', 'denied', 'failure'],
  '16': ['lease-deleted', 'end', 'success'],
  '17': ['lease-expired', 'end', 'success'],
  '18': ['lease-expired', 'end', 'success'],
  '20': ['lease-given', 'start', 'success'],
  '30': ['name-update-asked', 'info'],
  '31': ['name-update-failed', 'info', 'failure'],
  '32': ['name-updated', 'info', 'success'],
};
/** From 50 the ids are about finding other DHCP servers and being allowed in the directory. */
const ABOVE_FIFTY = ['server-authorisation', 'info'] as const;

const utf8 = new TextDecoder('utf-8');
const BEGINS = /^(?<id>\d{2,5}),(?<month>\d{2})\/(?<day>\d{2})\/(?<year>\d{2}),(?<clock>\d{2}:\d{2}:\d{2}),/;

/** `00005E005323` → `00-00-5E-00-53-23`, as ECS writes it. */
const macOf = (text: string | undefined): string | undefined =>
  /^[0-9A-Fa-f]{12}$/.test(text ?? '') ? text!.toUpperCase().match(/../g)!.join('-') : undefined;

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const line = utf8.decode(raw);
  const begin = BEGINS.exec(line)?.groups;
  if (begin === undefined) {
    if (!/DHCP Service Activity Log/i.test(line))
      return reject('no line of the DHCP server’s log: id,MM/DD/YY,hh:mm:ss,description,address,…');
    // The key that stands at the top of each file.
    return {
      event: draftOf({
        event: {
          kind: 'event',
          module: 'dhcp',
          dataset: 'windows.dhcp',
          category: ['host'],
          type: ['info'],
          action: 'log-key',
          original: line,
        },
        host: { name: context.host },
        vigia: { logsource: { product: 'windows', category: 'dhcp', service: 'dhcp-log' } },
      }),
    };
  }
  const time = isoTime(`20${begin['year']}-${begin['month']}-${begin['day']} ${begin['clock']}`, context);
  if (time === undefined) return reject('there is no such day: dates are written month first');
  const [, , , description, address, name, mac, user, transaction] = line
    .split(',')
    .map((part) => part.trim());
  const [action, type, outcome] =
    EVENTS[begin['id']!] ?? (Number(begin['id']) >= 50 ? ABOVE_FIFTY : (['message', 'info'] as const));
  const isAddress = address !== undefined && isIP(address) > 0;
  return {
    event: draftOf({
      '@timestamp': new Date(time.ms).toISOString(),
      event: {
        kind: 'event',
        module: 'dhcp',
        dataset: 'windows.dhcp',
        provider: 'dhcp',
        category: ['network'],
        type: [type],
        action,
        code: begin['id'],
        outcome,
        original: line,
      },
      message: description,
      service: { type: 'dhcp' },
      host: { name: context.host },
      source: {
        address: address || name || undefined,
        ip: isAddress ? address : undefined,
        domain: name || undefined,
        mac: macOf(mac),
      },
      user: { name: user || undefined },
      network: { protocol: 'dhcp' },
      vigia: {
        logsource: { product: 'windows', category: 'dhcp', service: 'dhcp-log' },
        clock: time.assumed,
        dhcp: { transaction_id: transaction || undefined },
      },
    }),
  };
}

const text = (line: Uint8Array) => utf8.decode(line);

export const windowsDhcp = collector({
  id: 'windows-dhcp',
  title: 'Windows DHCP server log',
  summary:
    'Reads DhcpSrvLog files: which address a machine had, when, under which name. Times carry no zone: the source’s zone is assumed and ' +
    'flagged. Written after Microsoft’s documentation; not exercised against a live server.',
  guarantee:
    'Files: nothing lost, nothing doubled. The server overwrites the file of each weekday after a week: what was not read by then is gone. The ' +
    'key at the top of a file is one record.',
  datasets: ['windows.dhcp'],
  framing: {
    kind: 'lines',
    continues: (line: Uint8Array) => !BEGINS.test(text(line)),
    stands: (line: Uint8Array) => BEGINS.test(text(line)),
  },
  normalise,
});
