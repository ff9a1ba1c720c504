/**
 * Network access control by RADIUS (802.1X) becomes ECS events: who, with which machine, at which switch port. Reads FreeRADIUS's
 * log and detail files; the formats are cited in `radius/record.ts`. Samples follow these documents: not exercised against a live
 * server. Passwords that the server was told to log are masked before anything is kept.
 *
 * | FreeRADIUS writes | Event |
 * | --- | --- |
 * | `Login OK`, `Login incorrect` | `event.action` network-login, `user`, `source.mac` the machine, `observer` the switch |
 * | a detail record | `event.action` accounting-start, -stop, -interim-update; `source.ip` the machine's address |
 */
import { isIP } from 'node:net';
import type { Draft } from '../core/event.ts';
import { isoOf } from '../core/iso-time.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { draftOf } from './ecs/draft.ts';
import { beginsRadiusRecord, maskPassword, type RadiusRecord, radiusRecord } from './radius/record.ts';

const utf8 = new TextDecoder('utf-8');

/** `00:00:5e:00:53:23`, `0000.5e00.5323` → `00-00-5E-00-53-23`; a name of a network may follow. */
function macOf(text: string | undefined): string | undefined {
  const digits = (text ?? '').replace(/[^0-9A-Fa-f]/g, '').slice(0, 12);
  return digits.length === 12 ? digits.toUpperCase().match(/../g)!.join('-') : undefined;
}

const TYPES: Readonly<Record<string, string>> = { Start: 'start', Stop: 'end' };

function toEvent(record: RadiusRecord, original: string, context: NormaliseContext): Draft {
  const { kind, time, client, attributes } = record;
  const status = attributes['Acct-Status-Type'];
  const [name, domain] = (record.user ?? '').split(/@(?=[^@]*$)/);
  const address = attributes['Framed-IP-Address'];
  const isAddress = client !== undefined && isIP(client) > 0;
  return draftOf({
    '@timestamp': time === undefined ? undefined : isoOf(time.ms),
    event: {
      kind: 'event',
      module: 'radius',
      dataset: kind === 'message' ? 'radius.log' : kind === 'login' ? 'radius.auth' : 'radius.accounting',
      provider: 'freeradius',
      category: kind === 'login' ? ['authentication'] : kind === 'accounting' ? ['session'] : ['host'],
      type: [kind === 'login' ? 'start' : kind === 'accounting' ? (TYPES[status ?? ''] ?? 'info') : 'info'],
      action:
        kind === 'login'
          ? 'network-login'
          : kind === 'accounting'
            ? `accounting-${(status ?? 'unknown').toLowerCase()}`
            : 'message',
      outcome: record.outcome,
      reason: record.reason,
      original,
    },
    message: record.text,
    service: { type: 'radius' },
    host: { name: context.host },
    user: { name, domain },
    source: {
      address: address ?? record.station,
      ip: address !== undefined && isIP(address) > 0 ? address : undefined,
      mac: macOf(record.station),
    },
    observer: { name: isAddress ? undefined : client, ip: isAddress ? [client] : undefined },
    vigia: {
      logsource: { product: 'freeradius', category: 'authentication', service: 'radius' },
      clock: time?.assumed ?? [],
      radius: {
        port: record.port,
        session: attributes['Acct-Session-Id'],
        cause: attributes['Acct-Terminate-Cause'],
        port_type: attributes['NAS-Port-Type'],
        called: attributes['Called-Station-Id'],
      },
    },
  });
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const original = maskPassword(utf8.decode(raw));
  const record = radiusRecord(original, context);
  return typeof record === 'string' ? reject(record) : { event: toEvent(record, original, context) };
}

export const radiusLog = collector({
  id: 'radius-log',
  title: 'RADIUS network access (FreeRADIUS)',
  summary:
    'Reads radius.log (with auth = yes) and detail files of FreeRADIUS: logins to switch ports and wireless networks, and their sessions. ' +
    'Written after FreeRADIUS’s documentation; not exercised against a live server.',
  guarantee:
    'Files: nothing lost, nothing doubled. A record waits for the next one, or a second of silence. Times carry no zone: the source’s zone is assumed and flagged.',
  datasets: ['radius.auth', 'radius.accounting', 'radius.log'],
  framing: {
    kind: 'lines',
    continues: (line: Uint8Array) => !beginsRadiusRecord(utf8.decode(line)),
  },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskPassword(utf8.decode(raw))),
});
