/** `baseline`: how much there is in a stretch of time, against what is usual for the same entity. */
import { type ExtensionSection, fieldsSchema, sectionSchema, spanMs, spanSchema } from './writing.ts';

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

interface Written {
  value: 'count' | { sum: string };
  per: string[];
  bucket: string;
  over: string;
  deviation: number;
  at_least: number;
  same?: Baseline['same'];
}

/** Fewer comparable stretches say nothing about what is usual; more are too many to keep for each entity. */
const FEWEST_BUCKETS = 5;
const MOST_BUCKETS = 2_500;
const HOUR_MS = 3_600_000;

export const baseline: ExtensionSection<Written, Baseline> = {
  key: 'baseline',
  schema: sectionSchema(
    'Alert when there is much more of something than is usual for the entity',
    ['value', 'per', 'bucket', 'over', 'deviation', 'at_least'],
    {
      value: {
        description: 'count, or {sum: field}.',
        type: ['string', 'object'],
        if: { type: 'string' },
        // biome-ignore lint/suspicious/noThenProperty: `then` is JSON Schema's keyword
        then: { enum: ['count'] },
        else: sectionSchema('Sum of a field', ['sum'], { sum: { type: 'string', minLength: 1 } }),
      },
      per: fieldsSchema('Usual for each of these.'),
      bucket: spanSchema('Stretch of time that is counted as one.', '1h'),
      over: spanSchema('How far back usual is learnt.', '14d'),
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
  read({ value, per, bucket, over, deviation, at_least: atLeast, same = 'any' }, wrong) {
    const [bucketMs, overMs] = [spanMs(bucket), spanMs(over)];
    if (overMs / bucketMs > MOST_BUCKETS)
      wrong(
        ['bucket'],
        `${over} holds ${Math.floor(overMs / bucketMs)} buckets of ${bucket}; at most ${MOST_BUCKETS} are kept`,
        'choose a longer bucket',
      );
    const stepMs = { any: bucketMs, hour: 24 * HOUR_MS, 'weekday-hour': 7 * 24 * HOUR_MS }[same];
    if (same !== 'any' && HOUR_MS % bucketMs !== 0)
      wrong(
        ['bucket'],
        `a bucket of ${bucket} does not lie in one hour`,
        'choose 1h or a part of it, or leave out same',
      );
    if (overMs / stepMs < FEWEST_BUCKETS)
      wrong(
        ['over'],
        `${over} holds fewer than ${FEWEST_BUCKETS} stretches to compare with`,
        `choose at least ${Math.ceil((FEWEST_BUCKETS * stepMs) / (24 * HOUR_MS))}d`,
      );
    const sum = value === 'count' ? {} : { sum: value.sum };
    return { ...sum, per, bucketMs, overMs, deviation, atLeast, same };
  },
};
