/** The shape of a case file, and how a base event with a few changes becomes the events of a case. */
import type { Deed, Grant } from '../core/documents.ts';
import type { Event } from '../core/event.ts';
import { hashId } from '../core/ids.ts';
import type { LogSource } from './engine/rule.ts';

interface Changes {
  change?: Record<string, unknown>;
  remove?: string[];
}

type Step = Changes & { repeat?: number; every?: string };

export interface RuleCase extends Changes {
  name: string;
  expect: 'match' | 'miss' | 'alert' | 'none';
  /** Id or name, where the file holds several rules. */
  rule?: string;
  /** Indicators by list: what a rule with `indicators` looks for. */
  lists?: Record<string, string[]>;
  /** Grants of privileged access; from the beginning of time to its end where they do not say. */
  grants?: (Pick<Grant, 'who' | 'system'> &
    Partial<Pick<Grant, 'role' | 'from' | 'to' | 'revoked' | 'also' | 'whoAlso'>>)[];
  /** What Vigia itself did; at any time where they do not say. */
  deeds?: (Pick<Deed, 'by' | 'system' | 'shows'> & Partial<Pick<Deed, 'also' | 'from' | 'to'>>)[];
  /** What was there before; only rules that remember have any use for it. */
  before?: Step[];
  events?: Step[];
  /** The case is judged so long after its last event. */
  after?: string;
}

export interface CaseFile {
  /** One ECS event, nested or with dotted keys. */
  base: Record<string, unknown>;
  rule?: string;
  cases: RuleCase[];
  /** Mutants (`vigia rules test --mutate`) that mean the same as the rule: no event could tell them apart. */
  equivalent?: { mutant: string; because: string }[];
}

const changes = {
  change: {
    type: 'object',
    description: 'Fields to set, by dotted name; {n} in a text is the number of the repeat.',
  },
  remove: { type: 'array', items: { type: 'string' }, description: 'Fields to take away, by dotted name.' },
};
const rule = { type: 'string', description: 'Id or name of the rule, where the file beside holds several.' };

const text = { type: 'string', minLength: 1 };
const names = { type: 'array', items: text };
const time = { type: 'string', format: 'date-time' };
const span = { type: 'string', pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$' };
const steps = {
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    additionalProperties: false,
    properties: {
      repeat: { type: 'integer', minimum: 1, maximum: 100_000 },
      every: span,
      ...changes,
    },
  },
};

export const caseSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['base', 'cases'],
  properties: {
    base: { type: 'object', description: 'One event; every case changes a few of its fields.' },
    rule,
    equivalent: {
      type: 'array',
      minItems: 1,
      description:
        'Changes of the rule that no event could tell from it, by the name that the mutation run gives.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['mutant', 'because'],
        properties: {
          mutant: { type: 'string', minLength: 1 },
          because: { type: 'string', minLength: 10, description: 'A sentence.' },
        },
      },
    },
    cases: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'expect'],
        properties: {
          name: { type: 'string', minLength: 3, description: 'A sentence.' },
          expect: { enum: ['match', 'miss', 'alert', 'none'] },
          rule,
          ...changes,
          after: {
            ...span,
            description: 'The case is judged so long after its last event; for what did not come.',
          },
          lists: {
            type: 'object',
            description: 'Indicators by list; accounts are written account:NAME.',
            additionalProperties: { type: 'array', items: { type: 'string', minLength: 1 } },
          },
          grants: {
            type: 'array',
            description: 'Grants of privileged access; without from and to they always hold.',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['who', 'system'],
              properties: {
                who: text,
                system: text,
                also: names,
                whoAlso: names,
                role: text,
                from: time,
                to: time,
                revoked: time,
              },
            },
          },
          deeds: {
            type: 'array',
            description: 'What Vigia itself did on targets; without from and to at the time of every event.',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['by', 'system', 'shows'],
              properties: {
                by: names,
                system: text,
                also: names,
                from: time,
                to: time,
                shows: {
                  type: 'array',
                  minItems: 1,
                  items: {
                    type: 'object',
                    additionalProperties: false,
                    properties: { did: names, to: names, role: names, statement: names },
                  },
                },
              },
            },
          },
          before: {
            ...steps,
            description:
              'What was there before the events of the case; a rule that remembers has learnt from it, and what it finds in it does not count.',
          },
          events: {
            ...steps,
            description: 'Several events, one after the other; `every` is the time to the next event.',
          },
        },
      },
    },
  },
};

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** The schema has checked the shape. */
function msOf(text: string): number {
  const [, count, unit] = /^([\d.]+)(\w+)$/.exec(text)!;
  return Number(count) * UNIT_MS[unit!]!;
}

const START = '2026-01-01T12:00:00.000Z';

export interface CaseEvents {
  /** Made from the base alone. */
  before: Event[];
  events: Event[];
  /** When the case is judged, epoch ms. */
  judgedMs: number;
  /** What cannot be done. */
  mistake?: string;
}

/** The events of one case, in order of time. */
export function makeEvents(base: Record<string, unknown>, one: RuleCase, logsource: LogSource): CaseEvents {
  const [plain, start] = [applied(base, {}, 1), applied(base, one, 1)];
  let timeMs = Date.parse(String(start['@timestamp'] ?? START));
  if (Number.isNaN(timeMs)) return { before: [], events: [], judgedMs: 0, mistake: '@timestamp is no time' };
  let n = 0;
  const before = (one.before ?? []).flatMap(eventsOf(plain));
  const events = (one.events ?? [{}]).flatMap(eventsOf(start));
  const last = [...before, ...events].reduce(
    (most, event) => Math.max(most, Date.parse(event['@timestamp'])),
    0,
  );
  return { before, events, judgedMs: last + msOf(one.after ?? '0s') };

  function eventsOf(from: Record<string, unknown>) {
    return (step: Step): Event[] => {
      const events: Event[] = [];
      for (let repeat = 1; repeat <= (step.repeat ?? 1); repeat++) {
        const event = applied(from, step, repeat);
        const hasOwnTime = step.change !== undefined && '@timestamp' in step.change;
        if (!hasOwnTime) event['@timestamp'] = new Date(timeMs).toISOString();
        events.push(completed(event, ++n, logsource));
        timeMs += msOf(step.every ?? '1s');
      }
      return events;
    };
  }
}

function applied(
  base: Record<string, unknown>,
  { change = {}, remove = [] }: Changes,
  n: number,
): Record<string, unknown> {
  const event: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(base)) setPath(event, key, nested(value));
  for (const [key, value] of Object.entries(change)) setPath(event, key, numbered(nested(value), n), true);
  for (const key of remove) removePath(event, key);
  return event;
}

/** A copy in which dotted keys are paths. */
function nested(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nested);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) setPath(copy, key, nested(inner));
  return copy;
}

function numbered(value: unknown, n: number): unknown {
  if (typeof value === 'string') return value.replaceAll('{n}', String(n));
  if (Array.isArray(value)) return value.map((element) => numbered(element, n));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, numbered(inner, n)]));
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Maps are joined in a base (`event.code` beside `event: {...}`), and replaced by a change. */
function setPath(target: Record<string, unknown>, path: string, value: unknown, replaces = false): void {
  const keys = path.split('.');
  let node = target;
  for (const key of keys.slice(0, -1)) {
    if (!Object.hasOwn(node, key) || !isMap(node[key])) node[key] = {};
    node = node[key] as Record<string, unknown>;
  }
  const last = keys.at(-1)!;
  const known = node[last];
  node[last] = !replaces && isMap(known) && isMap(value) ? merged(known, value) : value;
}

function merged(left: Record<string, unknown>, right: Record<string, unknown>): Record<string, unknown> {
  const result = { ...left };
  for (const [key, value] of Object.entries(right))
    result[key] = isMap(result[key]) && isMap(value) ? merged(result[key], value) : value;
  return result;
}

function removePath(target: Record<string, unknown>, path: string): void {
  const keys = path.split('.');
  let node: unknown = target;
  for (const key of keys.slice(0, -1)) node = isMap(node) && Object.hasOwn(node, key) ? node[key] : undefined;
  if (isMap(node)) delete node[keys.at(-1)!];
}

/** What ingest would add: id and hash, and the log source of the rule where the case declares none. */
function completed(event: Record<string, unknown>, n: number, logsource: LogSource): Event {
  const own = isMap(event['event']) ? event['event'] : {};
  const vigia = isMap(event['vigia']) ? event['vigia'] : {};
  const hash = hashId('case', String(n));
  return {
    ...event,
    event: { dataset: 'cases', created: START, ...own, id: hash, hash },
    vigia: { logsource, ...vigia },
  } as unknown as Event; // a case may leave out what its rule does not look at
}
