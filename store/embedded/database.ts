/** The SQLite file: opened by this process alone, with its tables. */
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { errors } from '../../core/errors.ts';

export type SqlValue = SQLInputValue;

export interface Database {
  /** A prepared statement, made once per text. */
  sql(text: string): StatementSync;
  run(statement: string): void;
  close(): void;
}

const TABLES = `
CREATE TABLE IF NOT EXISTS partitions (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, events INTEGER NOT NULL DEFAULT 0) STRICT;
-- AUTOINCREMENT: a number is never used again, so that "up to this number" is a consistent view for a reader of many pages.
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, partition INTEGER NOT NULL,
  hash TEXT NOT NULL, batch TEXT, odd INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
-- The number is named so that SQLite seeks by both: many events may share one time.
CREATE INDEX IF NOT EXISTS events_by_time ON events (at, seq);
CREATE INDEX IF NOT EXISTS events_by_partition ON events (partition);
-- Look-ups by the values of a few fields, in time order (terms.ts says which fields and why).
CREATE TABLE IF NOT EXISTS event_terms (
  field INTEGER NOT NULL, term TEXT NOT NULL, at INTEGER NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (field, term, at, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, odd INTEGER NOT NULL,
  body TEXT NOT NULL, UNIQUE (kind, id)) STRICT;
CREATE TABLE IF NOT EXISTS document_terms (
  kind TEXT NOT NULL, field TEXT NOT NULL, term TEXT NOT NULL, seq INTEGER NOT NULL,
  PRIMARY KEY (kind, field, term, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batches (
  writer TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (writer, number)) STRICT;
CREATE TABLE IF NOT EXISTS ledger (
  source TEXT NOT NULL, hour TEXT NOT NULL, read INTEGER NOT NULL, stored INTEGER NOT NULL, duplicate INTEGER NOT NULL,
  dead_lettered INTEGER NOT NULL, evaluated INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS ledger_by_hour ON ledger (hour);
CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, version INTEGER NOT NULL, record TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Grows with the tables; a file of a newer Vigia is refused. */
const SCHEMA = 1;

/**
 * Opens and locks the file: in exclusive locking mode SQLite holds the operating system's lock until the process ends, so
 * that a second process is refused at once. Never open the file by other means in this process: closing it would drop the lock.
 */
export function openDatabase(file: string): Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite would make it readable for all, and gives its journal the rights of the file.
  if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    database.exec(
      'PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000;',
    );
    database.exec('BEGIN IMMEDIATE');
    const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
    if (version > SCHEMA)
      throw errors.refused(
        `${file} was written by a newer Vigia (schema ${version}, known ${SCHEMA})`,
        'start the newer version, or restore a backup',
      );
    database.exec(TABLES);
    database.exec(`PRAGMA user_version = ${SCHEMA}`);
    database.exec('COMMIT');
  } catch (cause) {
    database.close();
    if (isBusy(cause)) throw errors.locked(file);
    throw cause;
  }
  const statements = new Map<string, StatementSync>();
  return {
    sql(text) {
      let statement = statements.get(text);
      if (!statement) {
        // Texts vary with the shape of conditions only; a bound keeps a long-lived process from collecting them.
        if (statements.size >= 500) statements.clear();
        statement = database.prepare(text);
        statements.set(text, statement);
      }
      return statement;
    },
    run: (statement) => database.exec(statement),
    close: () => database.close(),
  };
}

const isBusy = (cause: unknown): boolean => {
  const code = (cause as { errcode?: number }).errcode ?? 0;
  return (code & 0xff) === 5 || (code & 0xff) === 6;
};
