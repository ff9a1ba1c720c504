/** Our own extensions to Sigma, all under the one key `vigia` of a rule: the list of them, their schema, and how they are read. */
import { checkSchema } from '../../../core/schema.ts';
import type { YamlDocument } from '../../../core/yaml.ts';
import { isMap, type Reading } from '../reading.ts';
import { type Absent, absent } from './absent.ts';
import { type Baseline, baseline } from './baseline.ts';
import { type FirstSeen, firstSeen } from './first-seen.ts';
import { type IndicatorCondition, indicators } from './indicators.ts';
import { type DoneCondition, unlessDone } from './unless-done.ts';
import { type GrantCondition, unlessGranted } from './unless-granted.ts';
import { type ExtensionSection, sectionSchema } from './writing.ts';

export { type Absent, weekdayIn } from './absent.ts';
export type { Baseline } from './baseline.ts';
export type { FirstSeen } from './first-seen.ts';
export type { IndicatorCondition } from './indicators.ts';
export type { DoneCondition } from './unless-done.ts';
export type { GrantCondition } from './unless-granted.ts';

/** What detection asks of matches besides the condition of the rule. */
export interface Extensions {
  firstSeen?: FirstSeen;
  absent?: Absent;
  baseline?: Baseline;
  indicators?: IndicatorCondition;
  unlessGranted?: GrantCondition;
  unlessDone?: DoneCondition;
}

/** Judged from stored matches: a match alone is no alert. A rule asks for one of them at most. */
const judgements = { firstSeen, absent, baseline };
/** Looked at when the rest of the rule matched. */
const conditions = { indicators, unlessGranted, unlessDone };
const sections = { ...judgements, ...conditions };

export const isJudged = (extensions: Extensions | undefined): boolean =>
  (Object.keys(judgements) as (keyof typeof judgements)[]).some((name) => extensions?.[name] !== undefined);

/** Of the value under `vigia`; docs/extensions.md says the same with examples. */
export const extensionsSchema = sectionSchema('Additions of Vigia to a Sigma rule', [], {
  runbook: {
    type: 'array',
    items: { type: 'string' },
    description: 'Steps for the person who gets the alert.',
  },
  ...Object.fromEntries(Object.values(sections).map(({ key, schema }) => [key, schema])),
});

/** Mistakes go to `reading` with their places; what is wrong is left out. */
export function readExtensions(
  value: Record<string, unknown>,
  reading: Reading,
): { runbook: string[]; extensions?: Extensions } {
  if (value['vigia'] === undefined) return { runbook: [] };
  const mistakes = checkSchema(extensionsSchema, part(reading.document, value['vigia']));
  reading.problems.push(...mistakes);
  if (mistakes.length > 0) return { runbook: [] };
  const written = value['vigia'] as Record<string, unknown> & { runbook?: string[] };
  const asked: Record<string, unknown> = {};
  for (const [name, section] of Object.entries(sections)) {
    const { key, read } = section as ExtensionSection<unknown, unknown>;
    if (written[key] === undefined) continue;
    asked[name] = read(written[key], (pointer, message, hint) =>
      reading.wrong(['vigia', key, ...pointer], message, hint),
    );
  }
  const judged = Object.values(judgements).flatMap(({ key }) => (written[key] === undefined ? [] : [key]));
  if (judged.length > 1)
    reading.wrong(
      ['vigia', judged[1]!],
      `a rule asks for ${judged.join(' or for ')}, not for both`,
      'write two rules',
    );
  const asksAnything = Object.keys(asked).length > 0;
  if (asksAnything && !isMap(value['detection']))
    reading.wrong(
      ['vigia'],
      'extensions judge the matches of a rule with a detection section',
      'write them in that rule',
    );
  return { runbook: written.runbook ?? [], ...(asksAnything ? { extensions: asked as Extensions } : {}) };
}

/** The document below one key, which still knows its places. */
const part = ({ path, at }: YamlDocument, value: unknown): YamlDocument => ({
  path,
  value,
  at: (pointer) => at(['vigia', ...pointer]),
});
