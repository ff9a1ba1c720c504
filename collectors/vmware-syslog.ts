/**
 * Syslog of vCenter and ESXi becomes ECS events: events of vCenter, logins, the host's shell, audit events of the host. The formats
 * are cited in `vmware/finding.ts`. Samples follow these documents: not exercised against a live server.
 *
 * | VMware writes | Event |
 * | --- | --- |
 * | vpxd `Event […] [vim.event.PermissionAddedEvent] …` | dataset vmware.vcenter, `event.action` PermissionAddedEvent |
 * | vobd `[esx.audit.ssh.enabled] …` | dataset vmware.esxi, `event.action` esx.audit.ssh.enabled |
 * | hostd, shell, sshd | `event.action` host-login, shell-command, ssh-login |
 */
import type { Draft } from '../core/event.ts';
import { isoOf } from '../core/iso-time.ts';
import { maskSecrets } from '../core/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { draftOf } from './ecs/draft.ts';
import { endpoint } from './ecs/endpoint.ts';
import { parseSyslog, SEVERITIES, type SyslogMessage, withoutLineEnd } from './syslog/message.ts';
import { vmwareFinding } from './vmware/finding.ts';

const utf8 = new TextDecoder('utf-8');
/** Programs of the appliance; everything else is a host. */
const VCENTER =
  /^(?:vpxd|vpxd-svcs|sso\w*|vmdird|vmafdd?|ui-main|vsphere-ui|applmgmt\w*|eam|vpostgres|rhttpproxy-vcsa)$/i;

/** `EXAMPLE\ana` and `ana@example.test` are who they are; the domain is told apart. */
function personOf(text: string | undefined): { name?: string; domain?: string } {
  const [, domain, name] = /^([^\\]{1,64})\\(.+)$/.exec(text ?? '') ?? [];
  return name === undefined ? { ...(text ? { name: text } : {}) } : { name, domain: domain! };
}

function toEvent(message: SyslogMessage, original: string, context: NormaliseContext): Draft {
  const program = message.program ?? 'unknown';
  const finding = vmwareFinding(program, message.facility, message.text);
  const isVcenter = VCENTER.test(program) || finding?.facts?.['event_type'] !== undefined;
  const host = message.host ?? context.host;
  const clock = message.time?.assumed ?? [];
  return draftOf({
    '@timestamp': message.time === undefined ? undefined : isoOf(message.time.ms),
    event: {
      kind: 'event',
      module: 'vmware',
      dataset: isVcenter ? 'vmware.vcenter' : 'vmware.esxi',
      provider: program,
      category: [...(finding?.category ?? ['host'])],
      type: [...(finding?.type ?? ['info'])],
      action: finding?.action ?? 'message',
      outcome: finding?.outcome,
      reason: finding?.reason,
      severity: message.severity,
      original,
    },
    message: finding?.text ?? message.text,
    service: { type: 'vmware' },
    host: { name: host, hostname: host },
    log: {
      level: finding?.level ?? (message.severity === undefined ? undefined : SEVERITIES[message.severity]),
      syslog: { appname: message.program, msgid: message.msgid },
    },
    process: { name: program, pid: message.pid, command_line: finding?.command },
    user: personOf(finding?.user),
    source: endpoint(finding?.from, finding?.fromPort),
    vigia: {
      logsource: { product: 'vmware', category: 'application', service: isVcenter ? 'vcenter' : 'esxi' },
      ...(clock.length > 0 ? { clock } : {}),
      vmware: finding?.facts ?? {},
    },
  });
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const line = maskSecrets(withoutLineEnd(utf8.decode(raw)));
  const message = parseSyslog(line, context);
  if (typeof message === 'string') return reject(message);
  return { event: toEvent(message, line, context) };
}

export const vmwareSyslog = collector({
  id: 'vmware-syslog',
  title: 'VMware vCenter and ESXi',
  summary:
    'What vCenter and ESXi send by syslog, received or in a file: events of vCenter (switch their streaming on: vpxd.event.syslog.enabled), ' +
    'logins, commands of the host’s shell, audit events of the host. Written after VMware’s documentation; not exercised against a live server.',
  guarantee:
    'Files: nothing lost, nothing doubled. Received: what arrived is spooled; a host sends by UDP or TCP without acknowledgement, and drops ' +
    'what it cannot send. A long event of vCenter comes in parts, each an event of its own (vigia.vmware.part).',
  datasets: ['vmware.vcenter', 'vmware.esxi'],
  framing: { kind: 'lines' },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskSecrets(utf8.decode(raw))),
});
