/**
 * Who did what, so that a later change is noticed: append-only entries, each with a keyed hash over itself and its
 * predecessor, one chain per writer. The key lies in a file outside the store, and beside it the head of each chain:
 * whoever can only write to the store can neither forge an entry nor cut off the end unnoticed.
 */
import { createHmac } from 'node:crypto';
import type { Condition } from './conditions/tree.ts';
import type { AuditEntry } from './documents.ts';
import { errors } from './errors.ts';
import type { DocumentStore } from './store.ts';

/** What a caller says about one act. No secrets, no whole events. */
export interface Act {
  /** The person, or the part of Vigia that acted. */
  who: string;
  /** Dotted: `incident.close`, `events.search`, `run.approve`. */
  action: string;
  /** What was acted on: a number, an id, a query. */
  target: string;
  details?: Record<string, unknown>;
}

/** The last entry of a chain, as known outside the store. */
export interface Head {
  sequence: number;
  hash: string;
}

/** Where heads are kept; `core/audit-files.ts` keeps them in files. */
export interface Heads {
  read(): Promise<Record<string, Head>>;
  write(writer: string, head: Head): Promise<void>;
}

export interface AuditOptions {
  documents: DocumentStore;
  /** One chain each; a process keeps its writer name over restarts. */
  writer: string;
  key: Uint8Array;
  heads: Heads;
  now(): number;
}

export interface Audit {
  /** Durable on return. */
  record(act: Act): Promise<AuditEntry>;
}

/** What the first entry of a chain names as its predecessor. */
export const START = '0'.repeat(64);
/** Sorts as text in order of number. */
const entryId = (writer: string, sequence: number) => `${writer}:${String(sequence).padStart(12, '0')}`;

/** The entries of one writer; letter case counts. */
export const ofWriter = (writer: string): Condition => ({
  op: 'equals',
  field: 'writer',
  value: writer,
  cased: true,
});

type Unsigned = Omit<AuditEntry, 'hash'>;

/** Keys sorted at every depth, so that a store may give them back in any order. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const sorted = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([key, inner]) => [key, canonical(inner)]);
}

export const sign = (
  { writer, sequence, at, who, action, target, details, previous }: Unsigned,
  key: Uint8Array,
): string =>
  createHmac('sha256', key)
    .update(JSON.stringify(canonical({ writer, sequence, at, who, action, target, details, previous })))
    .digest('hex');

export async function openAudit({ documents, writer, key, heads, now }: AuditOptions): Promise<Audit> {
  if (key.length < 32)
    throw errors.usage('the audit key has fewer than 32 bytes', 'remove the key file to make a new one');
  // Stores may fold letter case when they count by writer.
  if (!/^[a-z0-9._-]{1,100}$/.test(writer))
    throw errors.usage(
      `${JSON.stringify(writer)} is no audit writer name`,
      'use lower-case letters, digits, ".", "_" and "-"',
    );
  let head = await newestHead();

  /** The store's last entry, or the head file's when that is further: then the store lost entries, and the gap must stay visible. */
  async function newestHead(): Promise<Head> {
    const { found } = await documents.find('audit', {
      where: ofWriter(writer),
      sort: ['-sequence'],
      size: 1,
    });
    const stored = found[0]?.body;
    const kept = (await heads.read())[writer];
    const inStore: Head = stored
      ? { sequence: stored.sequence, hash: stored.hash }
      : { sequence: 0, hash: START };
    return kept && kept.sequence > inStore.sequence ? kept : inStore;
  }

  async function append(act: Act): Promise<AuditEntry> {
    // Through JSON once, so that what is hashed is what a store gives back (no undefined, dates as text).
    const details = JSON.parse(JSON.stringify(act.details ?? {})) as Record<string, unknown>;
    for (;;) {
      const unsigned: Unsigned = {
        writer,
        sequence: head.sequence + 1,
        at: new Date(now()).toISOString(),
        who: act.who,
        action: act.action,
        target: act.target,
        details,
        previous: head.hash,
      };
      const entry: AuditEntry = { ...unsigned, hash: sign(unsigned, key) };
      const outcome = await documents.create('audit', entryId(writer, entry.sequence), entry);
      if (outcome === 'created') {
        head = { sequence: entry.sequence, hash: entry.hash };
        await heads.write(writer, head);
        return entry;
      }
      // Another process with this writer name was faster, or the head file was behind: go on after it.
      const taken = await documents.get('audit', entryId(writer, entry.sequence));
      if (taken) head = { sequence: taken.body.sequence, hash: taken.body.hash };
    }
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    record(act) {
      const next = last.then(() => append(act));
      last = next.catch(() => {
        // Reported to whoever recorded that act; the chain goes on from the last entry that was written.
      });
      return next;
    },
  };
}
