/** Makes the ECS event of one system message, whether it came by syslog or from the journal. */
import type { Draft } from '../../core/event.ts';
import { isoOf } from '../../core/iso-time.ts';
import type { NormaliseContext } from '../collector.ts';
import { endpoint } from '../ecs/endpoint.ts';
import { FACILITIES, SEVERITIES, type SyslogMessage } from './message.ts';
import type { Finding } from './programs/finding.ts';
import { readMessage } from './programs/index.ts';

/** Undefined when none of them is there: most messages name no user. */
function present(...values: readonly (string | undefined)[]): string[] | undefined {
  let found: string[] | undefined;
  for (const value of values) {
    if (value === undefined || value === '' || found?.includes(value)) continue;
    found ??= [];
    found.push(value);
  }
  return found;
}

/** `UNKNOWN` of sshd is neither address nor name. */
const endpointOfPeer = (address: string | undefined, port: string | undefined) =>
  address === 'UNKNOWN' ? undefined : endpoint(address, port);

function syslogFields(message: SyslogMessage): Record<string, unknown> {
  const { priority, facility, severity, program, host, msgid, structured } = message;
  const procid = message.pid ?? message.procid;
  const fields: Record<string, unknown> = {};
  if (priority !== undefined) fields['priority'] = priority;
  if (facility !== undefined) fields['facility'] = { code: facility, name: FACILITIES[facility] };
  if (severity !== undefined) fields['severity'] = { code: severity, name: SEVERITIES[severity] };
  if (program !== undefined) fields['appname'] = program;
  if (procid !== undefined) fields['procid'] = String(procid);
  if (host !== undefined) fields['hostname'] = host;
  if (msgid !== undefined) fields['msgid'] = msgid;
  if (structured !== undefined) fields['structured_data'] = structured;
  if (message.format === 'rfc5424') fields['version'] = '1';
  return fields;
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

/** Assigned one by one: spreading what may be there costs twice as much, for every line of every host. */
export function systemEvent(
  message: SyslogMessage,
  original: string,
  context: Pick<NormaliseContext, 'host'>,
): Draft {
  const program = message.program ?? 'unknown';
  const { finding, service } = readMessage(program, message.facility, message.text);
  const host = message.host ?? context.host;
  const event: Draft = {
    event: eventFields(message, finding, service, original),
    message: message.text,
    log: { syslog: syslogFields(message) },
    process: { name: program },
    related: {},
    vigia: { logsource: { product: 'linux', service } },
  };
  if (message.time !== undefined) {
    event['@timestamp'] = isoOf(message.time.ms);
    if (message.time.assumed.length > 0) event.vigia!.clock = message.time.assumed;
  }
  if (message.severity !== undefined) event.log!.level = SEVERITIES[message.severity]!;
  if (message.pid !== undefined) event.process!.pid = message.pid;
  if (host !== undefined) event.host = { name: host, hostname: host };
  if (finding !== undefined) addFinding(event, finding);
  const hosts = present(host, event.source?.domain, event.destination?.domain);
  if (hosts !== undefined) event.related!.hosts = hosts;
  return event;
}

function eventFields(
  { program = 'unknown', severity }: SyslogMessage,
  finding: Finding | undefined,
  service: string,
  original: string,
): Draft['event'] {
  const fields: Draft['event'] = {
    kind: 'event',
    module: 'linux',
    dataset: service === 'syslog' ? 'linux.syslog' : service === 'cron' ? 'linux.cron' : 'linux.auth',
    provider: program,
    category: finding === undefined ? ['host'] : [...finding.category],
    type: finding === undefined ? ['info'] : [...finding.type],
    action: finding?.action ?? 'message',
    original,
  };
  if (finding?.outcome !== undefined) fields.outcome = finding.outcome;
  if (finding?.reason !== undefined) fields.reason = finding.reason;
  if (severity !== undefined) fields.severity = severity;
  return fields;
}

/** What a program's own words say. */
function addFinding(event: Draft, finding: Finding): void {
  const { group, groupId, command, directory, file, facts } = finding;
  const source = endpointOfPeer(finding.from, finding.fromPort);
  const destination = endpointOfPeer(finding.to, finding.toPort);
  const user = userFields(finding);
  if (command !== undefined) event.process!.command_line = command;
  if (directory !== undefined) event.process!.working_directory = directory;
  if (user !== undefined) event.user = user;
  if (group !== undefined || groupId !== undefined) {
    event.group = {};
    if (group !== undefined) event.group.name = group;
    if (groupId !== undefined) event.group.id = groupId;
  }
  if (source !== undefined) event.source = source;
  if (destination !== undefined) event.destination = destination;
  if (file !== undefined) event.file = { path: file };
  const users = present(finding.user, finding.target, finding.effective);
  if (users !== undefined) event.related!.user = users;
  const addresses = present(source?.ip, destination?.ip);
  if (addresses !== undefined) event.related!.ip = addresses;
  if (facts !== undefined) event.vigia!['linux'] = facts;
}
