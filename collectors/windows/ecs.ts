/** ECS fields of Windows records: what each well-known event id means, and who and what it names. Pure. */
import type { Draft, Winlog } from '../../core/event.ts';

export type Channel = 'security' | 'system' | 'application' | 'sysmon' | 'powershell' | 'other';

const CHANNELS: Readonly<Record<string, Channel>> = {
  security: 'security',
  system: 'system',
  application: 'application',
  'microsoft-windows-sysmon/operational': 'sysmon',
  'microsoft-windows-powershell/operational': 'powershell',
  'powershellcore/operational': 'powershell',
  'windows powershell': 'powershell',
};
export const channelName = (channel: string | undefined): Channel =>
  CHANNELS[(channel ?? '').toLowerCase()] ?? 'other';

interface Meaning {
  action: string;
  category: string[];
  type: string[];
  outcome?: 'success' | 'failure';
}

/** Source: Microsoft's reference of security audit events, and Sysmon's of its event ids. */
const SECURITY: Readonly<Record<string, Meaning>> = {
  '4624': { action: 'logged-in', category: ['authentication'], type: ['start'], outcome: 'success' },
  '4625': { action: 'logon-failed', category: ['authentication'], type: ['start'], outcome: 'failure' },
  '4634': { action: 'logged-out', category: ['authentication'], type: ['end'], outcome: 'success' },
  '4648': { action: 'logged-in-explicit', category: ['authentication'], type: ['start'], outcome: 'success' },
  '4672': { action: 'logged-in-special', category: ['iam'], type: ['admin'], outcome: 'success' },
  '4688': { action: 'created-process', category: ['process'], type: ['start'] },
  '4697': { action: 'service-installed', category: ['configuration'], type: ['creation'] },
  '4720': { action: 'added-user-account', category: ['iam'], type: ['user', 'creation'], outcome: 'success' },
  '4722': { action: 'enabled-user-account', category: ['iam'], type: ['user', 'change'], outcome: 'success' },
  '4723': { action: 'changed-password', category: ['iam'], type: ['user', 'change'] },
  '4724': { action: 'reset-password', category: ['iam'], type: ['user', 'change'] },
  '4725': {
    action: 'disabled-user-account',
    category: ['iam'],
    type: ['user', 'change'],
    outcome: 'success',
  },
  '4726': {
    action: 'deleted-user-account',
    category: ['iam'],
    type: ['user', 'deletion'],
    outcome: 'success',
  },
  '4728': {
    action: 'added-member-to-group',
    category: ['iam'],
    type: ['group', 'change'],
    outcome: 'success',
  },
  '4729': {
    action: 'removed-member-from-group',
    category: ['iam'],
    type: ['group', 'change'],
    outcome: 'success',
  },
  '4732': {
    action: 'added-member-to-group',
    category: ['iam'],
    type: ['group', 'change'],
    outcome: 'success',
  },
  '4738': {
    action: 'modified-user-account',
    category: ['iam'],
    type: ['user', 'change'],
    outcome: 'success',
  },
  '4740': {
    action: 'locked-out-user-account',
    category: ['iam'],
    type: ['user', 'change'],
    outcome: 'success',
  },
  '4756': {
    action: 'added-member-to-group',
    category: ['iam'],
    type: ['group', 'change'],
    outcome: 'success',
  },
  '4768': {
    action: 'kerberos-authentication-ticket-requested',
    category: ['authentication'],
    type: ['start'],
  },
  '4769': { action: 'kerberos-service-ticket-requested', category: ['authentication'], type: ['start'] },
  '4771': {
    action: 'kerberos-preauth-failed',
    category: ['authentication'],
    type: ['start'],
    outcome: 'failure',
  },
  '1102': {
    action: 'audit-log-cleared',
    category: ['configuration'],
    type: ['deletion'],
    outcome: 'success',
  },
};
const SYSMON: Readonly<Record<string, Meaning>> = {
  '1': { action: 'process-created', category: ['process'], type: ['start'] },
  '3': { action: 'network-connection', category: ['network'], type: ['connection', 'start'] },
  '5': { action: 'process-terminated', category: ['process'], type: ['end'] },
  '11': { action: 'file-created', category: ['file'], type: ['creation'] },
  '12': { action: 'registry-key-changed', category: ['registry'], type: ['change'] },
  '13': { action: 'registry-value-set', category: ['registry'], type: ['change'] },
  '22': { action: 'dns-query', category: ['network'], type: ['protocol', 'info'] },
};

/** Data that Windows writes for "nothing". */
const EMPTY = new Set(['', '-', '::', '0.0.0.0', 'S-1-0-0']);

export function ecsOf(
  winlog: Winlog,
  channel: Channel,
): Omit<Draft, '@timestamp' | 'message' | 'log' | 'winlog'> {
  const data = (name: string): string | undefined => {
    const value = winlog.event_data?.[name];
    const text = Array.isArray(value) ? value[0] : value;
    return text === undefined || EMPTY.has(text) ? undefined : text;
  };
  const code = winlog.event_id;
  const meaning =
    code === undefined
      ? undefined
      : channel === 'security'
        ? SECURITY[code]
        : channel === 'sysmon'
          ? SYSMON[code]
          : undefined;
  const audited = (winlog['keywords'] as string[] | undefined) ?? [];
  const outcome =
    meaning?.outcome ??
    (audited.includes('Audit Failure')
      ? 'failure'
      : audited.includes('Audit Success')
        ? 'success'
        : undefined);
  const subject = person(data('SubjectUserName'), data('SubjectDomainName'), data('SubjectUserSid'));
  const target = person(
    data('TargetUserName'),
    data('TargetDomainName'),
    data('TargetUserSid') ?? data('TargetSid'),
  );
  const login = meaning?.category[0] === 'authentication';
  const user = login ? (target ?? subject) : (subject ?? sysmonUser(data('User')));
  const address = (data('IpAddress') ?? data('SourceIp'))?.replace(/^::ffff:/i, '');
  const port = Number(data('IpPort') ?? data('SourcePort'));
  const image = data('Image') ?? data('NewProcessName');
  const commandLine = data('CommandLine') ?? data('ProcessCommandLine');
  const group = code && ['4728', '4729', '4732', '4756'].includes(code) ? target : undefined;
  const users = [user?.name, target && !group ? target.name : undefined].filter((name) => name !== undefined);
  return {
    event: {
      dataset: `windows.${channel}`,
      module: 'windows',
      kind: 'event',
      ...(winlog.provider_name ? { provider: winlog.provider_name } : {}),
      ...(code ? { code } : {}),
      ...(meaning ? { action: meaning.action, category: meaning.category, type: meaning.type } : {}),
      ...(outcome ? { outcome } : {}),
    },
    ...(winlog.computer_name ? { host: { name: winlog.computer_name } } : {}),
    ...(user || (target && !group)
      ? { user: { ...user, ...(target && !login && !group ? { target } : {}) } }
      : {}),
    ...(group ? { group } : {}),
    ...(address && isAddress(address) ? { source: { ip: address, ...(port > 0 ? { port } : {}) } } : {}),
    ...(image || commandLine
      ? {
          process: {
            ...(image ? { executable: image, name: image.slice(image.lastIndexOf('\\') + 1) } : {}),
            ...(commandLine ? { command_line: commandLine } : {}),
          },
        }
      : {}),
    related: {
      ...(users.length > 0 ? { user: [...new Set(users)] } : {}),
      ...(address && isAddress(address) ? { ip: [address] } : {}),
      ...(winlog.computer_name ? { hosts: [winlog.computer_name] } : {}),
    },
    vigia: { logsource: { product: 'windows' } },
  };
}

const isAddress = (text: string) => /^[0-9a-f:.]+$/i.test(text) && /[.:]/.test(text);

interface Person {
  name?: string;
  domain?: string;
  id?: string;
}

function person(
  name: string | undefined,
  domain: string | undefined,
  id: string | undefined,
): Person | undefined {
  if (name === undefined && id === undefined) return undefined;
  return { ...(name ? { name } : {}), ...(domain ? { domain } : {}), ...(id ? { id } : {}) };
}

/** Sysmon writes `DOMAIN\name`. */
function sysmonUser(text: string | undefined): Person | undefined {
  if (text === undefined) return undefined;
  const at = text.lastIndexOf('\\');
  return at < 0 ? { name: text } : { domain: text.slice(0, at), name: text.slice(at + 1) };
}
