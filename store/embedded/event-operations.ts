/** Events in SQLite: append, get, read, aggregate, erase, and dropping whole partitions. */
import type { Condition } from '../../core/conditions/tree.ts';
import type { Appended, Bucket } from '../../core/store.ts';
import { type Aggregation, aggregator } from '../aggregate.ts';
import { partitionEndMs, partitionStart } from '../partition-end.ts';
import type { TimeRange } from '../time-range.ts';
import type { Database } from './database.ts';
import { type EventWalk, matchingEvents, type Place } from './event-rows.ts';
import { quick, steps, write } from './operation.ts';
import { eventTerms, type Term } from './terms.ts';

/** An event as the main thread prepares it. */
export interface EventItem {
  id: string;
  partition: string;
  at: number;
  hash: string;
  batch: string | undefined;
  odd: boolean;
  body: string;
  terms: Term[];
}

export interface ReadInput extends TimeRange {
  condition: Condition;
  newest: boolean;
  size: number;
  after: { upTo: number; place: Place } | undefined;
}

export interface ReadOutput {
  bodies: string[];
  next: { upTo: number; place: Place } | undefined;
  fetched: number;
}

/** Rows removed per slice. */
const SLICE = 1_000;

export function eventOperations(db: Database) {
  const newestNumber = () => Number(db.sql('SELECT coalesce(max(seq), 0) AS seq FROM events').get()?.['seq']);

  function append(item: EventItem, partition: number): Appended {
    const inserted = db
      .sql(
        'INSERT INTO events (id, at, partition, hash, batch, odd, body) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
      )
      .run(item.id, item.at, partition, item.hash, item.batch ?? null, item.odd ? 1 : 0, item.body);
    if (inserted.changes === 0) {
      const there = db.sql('SELECT hash, batch FROM events WHERE id = ?').get(item.id)!;
      if (there['hash'] !== item.hash) return { outcome: 'collision' };
      return { outcome: 'duplicate', batch: (there['batch'] as string | null) ?? undefined };
    }
    const add = db.sql('INSERT INTO event_terms (field, term, at, seq) VALUES (?, ?, ?, ?)');
    for (const { key, term } of item.terms) add.run(key, term, item.at, inserted.lastInsertRowid);
    return { outcome: 'stored' };
  }

  function appendAll(items: readonly EventItem[]): Appended[] {
    const partitions = new Map<string, { number: number; stored: number }>();
    const outcomes = items.map((item) => {
      let partition = partitions.get(item.partition);
      if (!partition) {
        partition = { number: partitionNumber(item.partition), stored: 0 };
        partitions.set(item.partition, partition);
      }
      const appended = append(item, partition.number);
      if (appended.outcome === 'stored') partition.stored++;
      return appended;
    });
    for (const { number, stored } of partitions.values()) {
      db.sql('UPDATE partitions SET events = events + ? WHERE id = ?').run(stored, number);
    }
    return outcomes;
  }

  function partitionNumber(name: string): number {
    db.sql('INSERT INTO partitions (name) VALUES (?) ON CONFLICT (name) DO NOTHING').run(name);
    return Number(db.sql('SELECT id FROM partitions WHERE name = ?').get(name)!['id']);
  }

  function remove(where: string, value: string | number): number {
    const rows = db
      .sql(`SELECT seq, at, partition, body FROM events WHERE ${where} LIMIT ${SLICE}`)
      .all(value);
    for (const row of rows) {
      const [seq, at] = [Number(row['seq']), Number(row['at'])];
      for (const { key, term } of eventTerms(JSON.parse(String(row['body'])) as object)) {
        db.sql('DELETE FROM event_terms WHERE field = ? AND term = ? AND at = ? AND seq = ?').run(
          key,
          term,
          at,
          seq,
        );
      }
      db.sql('DELETE FROM events WHERE seq = ?').run(seq);
      db.sql('UPDATE partitions SET events = events - 1 WHERE id = ?').run(Number(row['partition']));
    }
    return rows.length;
  }

  return {
    append: write(appendAll),

    getEvents: quick((ids: readonly string[]): (string | undefined)[] =>
      ids.map((id) => db.sql('SELECT body FROM events WHERE id = ?').get(id)?.['body'] as string | undefined),
    ),

    readEvents: steps(function* (input: ReadInput): Generator<undefined, ReadOutput, undefined> {
      const upTo = input.after?.upTo ?? newestNumber();
      const walk: EventWalk = { ...input, upTo, after: input.after?.place };
      const output: ReadOutput = { bodies: [], next: undefined, fetched: 0 };
      let place: Place | undefined;
      const count = () => output.fetched++;
      for (const row of matchingEvents(db, walk, count)) {
        if (row === undefined) yield;
        else if (output.bodies.length === input.size) {
          // One more matches, so there is another page; it begins after the last one kept.
          output.next = { upTo, place: place! };
          break;
        } else {
          output.bodies.push(row.body);
          place = { at: row.at, seq: row.seq };
        }
      }
      return output;
    }),

    aggregateEvents: steps(function* (
      input: TimeRange & Aggregation & { condition: Condition },
    ): Generator<undefined, Bucket[], undefined> {
      const tally = aggregator(input);
      const walk: EventWalk = { ...input, newest: false, upTo: newestNumber(), after: undefined };
      for (const row of matchingEvents(db, walk, () => {})) {
        if (row === undefined) yield;
        else tally.add(row.event);
      }
      return tally.buckets();
    }),

    eraseEvents: steps(
      function* (ids: readonly string[]): Generator<undefined, number, undefined> {
        let erased = 0;
        for (const [index, id] of ids.entries()) {
          erased += remove('id = ?', id);
          if (index % SLICE === SLICE - 1) yield;
        }
        return erased;
      },
      { writes: true },
    ),

    retain: steps(
      function* (input: { dataset: string; beforeMs: number }): Generator<undefined, string[], undefined> {
        const start = partitionStart(input.dataset);
        const dropped: string[] = [];
        for (const { id, name } of db.sql('SELECT id, name FROM partitions ORDER BY name').all()) {
          const endMs = partitionEndMs(String(name), start);
          if (endMs === undefined || endMs > input.beforeMs) continue;
          while (remove('partition = ?', Number(id)) > 0) yield;
          db.sql('DELETE FROM partitions WHERE id = ?').run(Number(id));
          dropped.push(String(name));
        }
        return dropped;
      },
      { writes: true },
    ),

    countEvents: quick((_: undefined): number =>
      Number(db.sql('SELECT coalesce(sum(events), 0) AS n FROM partitions').get()!['n']),
    ),
  };
}
