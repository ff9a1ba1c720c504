/**
 * PostgreSQL's `csvlog` becomes the events that `jsonlog` gives; for servers before version 15, which have no `jsonlog`.
 * Line breaks inside statements belong to their record: no statement can pass for a record of its own.
 */
import { collector } from './collector.ts';
import { beginsCsv, csvRecord } from './postgresql/csv-line.ts';
import { reading } from './postgresql/event.ts';

const utf8 = new TextDecoder('utf-8');

export const postgresqlCsvlog = collector({
  id: 'postgresql-csvlog',
  title: 'PostgreSQL CSV log with pgAudit',
  summary:
    'Reads the csvlog files of PostgreSQL 13 or later (log_destination = csvlog), with the same events as jsonlog.',
  guarantee:
    'Files: nothing lost, nothing doubled. The last record waits for the next one, or a second of silence. A record whose message ' +
    'starts with a comma, or is empty, is taken for a part of the record before it: both become one dead letter.',
  datasets: ['postgresql.log'],
  framing: { kind: 'lines', continues: (line: Uint8Array) => !beginsCsv(utf8.decode(line)) },
  ...reading(csvRecord),
});
