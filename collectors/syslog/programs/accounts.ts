/** The shadow suite (useradd, usermod, userdel, groupadd, gpasswd, passwd, chage …): changes to accounts and groups. */
import { type Finding, firstShape, type Shape } from './finding.ts';

const iam = { category: ['iam'], outcome: 'success' } as const;
const change = { ...iam, type: ['user', 'change'] } as const;
const membership = { ...iam, type: ['group', 'change'] } as const;

const shapes: readonly Shape[] = [
  {
    pattern:
      /^new user: name=(?<target>[^,]+), UID=(?<targetId>\d+), GID=(?<groupId>\d+)(?:, home=(?<home>[^,]*))?(?:, shell=(?<shell>[^,]*))?/,
    finding: { ...iam, action: 'user-created', type: ['user', 'creation'] },
    facts: ['home', 'shell'],
  },
  {
    pattern: /^new group: name=(?<group>[^,]+), GID=(?<groupId>\d+)/,
    finding: { ...iam, action: 'group-created', type: ['group', 'creation'] },
  },
  {
    pattern: /^add '(?<target>[^']+)' to (?<shadow>shadow )?group '(?<group>[^']+)'/,
    finding: { ...membership, action: 'group-member-added' },
    facts: ['shadow'],
  },
  {
    pattern: /^user (?<target>\S+) added by (?<user>\S+) to group (?<group>\S+)/,
    finding: { ...membership, action: 'group-member-added' },
  },
  {
    pattern: /^members of group (?<group>\S+) set by (?<user>\S+) to (?<members>.*)$/s,
    finding: { ...membership, action: 'group-member-added' },
    facts: ['members'],
  },
  {
    pattern: /^delete '(?<target>[^']+)' from (?<shadow>shadow )?group '(?<group>[^']+)'/,
    finding: { ...membership, action: 'group-member-removed' },
    facts: ['shadow'],
  },
  {
    pattern: /^user (?<target>\S+) removed by (?<user>\S+) from group (?<group>\S+)/,
    finding: { ...membership, action: 'group-member-removed' },
  },
  {
    pattern: /^delete user '(?<target>[^']+)'/,
    finding: { ...iam, action: 'user-deleted', type: ['user', 'deletion'] },
  },
  {
    pattern: /^(?:group '(?<group>[^']+)' removed$|removed (?:shadow )?group '[^']+')/,
    finding: { ...iam, action: 'group-deleted', type: ['group', 'deletion'] },
  },
  { pattern: /^lock user '(?<target>[^']+)'/, finding: { ...change, action: 'user-locked' } },
  { pattern: /^unlock user '(?<target>[^']+)'/, finding: { ...change, action: 'user-unlocked' } },
  {
    pattern: /^change user '(?<target>[^']+)' UID from '(?<oldId>\d+)' to '(?<targetId>\d+)'/,
    finding: { ...change, action: 'user-id-changed' },
    facts: ['oldId'],
  },
  {
    pattern: /^change user '(?<target>[^']+)' (?<reason>.*)$/s,
    finding: { ...change, action: 'user-changed' },
  },
  {
    pattern: /^changed? user '(?<target>[^']+)' shell to (?<reason>.*)$/s,
    finding: { ...change, action: 'user-changed' },
  },
  {
    pattern: /^change user name '(?<old>[^']+)' to '(?<target>[^']+)'/,
    finding: { ...change, action: 'user-renamed' },
    facts: ['old'],
  },
  {
    pattern: /^password for '(?<target>[^']+)' changed by '(?<user>[^']+)'/,
    finding: { ...change, action: 'password-changed' },
  },
  { pattern: /^changed password expiry for (?<target>\S+)/, finding: { ...change, action: 'user-changed' } },
  {
    pattern: /^failed adding user '(?<target>[^']+)'(?:, (?<reason>.*))?$/s,
    finding: { category: ['iam'], type: ['user', 'creation'], action: 'user-created', outcome: 'failure' },
  },
];

export function accounts(text: string): Finding | undefined {
  const finding = firstShape(shapes, text);
  if (finding?.facts?.['shadow'] !== undefined) finding.facts = { ...finding.facts, shadow: true };
  return finding;
}
