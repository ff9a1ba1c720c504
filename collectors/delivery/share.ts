/** How much a source may read at once, and how often: all that are behind share a fixed amount, so that any number of them fits the memory. */

export interface Share {
  /** The part of one source more. */
  source(): SourceShare;
}

export interface SourceShare {
  /** Bytes that its next batch may have. */
  bytes(): number;
  /** For how long what trickles is gathered: longer the more batches are under way, because each costs the store the same few writes. */
  gatherMs(): number;
  /** A batch of so many bytes is being delivered; call what is returned when it is. */
  enter(bytes: number): () => void;
}

const TOGETHER_BYTES = 16 * 1_024 * 1_024;
/** A larger batch costs less per event: what is written once for each batch is spread over more of them. */
const MOST_BYTES = 2 * 1_024 * 1_024;
/** What a source begins with, and what a quiet one asks for at every look. */
const FIRST_BYTES = 64 * 1_024;
const LEAST_BYTES = 32 * 1_024;
/** So much of what it might have read, and a source is behind: what stands around records is not counted in a batch. */
const FULL = 0.25;
/** Of what is left nobody gets more, so that something is left for whoever comes next. */
const PART = 1 / 8;
const GATHER_MS_A_BATCH = 20;
/** Half of what an event may take to its incident. */
const MOST_GATHER_MS = 1_000;

export function fairShare(): Share {
  let held = 0;
  let underWay = 0;
  return {
    source() {
      let wanted = FIRST_BYTES;
      let given = FIRST_BYTES;
      return {
        bytes() {
          given = Math.max(LEAST_BYTES, Math.min(wanted, Math.floor((TOGETHER_BYTES - held) * PART)));
          return given;
        },
        gatherMs: () => Math.min(MOST_GATHER_MS, underWay * GATHER_MS_A_BATCH),
        enter(bytes) {
          const isBehind = bytes >= given * FULL;
          wanted = isBehind ? Math.min(MOST_BYTES, wanted * 4) : FIRST_BYTES;
          held += bytes;
          underWay += 1;
          return () => {
            held -= bytes;
            underWay -= 1;
          };
        },
      };
    },
  };
}
