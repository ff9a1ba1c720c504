/** Walks stored documents in the order asked for, narrowed by SQL and decided by the matcher. */
import { compileCondition } from '../../core/conditions/matcher.ts';
import type { Condition } from '../../core/conditions/tree.ts';
import type { SortField } from '../document-fields.ts';
import { type Narrowing, narrow } from './condition-sql.ts';
import type { Database, SqlValue } from './database.ts';
import { documentFieldKey, type Term } from './terms.ts';

/** Rows looked at before others get a turn. */
const WINDOW = 2_000;
/** A set of terms with more documents is no help: walking all of them is cheaper. */
const LARGEST_SET = 5_000;

/** Values of the sort fields, then the id. */
export type Place = (string | number | null)[];

export interface DocumentWalk {
  kind: string;
  condition: Condition;
  sort: readonly SortField[];
  after: Place | undefined;
}

export interface DocumentRow {
  id: string;
  seq: number;
  version: number;
  body: string;
}

export interface FoundDocument {
  row: DocumentRow;
  place: Place;
  document: object;
}

/** Yields what the condition matches; `undefined` between windows. */
export function* matchingDocuments(
  db: Database,
  walk: DocumentWalk,
): Generator<FoundDocument | undefined, void, undefined> {
  const narrowing = narrow(walk.condition, documentFieldKey);
  const matches = compileCondition(walk.condition);
  const windows =
    walk.sort.length === 0 ? windowsById(db, walk, narrowing) : windowsBySort(db, walk, narrowing);
  for (const rows of windows) {
    for (const row of rows) {
      const document = JSON.parse(row.body) as object;
      if (!matches(document)) continue;
      const place = [...walk.sort.map((_, index) => row[`s${index}`] as string | number | null), row.id];
      yield { row, place, document };
    }
    yield undefined;
  }
}

type Row = DocumentRow & Record<string, unknown>;

/** By id the unique index gives the order, so that each window costs the same. */
function* windowsById(db: Database, { kind, after }: DocumentWalk, narrowing: Narrowing): Generator<Row[]> {
  const set = cheapest(db, kind, narrowing.required);
  let last = String(after?.at(-1) ?? '');
  for (let isLast = false; !isLast; ) {
    const edge = db
      .sql(
        `SELECT id FROM documents WHERE kind = ? AND id > ?${set.sql} ORDER BY id LIMIT 1 OFFSET ${WINDOW - 1}`,
      )
      .get(kind, last, ...set.values);
    isLast = edge === undefined;
    yield db
      .sql(
        `SELECT seq, id, version, body FROM documents e
         WHERE kind = ? AND id > ?${set.sql} AND (? OR id <= ?) AND (${narrowing.sql}) ORDER BY id`,
      )
      .all(
        kind,
        last,
        ...set.values,
        isLast ? 1 : 0,
        String(edge?.['id'] ?? ''),
        ...narrowing.values,
      ) as unknown as Row[];
    last = String(edge?.['id'] ?? '');
  }
}

/** Other orders are sorted by SQLite for each window: the condition should narrow well. */
function* windowsBySort(
  db: Database,
  { kind, sort, after }: DocumentWalk,
  narrowing: Narrowing,
): Generator<Row[]> {
  const set = cheapest(db, kind, narrowing.required);
  const columns = sort.map(({ field, numeric }, index) => {
    const value = `json_extract(body, '$.${field
      .split('.')
      .map((part) => `"${part}"`)
      .join('.')}')`;
    return `${numeric ? `CAST(${value} AS REAL)` : `lower(${value})`} AS s${index}`;
  });
  const order = [
    ...sort.map(({ descending }, index) => `s${index} ${descending ? 'DESC' : 'ASC'} NULLS LAST`),
    'id',
  ].join(', ');
  let place = after;
  for (;;) {
    const beyond = place ? placeAfter(sort, place) : { sql: '1', values: [] };
    const rows = db
      .sql(
        `SELECT * FROM (SELECT seq, id, version, body, ${columns.join(', ')} FROM documents e WHERE kind = ?${set.sql} AND (${narrowing.sql}))
         WHERE ${beyond.sql} ORDER BY ${order} LIMIT ${WINDOW}`,
      )
      .all(kind, ...set.values, ...narrowing.values, ...beyond.values) as unknown as Row[];
    yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < WINDOW) return;
    place = [...sort.map((_, index) => last[`s${index}`] as string | number | null), last.id];
  }
}

/** What comes after a place in the order; nulls come last. */
function placeAfter(sort: readonly SortField[], place: Place): { sql: string; values: SqlValue[] } {
  const choices: string[] = [];
  const values: SqlValue[] = [];
  for (let index = 0; index <= sort.length; index++) {
    const column = sort[index];
    const value = place[index] ?? null;
    if (column && value === null) continue; // nothing but equals follows a null
    const same = sort.slice(0, index).map((_, before) => `s${before} IS ?`);
    const beyond = column ? `(s${index} ${column.descending ? '<' : '>'} ? OR s${index} IS NULL)` : 'id > ?';
    choices.push(`(${[...same, beyond].join(' AND ')})`);
    values.push(...place.slice(0, index), value);
  }
  return { sql: `(${choices.join(' OR ')})`, values };
}

function cheapest(
  db: Database,
  kind: string,
  required: readonly Term[][],
): { sql: string; values: SqlValue[] } {
  const probe = db.sql(
    `SELECT count(*) AS n FROM (SELECT 1 FROM document_terms WHERE kind = ? AND field = ? AND term = ? LIMIT ${LARGEST_SET})`,
  );
  let best: { terms: Term[]; count: number } | undefined;
  for (const terms of required) {
    if (terms.length > 200) continue;
    let count = 0;
    for (const { key, term } of terms) count += Number(probe.get(kind, key, term)?.['n']);
    if (count < LARGEST_SET && (!best || count < best.count)) best = { terms, count };
  }
  if (!best) return { sql: '', values: [] };
  const selects = best.terms.map(
    () => 'SELECT seq FROM document_terms WHERE kind = ? AND field = ? AND term = ?',
  );
  return {
    sql: ` AND seq IN (${selects.join(' UNION ')})`,
    values: best.terms.flatMap(({ key, term }) => [kind, key, term]),
  };
}
