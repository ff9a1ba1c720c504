/** sudo and su: who became whom, to run what, and who was refused. */
import { type Finding, firstShape, type Shape } from './finding.ts';

const FIELD = /^(TTY|PWD|USER|GROUP|TSID|ENV|CWD|HOST|CHROOT)=(.*)$/s;

/** `alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/id`; a refusal comes as the first part. */
export function sudo(text: string): Finding | undefined {
  const found = /^\s*(\S{1,128}) : (.*)$/s.exec(text);
  if (found === null) return undefined;
  const [, user, rest] = found as unknown as [string, string, string];
  const finding: Finding = {
    action: 'sudo-command',
    category: ['process'],
    type: ['start'],
    outcome: 'success',
    user,
  };
  if (rest.startsWith('(command continued) '))
    return { ...finding, action: 'sudo-command-continued', command: rest.slice(20) };

  const at = rest.search(/(?:^|; )COMMAND=/);
  const head = at < 0 ? rest : rest.slice(0, at);
  if (at >= 0) finding.command = rest.slice(rest.indexOf('COMMAND=', at) + 8);
  const facts: Record<string, string> = {};
  for (const part of head.split(' ; ')) {
    const [, name, value] = FIELD.exec(part.trim()) ?? [];
    if (name === 'USER') finding.effective = value!;
    else if (name === 'PWD' || name === 'CWD') finding.directory = value!;
    else if (name !== undefined) facts[name.toLowerCase()] = value!;
    else if (part.trim() !== '') finding.reason = part.trim();
  }
  if (Object.keys(facts).length > 0) finding.facts = facts;
  if (finding.reason === undefined) return finding.command === undefined ? undefined : finding;
  return {
    ...finding,
    action: 'sudo-refused',
    category: ['authentication'],
    type: ['info'],
    outcome: 'failure',
  };
}

const became = { action: 'su', category: ['authentication'], type: ['start'] } as const;
const suShapes: readonly Shape[] = [
  { pattern: /^\(to (?<effective>.+)\) (?<user>\S+) on /, finding: { ...became, outcome: 'success' } },
  {
    pattern: /^FAILED SU \(to (?<effective>.+)\) (?<user>\S+) on /,
    finding: { ...became, outcome: 'failure' },
  },
  {
    pattern: /^Successful su for (?<effective>\S+) by (?<user>\S+)/i,
    finding: { ...became, outcome: 'success' },
  },
  {
    pattern: /^FAILED su for (?<effective>\S+) by (?<user>\S+)/i,
    finding: { ...became, outcome: 'failure' },
  },
  { pattern: /^\+ \S+ (?<user>[^\s:]+):(?<effective>\S+)$/, finding: { ...became, outcome: 'success' } },
  { pattern: /^- \S+ (?<user>[^\s:]+):(?<effective>\S+)$/, finding: { ...became, outcome: 'failure' } },
];

export const su = (text: string): Finding | undefined => firstShape(suShapes, text);
