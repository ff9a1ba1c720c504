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

/** Matches are expected; the rule alerts when one does not come. */
export interface Absent {
  /** One event each so long, for each of these. */
  everyMs: number;
  per: string[];
  /** How late an event may be read. */
  graceMs: number;
  /** Days of the week on which one is expected (0 is Sunday), in `zone`; all when left out. */
  days?: number[];
  zone: string;
}

/** How much there is in a stretch of time, against what is usual for the same entity. */
export interface Baseline {
  /** The field that is summed; matches are counted when it is left out. */
  sum?: string;
  per: string[];
  bucketMs: number;
  overMs: number;
  /** Robust standard deviations above the median. */
  deviation: number;
  atLeast: number;
  /** Which earlier buckets are compared with: all, those of the same hour, those of the same hour of the week (UTC). */
  same: 'any' | 'hour' | 'weekday-hour';
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
  /** Only on systems on which grants are given at all; everywhere when left out. */
  managed?: true;
}

/** What detection asks of matches besides the condition of the rule. */
export interface Extensions {
  indicators?: IndicatorCondition;
  unlessGranted?: GrantCondition;
  firstSeen?: FirstSeen;
  absent?: Absent;
  baseline?: Baseline;
}

/** Judged from stored matches: a match alone is no alert. */
export const isJudged = (extensions: Extensions | undefined): boolean =>
  extensions?.firstSeen !== undefined ||
  extensions?.absent !== undefined ||
  extensions?.baseline !== undefined;

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
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
  absent: section('Alert when an expected match does not come', ['every'], {
    every: span('One is expected so often.', '24h'),
    per: fields('Expected for each of these; left out: for the whole house.'),
    grace: span('How late it may be read; 15m when left out.', '1h'),
    days: {
      type: 'array',
      minItems: 1,
      uniqueItems: true,
      items: { enum: DAYS },
      description: 'Days of the week on which one is expected; every day when left out.',
    },
    zone: { type: 'string', minLength: 1, description: 'Zone of the days; UTC when left out.' },
  }),
  baseline: section(
    'Alert when there is much more of something than is usual for the entity',
    ['value', 'per', 'bucket', 'over', 'deviation', 'at_least'],
    {
      value: {
        description: 'count, or {sum: field}.',
        type: ['string', 'object'],
        if: { type: 'string' },
        // biome-ignore lint/suspicious/noThenProperty: `then` is JSON Schema's keyword
        then: { enum: ['count'] },
        else: section('Sum of a field', ['sum'], { sum: { type: 'string', minLength: 1 } }),
      },
      per: fields('Usual for each of these.'),
      bucket: span('Stretch of time that is counted as one.', '1h'),
      over: span('How far back usual is learnt.', '14d'),
      deviation: {
        type: 'number',
        exclusiveMinimum: 0,
        description: 'Robust standard deviations above the median; 3.5 is usual.',
      },
      at_least: { type: 'number', minimum: 1, description: 'Less than this is never told.' },
      same: {
        enum: ['any', 'hour', 'weekday-hour'],
        description:
          'Compare with all buckets (when left out), those of the same hour, or of the same hour of the week.',
      },
    },
  ),
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
    managed: {
      type: 'boolean',
      const: true,
      description: 'Only on systems on which grants were ever given; everywhere when left out.',
    },
  }),
});

const JUDGEMENTS = ['first_seen', 'absent', 'baseline'] as const;
const MOST_VALUES = 100_000;
const USUAL_GRACE = '15m';

interface Written {
  runbook?: string[];
  first_seen?: { fields: string[]; per?: string[]; within: string; most?: number };
  absent?: { every: string; per?: string[]; grace?: string; days?: string[]; zone?: string };
  baseline?: {
    value: 'count' | { sum: string };
    per: string[];
    bucket: string;
    over: string;
    deviation: number;
    at_least: number;
    same?: Baseline['same'];
  };
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
  if (written.absent) extensions.absent = readAbsent(written.absent, reading);
  if (written.baseline) extensions.baseline = readBaseline(written.baseline, reading);
  const judgements = JUDGEMENTS.filter((key) => written[key] !== undefined);
  if (judgements.length > 1)
    reading.wrong(
      ['vigia', judgements[1]!],
      `a rule asks for ${judgements.join(' or for ')}, not for both`,
      'write two rules',
    );
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

/** Fewer comparable stretches say nothing about what is usual; more are too many to keep for each entity. */
const FEWEST_BUCKETS = 5;
const MOST_BUCKETS = 2_500;
const HOUR_MS = 3_600_000;

function readBaseline(written: NonNullable<Written['baseline']>, reading: Reading): Baseline {
  const { value, per, deviation, at_least: atLeast, same = 'any' } = written;
  const [bucketMs, overMs] = [msOf(written.bucket), msOf(written.over)];
  const wrong = (key: string, message: string, hint: string) =>
    reading.wrong(['vigia', 'baseline', key], message, hint);
  if (overMs / bucketMs > MOST_BUCKETS)
    wrong(
      'bucket',
      `${written.over} holds ${Math.floor(overMs / bucketMs)} buckets of ${written.bucket}; at most ${MOST_BUCKETS} are kept`,
      'choose a longer bucket',
    );
  const stepMs = { any: bucketMs, hour: 24 * HOUR_MS, 'weekday-hour': 7 * 24 * HOUR_MS }[same];
  if (same !== 'any' && HOUR_MS % bucketMs !== 0)
    wrong(
      'bucket',
      `a bucket of ${written.bucket} does not lie in one hour`,
      'choose 1h or a part of it, or leave out same',
    );
  if (overMs / stepMs < FEWEST_BUCKETS)
    wrong(
      'over',
      `${written.over} holds fewer than ${FEWEST_BUCKETS} stretches to compare with`,
      `choose at least ${Math.ceil((FEWEST_BUCKETS * stepMs) / (24 * HOUR_MS))}d`,
    );
  return {
    ...(value === 'count' ? {} : { sum: value.sum }),
    per,
    bucketMs,
    overMs,
    deviation,
    atLeast,
    same,
  };
}

function readAbsent(
  { every, per = [], grace = USUAL_GRACE, days, zone = 'UTC' }: NonNullable<Written['absent']>,
  reading: Reading,
): Absent {
  try {
    weekdayIn(zone);
  } catch {
    reading.wrong(
      ['vigia', 'absent', 'zone'],
      `${JSON.stringify(zone)} is no time zone`,
      'write it as Europe/Lisbon',
    );
  }
  const numbers = days?.map((day) => DAYS.indexOf(day));
  return { everyMs: msOf(every), per, graceMs: msOf(grace), zone, ...(numbers ? { days: numbers } : {}) };
}

/** The day of the week (0 is Sunday) of a moment on a calendar there. Throws when the zone is none. */
export function weekdayIn(zone: string): (atMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short' });
  return (atMs) => DAYS.indexOf(format.format(atMs).toLowerCase());
}

/** The document below one key, which still knows its places. */
const part = ({ path, at }: YamlDocument, value: unknown): YamlDocument => ({
  path,
  value,
  at: (pointer) => at(['vigia', ...pointer]),
});
