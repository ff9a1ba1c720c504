/** The correlation groups that a process remembers; when they grow too large, those not touched for longest are forgotten. */
import type { GroupTrack } from '../../detections/index.ts';

/**
 * Matches and event ids in memory, of all groups together, in units of about 550 bytes (measured on small groups with what
 * hangs on them), so the correlator keeps some 165 MB, whatever the number of groups or matches.
 */
export const MOST_POINTS = 300_000;
/** Of one group; a window with more is measured over its newest, and said so. */
export const MOST_POINTS_OF_GROUP = 50_000;
/** What a group takes besides its matches, in the same units. */
const GROUP_COST = 10;

export interface GroupMemory {
  get(key: string): GroupTrack | undefined;
  has(key: string): boolean;
  /** Remembers the group, or takes note of its growth. */
  keep(key: string, group: GroupTrack): void;
  drop(key: string): void;
  dropWhere(wanted: (key: string) => boolean): void;
  /** Forgets groups until the rest fits. */
  trim(): void;
  points(): number;
}

export function groupMemory(most = MOST_POINTS): GroupMemory {
  /** In order of touching. */
  const groups = new Map<string, { group: GroupTrack; cost: number }>();
  let points = 0;
  function drop(key: string): void {
    points -= groups.get(key)?.cost ?? 0;
    groups.delete(key);
  }
  return {
    get: (key) => groups.get(key)?.group,
    has: (key) => groups.has(key),
    keep(key, group) {
      drop(key);
      const cost = group.size() + GROUP_COST;
      points += cost;
      groups.set(key, { group, cost });
    },
    drop,
    dropWhere(wanted) {
      for (const key of groups.keys()) if (wanted(key)) drop(key);
    },
    trim() {
      for (const key of groups.keys()) {
        if (points <= most) return;
        drop(key);
      }
    },
    points: () => points,
  };
}
