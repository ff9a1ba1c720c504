/**
 * The contract of a collector: it reads records of one kind of source and normalises each to one event.
 * `run.ts` owns the rest: ids, create-only writes, back-pressure, retry, dead letters, checkpoints, ledger, metrics.
 */
import type { Draft } from '../core/event.ts';
import type { Pseudonym } from '../core/personal-data.ts';
import type { Bytes } from './reading/bytes.ts';

/** One record as the source holds it. */
export interface RawRecord {
  raw: Uint8Array;
  /** Where it starts inside its generation: byte offset, record number, sequence. Part of the event's id. */
  position: string;
  /** Time of reception for pushed records (epoch ms); reading time otherwise. */
  receivedMs?: number;
  /** Whole size in bytes, where `raw` is only its beginning. */
  size?: number;
  /** Set when the reader could not take the record whole: it goes to the dead letters with this reason. */
  broken?: string;
}

/** What is fixed at first read of a source, so that a re-read gives the same event. */
export interface NormaliseContext {
  /** Id of the source. */
  source: string;
  /** ISO time near which records without a year or date lie: the file's first reading, or reception. */
  anchor: string;
  /** Zone of times that name none, as an offset in minutes east of UTC. */
  zoneMinutes: number;
  /** Name of the host the records come from, where they do not say. */
  host?: string;
  /** Makes pseudonyms of citizens' identifiers; without it they are hidden. */
  pseudonym?: Pseudonym;
}

/** A record becomes one event, or is refused with a reason (a value, not an exception). */
export type Normalised = { event: Draft } | { reject: string };
export const reject = (reason: string): Normalised => ({ reject: reason });

/** Cuts a growing run of bytes into records, bounded: an over-long one is reported once with its size, never held in memory. */
export interface RecordCutter {
  /** Takes the bytes that follow; gives the records now complete. */
  push(bytes: Uint8Array): RawRecord[];
  /** The records still open at the end of the source. */
  end(): RawRecord[];
  /** Where reading goes on: everything before it was given as part of a record. */
  readonly offset: number;
  /** What is handed on to the records from there on (`carries` of the framing). */
  readonly carried?: string | undefined;
  /** True while the last line or record lacks its end. */
  readonly midLine: boolean;
}

/** How bytes of a file or stream are cut into records. */
export type Framing =
  /** One record a line (LF or CRLF); blank lines are no records. `continues(line, before)` glues a line to the record whose last line was `before`; a line that `stands(line)` alone need not wait for the next. */
  | {
      kind: 'lines';
      continues?: (line: Uint8Array, before: Uint8Array) => boolean;
      stands?: (line: Uint8Array) => boolean;
      /** The collector decodes the bytes itself: they need not be UTF-8. */
      isEncoded?: boolean;
      /** What a record hands on (its time): put before the later ones that lack it, up to the next that hands on. */
      carries?: {
        from: (record: Uint8Array) => Uint8Array | undefined;
        lacks: (record: Uint8Array) => boolean;
      };
      /** Lines of one `key` are one record although others lie between them; `last` says that none follows. Lines without key are records. */
      joins?: { key: (line: Uint8Array) => string | undefined; last: (line: Uint8Array) => boolean };
    }
  /** Records that are no lines, in a file that grows: `cut` finds where each ends. */
  | { kind: 'records'; cut: (start: number, maxBytes: number) => RecordCutter }
  /** RFC 6587: octet-counted when a frame starts with a digit, else newline. */
  | { kind: 'syslog' }
  /** Rows of a table or view, one JSON object each, asked for again and again (`reading/sql.ts`). */
  | { kind: 'rows'; target: SqlKind; trail: (table?: string) => Trail }
  /** Changes of a directory that the settings name under `targets` (`reading/directory.ts`). */
  | { kind: 'directory' }
  /** Documents of Vigia's own store; files of them hold one JSON object a line. */
  | { kind: 'own' }
  /** A file of numbered records, cut by `records` as a whole; parts with nothing but records before `behind` may be left out. */
  | { kind: 'file'; records: (file: Uint8Array | Bytes, behind?: string) => Iterable<RawRecord> };

/** Databases whose tables can be read; the settings name one under `targets`. */
export type SqlKind = 'postgresql' | 'oracle' | 'sqlserver';

/** The statements that read a trail. Times are UTC text of one width, `2026-11-21T19:58:20.687000`, so that they sort as text. */
export interface Trail {
  /** One row: `now`, the time of the server, and `identity`, which changes when the trail is created anew. */
  state: string;
  /**
   * Rows with their time as `at` and what is unique among rows of one time as `key`, after the first two bind values in
   * that order, as many as the third says.
   */
  page: string;
}

export interface Collector {
  /** Stable: `samba-audit`. */
  id: string;
  title: string;
  /** What it reads and from where, in a sentence or two. */
  summary: string;
  /** What is lost or doubled when the source misbehaves, in words. */
  guarantee: string;
  /** Datasets of the events it makes. */
  datasets: readonly string[];
  framing: Framing;
  /** Records over this many bytes are dead-lettered (1 MiB when left out). */
  maxBytes?: number;
  /** Hides secrets in a record that is refused, before it is kept as a dead letter. */
  mask?(raw: Uint8Array): Uint8Array;
  /**
   * Pure, never throws; `garbage in` gives a rejection that names what is wrong. The event and its `event` are new objects with every
   * call: delivery completes them in place.
   */
  normalise(raw: Uint8Array, context: NormaliseContext): Normalised;
}

export const collector = <C extends Collector>(definition: C): C => definition;
