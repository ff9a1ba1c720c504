/** How far the Management Activity API is read: for each content type the end of the last listing, and the blobs seen since the look-back. */
import { createHash } from 'node:crypto';

export interface TypePlace {
  /** Everything available before was listed (epoch ms). */
  listedTo: number;
  /** Blobs already delivered: short hash of the content id → when it became available (epoch ms). */
  seen: Record<string, number>;
}

export type Place = Record<string, TypePlace>;

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The API allows a day at once; shorter listings keep what must be remembered between two checkpoints small. */
const WINDOW_MS = 6 * HOUR_MS;
/** The API's own limit ("Management Activity API reference", list available content). */
const KEPT_MS = 7 * DAY_MS;
/** The oldest start must still lie inside the limit when the request arrives. */
const MARGIN_MS = 300_000;

export const blobKey = (contentId: string): string =>
  createHash('sha256').update(contentId).digest('base64url').slice(0, 16);

/** Windows to list now, oldest first, and the hours that can no longer be had. */
export function windowsOf(
  place: TypePlace | undefined,
  lookBackMs: number,
  nowMs: number,
): { windows: [number, number][]; lostMs: number } {
  const oldest = nowMs - KEPT_MS + MARGIN_MS;
  // Blobs before the first whole listing: everything is still wanted.
  const listedTo = place?.listedTo || undefined;
  const wanted = listedTo === undefined ? oldest : listedTo - lookBackMs;
  const windows: [number, number][] = [];
  for (let start = Math.max(wanted, oldest); start < nowMs; start += WINDOW_MS)
    windows.push([start, Math.min(start + WINDOW_MS, nowMs)]);
  return { windows, lostMs: listedTo === undefined ? 0 : Math.max(0, oldest - listedTo) };
}

/** The place with one more blob. */
export const withBlob = (place: Place, type: string, key: string, availableMs: number): Place => ({
  ...place,
  [type]: { listedTo: 0, ...place[type], seen: { ...place[type]?.seen, [key]: availableMs } },
});

/** The place after everything available before `endMs` was listed; blobs that no later listing can meet are forgotten. */
export function withListing(place: Place, type: string, endMs: number, lookBackMs: number): Place {
  const listedTo = Math.max(endMs, place[type]?.listedTo ?? 0);
  const seen = Object.entries(place[type]?.seen ?? {}).filter(
    ([, ms]) => ms >= listedTo - lookBackMs - HOUR_MS,
  );
  return { ...place, [type]: { listedTo, seen: Object.fromEntries(seen) } };
}
