/** Documents in SQLite: each with a version that changes with every write, found by terms, sorted by `documentFields`. */
import { errors } from '../../core/errors.ts';
import type { Bucket } from '../../core/store.ts';
import { type Aggregation, aggregator } from '../aggregate.ts';
import type { Database } from './database.ts';
import { type DocumentRow, type DocumentWalk, matchingDocuments, type Place } from './document-rows.ts';
import { quick, steps, write } from './operation.ts';
import { documentTerms, type Term } from './terms.ts';

/** A document as the main thread prepares it. */
export interface DocumentItem {
  id: string;
  odd: boolean;
  body: string;
  terms: Term[];
}

export interface StoredText {
  id: string;
  version: string;
  body: string;
}

export interface FindOutput {
  found: StoredText[];
  next: Place | undefined;
}

/** With the row's number, which is never used again, in it: a deleted and newly made document has another version. */
const versionOf = (row: { seq: number; version: number }): string => `${row.seq}.${row.version}`;

export function documentOperations(db: Database) {
  function addTerms(kind: string, seq: number | bigint, terms: readonly Term[]): void {
    const add = db.sql('INSERT INTO document_terms (kind, field, term, seq) VALUES (?, ?, ?, ?)');
    for (const { key, term } of terms) add.run(kind, key, term, seq);
  }

  function removeTerms(kind: string, row: DocumentRow): void {
    const remove = db.sql('DELETE FROM document_terms WHERE kind = ? AND field = ? AND term = ? AND seq = ?');
    for (const { key, term } of documentTerms(JSON.parse(row.body) as object))
      remove.run(kind, key, term, row.seq);
  }

  const rowOf = (kind: string, id: string): DocumentRow | undefined =>
    db
      .sql('SELECT id, seq, version, body FROM documents WHERE kind = ? AND id = ?')
      .get(kind, id) as unknown as DocumentRow | undefined;

  function rowAt(kind: string, id: string, version: string): DocumentRow {
    const row = rowOf(kind, id);
    if (!row || versionOf(row) !== version) throw errors.conflict(`${kind} ${id}`);
    return row;
  }

  function create(kind: string, item: DocumentItem): 'created' | 'exists' {
    const inserted = db
      .sql(
        'INSERT INTO documents (kind, id, version, odd, body) VALUES (?, ?, 1, ?, ?) ON CONFLICT (kind, id) DO NOTHING',
      )
      .run(kind, item.id, item.odd ? 1 : 0, item.body);
    if (inserted.changes === 0) return 'exists';
    addTerms(kind, inserted.lastInsertRowid, item.terms);
    return 'created';
  }

  return {
    getDocument: quick(({ kind, id }: { kind: string; id: string }): StoredText | undefined => {
      const row = rowOf(kind, id);
      return row && { id: row.id, version: versionOf(row), body: row.body };
    }),

    createDocuments: write(({ kind, items }: { kind: string; items: readonly DocumentItem[] }) =>
      items.map((item) => create(kind, item)),
    ),

    updateDocument: write(
      ({ kind, item, version }: { kind: string; item: DocumentItem; version: string }): string => {
        const row = rowAt(kind, item.id, version);
        removeTerms(kind, row);
        const next = { seq: row.seq, version: row.version + 1 };
        db.sql('UPDATE documents SET version = ?, odd = ?, body = ? WHERE seq = ?').run(
          next.version,
          item.odd ? 1 : 0,
          item.body,
          row.seq,
        );
        addTerms(kind, row.seq, item.terms);
        return versionOf(next);
      },
    ),

    deleteDocument: write(({ kind, id, version }: { kind: string; id: string; version: string }): void => {
      const row = rowAt(kind, id, version);
      removeTerms(kind, row);
      db.sql('DELETE FROM documents WHERE seq = ?').run(row.seq);
    }),

    findDocuments: steps(function* ({
      size,
      ...walk
    }: DocumentWalk & { size: number }): Generator<undefined, FindOutput, undefined> {
      const output: FindOutput = { found: [], next: undefined };
      let place: Place | undefined;
      for (const found of matchingDocuments(db, walk)) {
        if (found === undefined) yield;
        else if (output.found.length === size) {
          output.next = place;
          break;
        } else {
          output.found.push({ id: found.row.id, version: versionOf(found.row), body: found.row.body });
          place = found.place;
        }
      }
      return output;
    }),

    aggregateDocuments: steps(function* (
      input: Aggregation & Pick<DocumentWalk, 'kind' | 'condition'>,
    ): Generator<undefined, Bucket[], undefined> {
      const tally = aggregator(input);
      for (const found of matchingDocuments(db, { ...input, sort: [], after: undefined })) {
        if (found === undefined) yield;
        else tally.add(found.document);
      }
      return tally.buckets();
    }),

    nextNumber: write((counter: string): number =>
      Number(
        db
          .sql(
            'INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value',
          )
          .get(counter)!['value'],
      ),
    ),
  };
}
