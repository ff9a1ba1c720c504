/** Batch records, their ledger lines, and lease records in SQLite. */
import { errors } from '../../core/errors.ts';
import type { BatchPlace, BatchRecord, LedgerLine } from '../../core/store.ts';
import type { LeaseRecord } from '../leases.ts';
import type { Database } from './database.ts';
import { quick, write } from './operation.ts';

const recordOf = (row: Record<string, unknown>): BatchRecord =>
  JSON.parse(String(row['body'])) as BatchRecord;

export function batchOperations(db: Database) {
  return {
    publish: write((record: BatchRecord): void => {
      const inserted = db
        .sql(
          'INSERT INTO batches (writer, number, body) VALUES (?, ?, ?) ON CONFLICT (writer, number) DO NOTHING',
        )
        .run(record.writer, record.number, JSON.stringify(record));
      if (inserted.changes === 0)
        throw errors.conflict(
          `batch ${record.number} of ${record.writer}`,
          'another process writes for this source',
        );
      for (const line of record.ledger) {
        db.sql(
          'INSERT INTO ledger (source, hour, read, stored, duplicate, dead_lettered, evaluated) VALUES (?, ?, ?, ?, ?, ?, ?)',
        ).run(
          line.source,
          line.hour,
          line.read,
          line.stored,
          line.duplicate,
          line.deadLettered,
          line.evaluated,
        );
      }
    }),

    follow: quick(({ places, limit }: { places: readonly BatchPlace[]; limit: number }): BatchRecord[] =>
      places.flatMap(({ writer, after }) => {
        const rows = db
          .sql('SELECT number, body FROM batches WHERE writer = ? AND number > ? ORDER BY number LIMIT ?')
          .all(writer, after, limit);
        const hole = rows.findIndex((row, index) => row['number'] !== after + 1 + index);
        return (hole === -1 ? rows : rows.slice(0, hole)).map(recordOf);
      }),
    ),

    last: quick((writer: string): BatchRecord | undefined => {
      const row = db
        .sql('SELECT body FROM batches WHERE writer = ? ORDER BY number DESC LIMIT 1')
        .get(writer);
      return row && recordOf(row);
    }),

    /** From one writer to the next in the index, past all their records. */
    writers: quick((_: undefined) =>
      db
        .sql(
          `WITH RECURSIVE known(writer) AS (
             SELECT min(writer) FROM batches
             UNION ALL SELECT (SELECT min(writer) FROM batches WHERE writer > known.writer) FROM known WHERE writer IS NOT NULL)
           SELECT writer FROM known WHERE writer IS NOT NULL`,
        )
        .all()
        .map((row) => String(row['writer'])),
    ),

    /** Hours as in `LedgerLine.hour`, both inclusive. */
    ledger: quick(
      ({ first, last }: { first: string; last: string }) =>
        db
          .sql(
            `SELECT source, hour, sum(read) AS read, sum(stored) AS stored, sum(duplicate) AS duplicate,
               sum(dead_lettered) AS deadLettered, sum(evaluated) AS evaluated
             FROM ledger WHERE hour >= ? AND hour <= ? GROUP BY source, hour ORDER BY source, hour`,
          )
          .all(first, last) as unknown as LedgerLine[],
    ),

    getLease: quick((name: string): { record: LeaseRecord; version: string } | undefined => {
      const row = db.sql('SELECT record, version FROM leases WHERE name = ?').get(name);
      return (
        row && { record: JSON.parse(String(row['record'])) as LeaseRecord, version: String(row['version']) }
      );
    }),

    putLease: write(
      ({
        name,
        record,
        version,
      }: {
        name: string;
        record: LeaseRecord;
        version: string | undefined;
      }): boolean => {
        const text = JSON.stringify(record);
        const changed =
          version === undefined
            ? db
                .sql(
                  'INSERT INTO leases (name, version, record) VALUES (?, 1, ?) ON CONFLICT (name) DO NOTHING',
                )
                .run(name, text)
            : db
                .sql('UPDATE leases SET version = version + 1, record = ? WHERE name = ? AND version = ?')
                .run(text, name, Number(version));
        return changed.changes === 1;
      },
    ),
  };
}

/** Who held a lease in an earlier process is gone: the lock on the file proves it. */
export function freeLeases(db: Database): void {
  db.run("UPDATE leases SET version = version + 1, record = json_set(record, '$.owner', '')");
}
