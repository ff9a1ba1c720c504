/** Our own extensions to Sigma, all under the one key `vigia` of a rule: their shapes, their schema, and how they are read. */

import { checkSchema } from '../../core/schema.ts';
import type { YamlDocument } from '../../core/yaml.ts';
import { isMap, type Reading } from './reading.ts';

/** A match shows a value that was not seen before within the span. */
export interface FirstSeen {
  fields: string[];
  /** New for each of these, for instance for each user. */
  per: string[];
  withinMs: number;
  /** So many values are remembered; beyond them each is looked up in the stored matches, which is slower and as right. */
  most: number;
}

/** A further condition: a field holds something that is in a list of indicators. */
export interface IndicatorCondition {
  lists: string[];
  fields: string[];
}

/** A further condition: no grant of privileged access covers who did it, where and when. */
export interface GrantCondition {
  /** The fields that say who, and on which system. */
  who: string;
  system: string;
  /** Only grants of this role count; any when left out. */
  role?: string;
}

/** What detection asks of matches besides the condition of the rule. */
export interface Extensions {
  indicators?: IndicatorCondition;
  unlessGranted?: GrantCondition;
  firstSeen?: FirstSeen;
}

/** Judged from stored matches: a match alone is no alert. */
export const isJudged = (extensions: Extensions | undefined): boolean => extensions?.firstSeen !== undefined;

const UNIT_MS: Record<string, number> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const span = (description: string, ...examples: string[]) => ({
  type: 'string',
  pattern: '^[1-9]\\d{0,4}[mhdw]$',
  description,
  examples,
});
/** `30d` in milliseconds. */
const msOf = (text: string): number => Number(text.slice(0, -1)) * UNIT_MS[text.at(-1)!]!;

const fields = (description: string, least = 1) => ({
  type: 'array',
  minItems: least,
  maxItems: 5,
  uniqueItems: true,
  items: { type: 'string', minLength: 1 },
  description,
});
const section = (description: string, required: string[], properties: Record<string, object>) => ({
  type: 'object',
  additionalProperties: false,
  description,
  required,
  properties,
});

/** Of the value under `vigia`; docs/extensions.md says the same with examples. */
export const extensionsSchema = section('Additions of Vigia to a Sigma rule', [], {
  runbook: {
    type: 'array',
    items: { type: 'string' },
    description: 'Steps for the person who gets the alert.',
  },
  first_seen: section('Alert when a match shows a value that is new', ['fields', 'within'], {
    fields: fields('The value: one field, or several together.'),
    per: fields('New for each of these; left out: new for the whole house.'),
    within: span('New is what was not seen for so long before.', '30d'),
    most: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000_000,
      description: 'How many values are remembered; more are looked up in the stored matches.',
    },
  }),
  indicators: section('Match only what is in a list of indicators', ['list', 'fields'], {
    list: {
      type: ['string', 'array'],
      minLength: 1,
      minItems: 1,
      items: { type: 'string', minLength: 1 },
      description: 'Name of the list, or several; see "vigia indicators list".',
    },
    fields: fields('Where to look: addresses, domains, URLs, hashes, accounts.'),
  }),
  unless_granted: section('Match only what no grant of privileged access covers', ['who', 'system'], {
    who: { type: 'string', minLength: 1, description: 'The field that says who did it.' },
    system: { type: 'string', minLength: 1, description: 'The field that says where.' },
    role: { type: 'string', minLength: 1, description: 'Only grants of this role count.' },
  }),
});

const MOST_VALUES = 100_000;

interface Written {
  runbook?: string[];
  first_seen?: { fields: string[]; per?: string[]; within: string; most?: number };
  indicators?: { list: string | string[]; fields: string[] };
  unless_granted?: GrantCondition;
}

/** Mistakes go to `reading` with their places; what is wrong is left out. */
export function readExtensions(
  value: Record<string, unknown>,
  reading: Reading,
): { runbook: string[]; extensions?: Extensions } {
  if (value['vigia'] === undefined) return { runbook: [] };
  const mistakes = checkSchema(extensionsSchema, part(reading.document, value['vigia']));
  reading.problems.push(...mistakes);
  if (mistakes.length > 0) return { runbook: [] };
  const written = value['vigia'] as Written; // checked against the schema
  const extensions: Extensions = {};
  const { first_seen: firstSeen, indicators, unless_granted: unlessGranted } = written;
  if (firstSeen)
    extensions.firstSeen = {
      fields: firstSeen.fields,
      per: firstSeen.per ?? [],
      withinMs: msOf(firstSeen.within),
      most: firstSeen.most ?? MOST_VALUES,
    };
  if (indicators) extensions.indicators = { lists: [indicators.list].flat(), fields: indicators.fields };
  if (unlessGranted) extensions.unlessGranted = unlessGranted;
  if (Object.keys(extensions).length > 0 && !isMap(value['detection']))
    reading.wrong(
      ['vigia'],
      'extensions judge the matches of a rule with a detection section',
      'write them in that rule',
    );
  return { runbook: written.runbook ?? [], ...(Object.keys(extensions).length > 0 ? { extensions } : {}) };
}

/** The document below one key, which still knows its places. */
const part = ({ path, at }: YamlDocument, value: unknown): YamlDocument => ({
  path,
  value,
  at: (pointer) => at(['vigia', ...pointer]),
});
