/** What the crash proof must know of one shipped flow: whom it is played on, what the targets counted, and what must be so at the end. */
import type { TargetsSettings } from '../../../targets/settings.ts';
import type { ComponentName } from '../../testbed/components.ts';
import type { Beds } from './beds.ts';

export interface Story {
  /** Id of the flow. */
  readonly flow: string;
  readonly needs: readonly ComponentName[];
  /** How far apart the points of the short form are, where each play takes long. */
  readonly short?: { readonly kill: number; readonly stop: number };
  /** `tag` is free for names on the targets. */
  open(beds: Beds, tag: string): Promise<Stage>;
}

export interface Stage {
  readonly targets: TargetsSettings;
  /** Other policies than the shipped ones. */
  readonly policiesFolder?: string;
  /** Actions that can never prove all: a part of the detail that says that the target did what it can. */
  readonly wellEnough?: Readonly<Record<string, string>>;
  /** Somebody new to play on; called once for each cut. */
  scene(tag: string): Promise<Scene>;
  close(): Promise<void>;
}

export interface Scene {
  readonly input: Readonly<Record<string, unknown>>;
  /** Id of the incident that the run is for; it is put into the store. */
  readonly incident?: string;
  /** Kind of change → how often the target's own log shows it. A whole run makes each exactly once. */
  changes(started: Started): Promise<Readonly<Record<string, number>>>;
  /** Effects that the flow must have and the targets do not show. */
  left(): Promise<readonly string[]>;
  /** What undoing gives back exactly, as the targets say: read before the run and after the undo. */
  state(): Promise<Readonly<Record<string, unknown>>>;
  /** Leaves the target as it was for the next scene, where scenes share something. */
  close?(): Promise<void>;
}

/** How often an action was started, over all runs of the case. */
export type Started = (action: string) => number;

/**
 * For changes that a second run, asked for by a person, makes again: 1 unless the target was sent more of them than were
 * ever started.
 */
export const oncePerStart = (count: number, starts: number): number =>
  count > starts ? 1 + count - starts : Math.min(count, 1);
