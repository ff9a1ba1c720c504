/** Where delivery and its subscribers stand, and what could not become an event. */

/** A record that cannot become an event, kept with the reason. */
export interface DeadLetter {
  id: string;
  at: string;
  source: string;
  collector: string;
  generation: number;
  position: string;
  stage: 'read' | 'normalise' | 'store';
  reason: string;
  /** The raw bytes in Base64, up to 64 KiB, masked where the collector masks; `size` is the whole. */
  raw: string;
  size: number;
  hash: string;
  state: 'waiting' | 'retried';
}

/** How far a source is durably processed. */
export interface Checkpoint {
  source: string;
  collector: string;
  generation: number;
  /** Where to go on reading, as the collector wrote it. */
  position: string;
  /** What identifies the generation (device and inode, head hash …), as the collector wrote it. */
  identity?: string;
  /** Fixed at first read, so that a re-read gives the same times: year anchor and zone for records that lack them. */
  time: { anchor: string; zone: string };
  /** Number of the last batch published before this was written; a later batch record knows a later place. */
  batch: number;
  at: string;
}

/** Named state of a subscriber or rule: how far it has followed each writer, or what it remembers. */
export interface Progress {
  positions: Record<string, number>;
  at: string;
}
