/**
 * What a message of vCenter or ESXi says. Sources of the formats: VMware vSphere documentation, "vCenter Server Event Streaming to a
 * Remote Syslog Server" (`Event [id] [part] [time] [type] [severity] [user] [target] [chain] [text]`), "ESXi Log Files"
 * (hostd, shell, vobd), and the list of ESXi audit events (`esx.audit.…`).
 */
import { type Finding, firstShape, type Shape } from '../syslog/programs/finding.ts';
import { readMessage } from '../syslog/programs/index.ts';

export interface VmwareFinding extends Omit<Finding, 'facts'> {
  facts?: Record<string, unknown>;
  /** `info`, `warning`, `error`, `user` of vCenter. */
  level?: string;
  text?: string;
}

const EVENT =
  /^Event \[(?<id>\d{1,20})\] \[(?<part>\d{1,4}-\d{1,4})\] \[(?<at>[^\]]{1,40})\] \[(?<type>[\w.:]{1,160})\] \[(?<level>[a-z]{0,20})\] \[(?<user>[^\]]{0,255})\] \[(?<target>[^\]]{0,255})\] \[(?<chain>\d{0,20})\] \[(?<text>[\s\S]*?)\]?$/;

/** Event types of the vSphere API whose name does not say enough. */
const MEANINGS: readonly [RegExp, Pick<Finding, 'category' | 'type'> & Partial<Finding>][] = [
  [/^UserLoginSessionEvent$/, { category: ['authentication'], type: ['start'], outcome: 'success' }],
  [/^UserLogoutSessionEvent$/, { category: ['authentication'], type: ['end'], outcome: 'success' }],
  [
    /^(?:BadUsernameSessionEvent|NoAccessUserEvent|.*LoginFail\w*|InvalidLogin\w*)$/,
    { category: ['authentication'], type: ['start'], outcome: 'failure' },
  ],
  [
    /^(?:Permission|Role|Account|.*Principal)\w*(?:Added|Created)\w*$/,
    { category: ['iam'], type: ['user', 'creation'] },
  ],
  [
    /^(?:Permission|Role|Account|.*Principal)\w*Removed\w*$/,
    { category: ['iam'], type: ['user', 'deletion'] },
  ],
  [/^(?:Permission|Role|Account|.*Principal)\w*$/, { category: ['iam'], type: ['user', 'change'] }],
  [/(?:Removed|Deleted|Destroyed)Event$/, { category: ['configuration'], type: ['deletion'] }],
  [/(?:Created|Cloned|Deployed|Registered|Added)Event$/, { category: ['configuration'], type: ['creation'] }],
];

const LOGIN = /^User (?<user>\S{1,255})@(?<from>[0-9A-Fa-f:.]{2,45}) logged in/;
const FAILED = /^Cannot log ?in (?<user>\S{1,255})@(?<from>[0-9A-Fa-f:.]{2,45})/;

function vcenterEvent(text: string): VmwareFinding | undefined {
  const groups = EVENT.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const action = groups['type']!.replace(/^(?:vim\.event|com\.vmware\.\w+)\./, '');
  const meaning = MEANINGS.find(([pattern]) => pattern.test(action))?.[1];
  const peer = (LOGIN.exec(groups['text']!) ?? FAILED.exec(groups['text']!))?.groups;
  const user = groups['user'] || peer?.['user'];
  return {
    category: ['configuration'],
    type: ['change'],
    ...meaning,
    action,
    ...(user ? { user } : {}),
    ...(peer === undefined ? {} : { from: peer['from']! }),
    ...(groups['level'] ? { level: groups['level'] } : {}),
    text: groups['text']!,
    facts: {
      event_type: groups['type'],
      event_id: groups['id'],
      chain_id: groups['chain'],
      target: groups['target'],
      // Long events come in parts; only the first is whole where this is 1-1.
      part: groups['part'],
    },
  };
}

/** `[esx.audit.ssh.enabled] SSH access has been enabled.`, from vobd. */
const ESX_EVENT = /(?:^|\s)\[?(?<id>(?:esx|vob)\.[a-z][\w.]{3,120})\]?[:\s](?<text>.*)$/s;

function hostEvent(text: string): VmwareFinding | undefined {
  const groups = ESX_EVENT.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const id = groups['id']!;
  const isLogin = /^esx\.audit\.(?:ssh\.session|account\.login)/.test(id);
  return {
    action: id,
    category: isLogin ? ['session'] : ['configuration'],
    type: isLogin ? [/closed/.test(id) ? 'end' : 'start'] : ['change'],
    ...(/fail/.test(id) ? { outcome: 'failure' as const } : {}),
    text: groups['text']!.trim(),
  };
}

const HOSTD: readonly Shape[] = [
  {
    pattern:
      /Event \d{1,10} : User (?<user>\S{1,255})@(?<from>[0-9A-Fa-f:.]{2,45}) logged in as (?<client>.{0,200})/,
    finding: { action: 'host-login', category: ['authentication'], type: ['start'], outcome: 'success' },
    facts: ['client'],
  },
  {
    pattern: /Event \d{1,10} : Cannot login (?<user>\S{1,255})@(?<from>[0-9A-Fa-f:.]{2,45})/,
    finding: { action: 'host-login', category: ['authentication'], type: ['start'], outcome: 'failure' },
  },
  {
    pattern: /Accepted password for user (?<user>\S{1,255}) from (?<from>[0-9A-Fa-f:.]{2,45})/,
    finding: { action: 'host-login', category: ['authentication'], type: ['start'], outcome: 'success' },
  },
  {
    pattern: /Rejected password for user (?<user>\S{1,255}) from (?<from>[0-9A-Fa-f:.]{2,45})/,
    finding: { action: 'host-login', category: ['authentication'], type: ['start'], outcome: 'failure' },
  },
];
/** The shell of the host writes every command: `[root]: esxcli system syslog config get`. */
const SHELL: readonly Shape[] = [
  {
    pattern: /^\[(?<user>[^\]]{1,64})\]: (?<command>[\s\S]+)$/,
    finding: { action: 'shell-command', category: ['process'], type: ['start'] },
  },
];

/** What the message says, if anybody here knows. */
export function vmwareFinding(
  program: string,
  facility: number | undefined,
  text: string,
): VmwareFinding | undefined {
  const name = program.toLowerCase();
  if (name === 'shell') return firstShape(SHELL, text);
  return (
    vcenterEvent(text) ??
    hostEvent(text) ??
    firstShape(HOSTD, text) ??
    (name === 'sshd' || name === 'sudo' ? readMessage(name, facility, text).finding : undefined)
  );
}
