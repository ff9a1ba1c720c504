/**
 * Linux system logs (auth.log, secure, syslog, messages, or received over the network) become ECS events. Delivery: at
 * least once from files, ids by position. Lost: what a sender drops before it reaches us; RFC 3164 has neither year
 * nor zone, so both are assumed and flagged. Passwords in command lines are masked before anything is kept.
 */
import type { Draft } from '../core/event.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { endpoint } from './ecs/endpoint.ts';
import { FACILITIES, parseSyslog, SEVERITIES, type SyslogMessage, withoutLineEnd } from './syslog/message.ts';
import type { Finding } from './syslog/programs/finding.ts';
import { readMessage } from './syslog/programs/index.ts';
import { maskSecrets } from './syslog/secrets.ts';

/** Invalid UTF-8 becomes U+FFFD; it is never a reason to lose a line. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: false });

const present = (values: readonly (string | undefined)[]): string[] => [
  ...new Set(values.filter((value): value is string => value !== undefined && value !== '')),
];

/** `UNKNOWN` of sshd is neither address nor name. */
const endpointOfPeer = (address: string | undefined, port: string | undefined) =>
  address === 'UNKNOWN' ? undefined : endpoint(address, port);

function syslogFields(message: SyslogMessage): Record<string, unknown> {
  const { facility, severity } = message;
  return {
    ...(message.priority === undefined ? {} : { priority: message.priority }),
    ...(facility === undefined ? {} : { facility: { code: facility, name: FACILITIES[facility] } }),
    ...(severity === undefined ? {} : { severity: { code: severity, name: SEVERITIES[severity] } }),
    ...(message.program === undefined ? {} : { appname: message.program }),
    ...(message.pid === undefined && message.procid === undefined
      ? {}
      : { procid: String(message.pid ?? message.procid) }),
    ...(message.host === undefined ? {} : { hostname: message.host }),
    ...(message.msgid === undefined ? {} : { msgid: message.msgid }),
    ...(message.structured === undefined ? {} : { structured_data: message.structured }),
    ...(message.format === 'rfc5424' ? { version: '1' } : {}),
  };
}

function userFields(finding: Finding): Draft['user'] {
  const { user, userId, target, targetId, effective } = finding;
  const fields = {
    ...(user === undefined ? {} : { name: user }),
    ...(userId === undefined ? {} : { id: userId }),
    ...(effective === undefined ? {} : { effective: { name: effective } }),
    ...(target === undefined && targetId === undefined
      ? {}
      : {
          target: {
            ...(target === undefined ? {} : { name: target }),
            ...(targetId === undefined ? {} : { id: targetId }),
          },
        }),
  };
  return Object.keys(fields).length === 0 ? undefined : fields;
}

function toEvent(message: SyslogMessage, original: string, context: NormaliseContext): Draft {
  const program = message.program ?? 'unknown';
  const { finding, service } = readMessage(program, message.facility, message.text);
  const host = message.host ?? context.host;
  const source = endpointOfPeer(finding?.from, finding?.fromPort);
  const destination = endpointOfPeer(finding?.to, finding?.toPort);
  const user = finding === undefined ? undefined : userFields(finding);
  const { group, groupId, command, directory, file, facts } = finding ?? {};
  const users = present([finding?.user, finding?.target, finding?.effective]);
  const addresses = present([source?.ip, destination?.ip]);
  const hosts = present([host, source?.domain, destination?.domain]);
  const clock = message.time === undefined ? [] : message.time.assumed;
  return {
    ...(message.time === undefined ? {} : { '@timestamp': new Date(message.time.ms).toISOString() }),
    event: {
      kind: 'event',
      module: 'linux',
      dataset: service === 'syslog' ? 'linux.syslog' : service === 'cron' ? 'linux.cron' : 'linux.auth',
      provider: program,
      category: [...(finding?.category ?? ['host'])],
      type: [...(finding?.type ?? ['info'])],
      action: finding?.action ?? 'message',
      ...(finding?.outcome === undefined ? {} : { outcome: finding.outcome }),
      ...(finding?.reason === undefined ? {} : { reason: finding.reason }),
      ...(message.severity === undefined ? {} : { severity: message.severity }),
      original,
    },
    message: message.text,
    ...(host === undefined ? {} : { host: { name: host, hostname: host } }),
    log: {
      ...(message.severity === undefined ? {} : { level: SEVERITIES[message.severity]! }),
      syslog: syslogFields(message),
    },
    process: {
      name: program,
      ...(message.pid === undefined ? {} : { pid: message.pid }),
      ...(command === undefined ? {} : { command_line: command }),
      ...(directory === undefined ? {} : { working_directory: directory }),
    },
    ...(user === undefined ? {} : { user }),
    ...(group === undefined && groupId === undefined
      ? {}
      : {
          group: {
            ...(group === undefined ? {} : { name: group }),
            ...(groupId === undefined ? {} : { id: groupId }),
          },
        }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(file === undefined ? {} : { file: { path: file } }),
    related: {
      ...(users.length > 0 ? { user: users } : {}),
      ...(addresses.length > 0 ? { ip: addresses } : {}),
      ...(hosts.length > 0 ? { hosts } : {}),
    },
    vigia: {
      logsource: { product: 'linux', service },
      ...(clock.length > 0 ? { clock } : {}),
      ...(facts === undefined ? {} : { linux: facts }),
    },
  };
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const line = maskSecrets(withoutLineEnd(utf8.decode(raw)));
  const message = parseSyslog(line, context);
  if (typeof message === 'string') return reject(message);
  return { event: toEvent(message, line, context) };
}

export const linuxSyslog = collector({
  id: 'linux-syslog',
  title: 'Linux system logs',
  summary:
    'Reads auth.log, secure, syslog, messages and cron logs, or the same messages received over the network: RFC 5424, RFC 3164 and ISO-time lines.',
  guarantee:
    'Files: nothing lost, nothing doubled. A line without year or zone gets those of the first reading (flagged). Text before the first newline of a cut line is dead-lettered.',
  datasets: ['linux.auth', 'linux.cron', 'linux.syslog'],
  framing: { kind: 'lines' },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskSecrets(utf8.decode(raw))),
});
