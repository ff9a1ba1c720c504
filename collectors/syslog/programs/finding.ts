/** What a program's message says, in ECS words; `linux-syslog.ts` builds the event from it. */

export interface Finding {
  /** `event.action`: what happened, the same word for every way to log it. */
  action: string;
  category: readonly string[];
  type: readonly string[];
  outcome?: 'success' | 'failure' | 'unknown';
  reason?: string;
  /** Service of the Sigma log source, where it is not the program's own. */
  service?: string;
  /** Who acts. */
  user?: string;
  userId?: string;
  /** On whom or as whom. */
  target?: string;
  targetId?: string;
  effective?: string;
  group?: string;
  groupId?: string;
  /** Address or name of the other side. */
  from?: string;
  fromPort?: string;
  to?: string;
  toPort?: string;
  command?: string;
  directory?: string;
  file?: string;
  /** Facts for which ECS has no field; they go under `vigia.linux`. */
  facts?: Record<string, string | number | boolean>;
}

/** One shape of message: named groups of the pattern are fields of the finding unless `build` says otherwise. */
export interface Shape {
  pattern: RegExp;
  finding: Omit<Finding, 'facts'>;
  facts?: readonly string[];
}

const FIELDS = [
  ...([
    'user',
    'userId',
    'target',
    'targetId',
    'effective',
    'group',
    'groupId',
    'from',
    'fromPort',
    'to',
    'toPort',
  ] as const),
  ...(['command', 'directory', 'file', 'reason'] as const),
];

/** The first shape that fits; named groups listed in `facts` become facts. */
export function firstShape(shapes: readonly Shape[], text: string): Finding | undefined {
  for (const shape of shapes) {
    const groups = shape.pattern.exec(text)?.groups;
    if (groups === undefined && !shape.pattern.test(text)) continue;
    const finding: Finding = { ...shape.finding };
    for (const name of FIELDS) {
      const value = groups?.[name];
      if (value !== undefined && value !== '') finding[name] = value;
    }
    for (const name of shape.facts ?? []) {
      const value = groups?.[name];
      if (value !== undefined && value !== '') finding.facts = { ...finding.facts, [name]: value };
    }
    return finding;
  }
  return undefined;
}
