/** OpenSSH server messages: logins, refused logins, sessions, broken handshakes. */
import { type Finding, firstShape, type Shape } from './finding.ts';

const login = { action: 'ssh-login', category: ['authentication'], type: ['start'] } as const;
const refused = { ...login, outcome: 'failure' } as const;
const connection = { category: ['network'], type: ['connection', 'info'] } as const;
const session = { category: ['session'] } as const;

/** User names come from the client and may hold blanks and ` from `: the last ` from ` is sshd's own. */
const shapes: readonly Shape[] = [
  {
    pattern:
      /^Accepted (?<method>\S+) for (?<user>.*) from (?<from>\S+) port (?<fromPort>\d+)(?: ssh2)?(?:: (?<key>.*))?$/s,
    finding: { ...login, outcome: 'success' },
    facts: ['method', 'key'],
  },
  {
    pattern:
      /^Failed (?<method>\S+) for (?<unknownUser>invalid user )?(?<user>.*) from (?<from>\S+) port (?<fromPort>\d+)(?: ssh2)?(?:: .*)?$/s,
    finding: refused,
    facts: ['method', 'unknownUser'],
  },
  {
    pattern: /^Invalid user (?<user>.*) from (?<from>\S+)(?: port (?<fromPort>\d+))?$/s,
    finding: { action: 'ssh-unknown-user', category: ['authentication'], type: ['info'], outcome: 'failure' },
  },
  {
    pattern:
      /^(?:error: )?maximum authentication attempts exceeded for (?:invalid user )?(?<user>.*) from (?<from>\S+) port (?<fromPort>\d+)/s,
    finding: {
      action: 'ssh-attempts-exceeded',
      category: ['authentication'],
      type: ['info'],
      outcome: 'failure',
    },
  },
  { pattern: /^User (?<user>.*) from (?<from>\S+) not allowed because (?<reason>.*)$/s, finding: refused },
  {
    pattern: /^ROOT LOGIN REFUSED FROM (?<from>\S+)(?: port (?<fromPort>\d+))?/,
    finding: { ...refused, user: 'root' },
  },
  {
    pattern:
      /^Starting session: (?<kind>.*) for (?<user>.*) from (?<from>\S+) port (?<fromPort>\d+)(?: id \d+)?$/s,
    finding: { ...session, action: 'ssh-session-started', type: ['start'], outcome: 'success' },
    facts: ['kind'],
  },
  {
    pattern:
      /^(?:Close session: user|Disconnected from user) (?<user>.*?)(?: from)? (?<from>\S+) port (?<fromPort>\d+)(?: id \d+)?$/s,
    finding: { ...session, action: 'ssh-session-ended', type: ['end'] },
  },
  {
    pattern:
      /^(?:Connection (?:closed|reset) by|Disconnected from) (?:(?:authenticating|invalid) user (?<user>.*) )?(?<from>[0-9A-Fa-f.:%\w-]+) port (?<fromPort>\d+)/s,
    finding: { ...connection, action: 'ssh-connection-closed' },
  },
  {
    pattern: /^Connection from (?<from>\S+) port (?<fromPort>\d+) on (?<to>\S+) port (?<toPort>\d+)/,
    finding: { action: 'ssh-connection', category: ['network'], type: ['connection', 'start'] },
  },
  {
    pattern: /^Received disconnect from (?<from>\S+?) port (?<fromPort>\d+):(?<reason>.*)$/s,
    finding: { ...connection, action: 'ssh-connection-closed' },
  },
  {
    pattern:
      /^Postponed (?<method>\S+) for (?:invalid user )?(?<user>.*) from (?<from>\S+) port (?<fromPort>\d+)/s,
    finding: { action: 'ssh-login-continued', category: ['authentication'], type: ['info'] },
    facts: ['method'],
  },
  {
    pattern:
      /^(?:Unable to negotiate with|banner exchange: Connection from|Bad packet length .* from) (?<from>\S+) port (?<fromPort>\d+): (?<reason>.*)$/s,
    finding: { ...connection, action: 'ssh-protocol-error', outcome: 'failure' },
  },
  {
    pattern:
      /^(?:Did not receive identification string from|Bad protocol version identification .* from) (?<from>\S+)(?: port (?<fromPort>\d+))?$/s,
    finding: { ...connection, action: 'ssh-protocol-error', outcome: 'failure' },
  },
  {
    pattern: /^error: kex_exchange_identification: (?<reason>.*)$/s,
    finding: { ...connection, action: 'ssh-protocol-error', outcome: 'failure' },
  },
  {
    pattern: /^Accepted key (?<key>\S+ \S+) found at (?<file>.*):\d+$/s,
    finding: { action: 'ssh-key-found', category: ['authentication'], type: ['info'] },
    facts: ['key'],
  },
  {
    pattern: /^Server listening on (?<to>\S+) port (?<toPort>\d+)/,
    finding: { action: 'ssh-server-started', category: ['process'], type: ['start'] },
  },
  {
    pattern: /^Received signal (?<reason>\d+)/,
    finding: { action: 'ssh-server-stopped', category: ['process'], type: ['end'] },
  },
];

/** What sshd says, or undefined. ` [preauth]` only says which of sshd's processes wrote the line. */
export function sshd(text: string): Finding | undefined {
  const finding = firstShape(shapes, text.replace(/ \[preauth\]$/, ''));
  if (finding?.facts?.['unknownUser'] !== undefined) finding.facts = { ...finding.facts, unknownUser: true };
  return finding;
}
