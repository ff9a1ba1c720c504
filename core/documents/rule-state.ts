/** What rules remember, derived from stored matches. */
import type { Entity } from './detection.ts';

/** One stay of a value: from the event that introduced it to the last sighting without a longer gap than the rule allows. */
export interface Stay {
  event: string;
  at: string;
  last: string;
  /** The source that brought it. */
  source: string;
  /** Introduced while the source was younger than the span: learnt, not alerted. */
  learnt?: boolean;
}

/** Event time, epoch ms, both ends included. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** What a rule remembers; derived from stored matches, so that it can be lost and made again. */
export type RuleState = { rule: { id: string } } & (
  | {
      /** Since when (event time) the rule has seen the events of a source. */
      kind: 'source';
      source: string;
      from: string;
    }
  | {
      kind: 'first-seen';
      /** Its entry in `Match.groups`. */
      key: string;
      /** The values of the group, by field. */
      of: Record<string, string | null>;
      stays: Stay[];
      /** Last sighting; may lag behind a little. */
      to: string;
    }
  | {
      kind: 'expected';
      key: string;
      /** The values of the group, by field. */
      of: Record<string, string | null>;
      /** The last event that came; without an id: none yet, and since when one is waited for. */
      last: { event: string; at: string; dataset: string; entities: Entity[] };
      /** Who brought it; empty when none did. */
      source: string;
      /** Time of the last sighting; may lag behind a little. */
      to: string;
      /** The gap after it was told: as what. */
      gap?: 'absence' | 'blind';
    }
  | {
      kind: 'baseline';
      key: string;
      /** The values of the group, by field. */
      of: Record<string, string | null>;
      /** The source that touched it last. */
      source: string;
      /** By the beginning of a bucket (epoch ms); buckets without matches are left out. */
      values: Record<string, number>;
      /** Since when `values` are complete, epoch ms. */
      sinceMs: number;
      /** Beginnings of the buckets that alerted. */
      told: number[];
      state: 'waiting' | 'settled';
      /** Event time whose buckets are to be counted anew; and that which somebody is counting. */
      dirty?: Span;
      settling?: Span;
    }
);
export type RuleStateOf<K extends RuleState['kind']> = Extract<RuleState, { kind: K }>;
