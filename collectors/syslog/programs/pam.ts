/** Messages of PAM modules, whatever program runs them: `pam_unix(sshd:auth): authentication failure; …`. */
import { type Finding, firstShape, type Shape } from './finding.ts';

const shapes: readonly Shape[] = [
  {
    pattern:
      /^session opened for user (?<target>[^\s(]+)(?:\(uid=(?<targetId>\d+)\))?(?: by (?<user>[^\s(]*)(?:\(uid=(?<userId>\d+)\))?)?/,
    finding: { action: 'session-opened', category: ['session'], type: ['start'], outcome: 'success' },
  },
  {
    pattern: /^session closed for user (?<target>\S+)/,
    finding: { action: 'session-closed', category: ['session'], type: ['end'] },
  },
  {
    pattern: /^password changed for (?<target>\S+)/,
    finding: { action: 'password-changed', category: ['iam'], type: ['user', 'change'], outcome: 'success' },
  },
  {
    pattern:
      /^(?:Consecutive login failures for user |user )(?<target>\S+) (?:account )?(?:temporarily )?(?:locked|\(\d+\) tally)/,
    finding: {
      action: 'account-locked-out',
      category: ['authentication'],
      type: ['info'],
      outcome: 'failure',
    },
  },
  {
    pattern: /^account (?<target>\S+) has (?<reason>expired.*)$/s,
    finding: { action: 'account-expired', category: ['authentication'], type: ['info'], outcome: 'failure' },
  },
];

/** `logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.1  user=root`: the account may be missing when it is unknown. */
function failure(text: string): Finding {
  const value = (name: string) => new RegExp(String.raw`(?:^|\s)${name}=(\S+)`).exec(text)?.[1];
  const finding: Finding = {
    action: 'pam-login',
    category: ['authentication'],
    type: ['info'],
    outcome: 'failure',
  };
  const [user, target, from, tty] = [value('ruser'), value('user'), value('rhost'), value('tty')];
  if (user !== undefined) finding.user = user;
  if (target !== undefined) finding.target = target;
  if (from !== undefined) finding.from = from;
  if (tty !== undefined) finding.facts = { tty };
  return finding;
}

/** What a PAM module says, or undefined when the text is not of a PAM module. */
export function pam(text: string): Finding | undefined {
  const found = /^(pam_\w+)\(([^:()]{1,64}):(\w{1,32})\): /.exec(text);
  if (found === null) return undefined;
  const [head, module, service, stage] = found;
  const rest = text.slice(head.length);
  const facts = { pamModule: module!, pamService: service!, pamStage: stage! };
  const more = /^(?:authentication failure|\d+ more authentication failures?);/.test(rest)
    ? failure(rest)
    : firstShape(shapes, rest);
  const finding: Finding = more ?? { action: 'pam-message', category: ['authentication'], type: ['info'] };
  return { ...finding, facts: { ...finding.facts, ...facts } };
}
