/**
 * PostgreSQL's `jsonlog` (15 or later), with pgAudit's text in it, becomes ECS events. Delivery: at least once from
 * files, ids by position. Lost: what the server itself drops when its log disk is full. `log_statement = ddl` writes
 * passwords in the clear: they are masked in every field, the original line included, before anything is kept.
 */
import { collector } from './collector.ts';
import { reading } from './postgresql/event.ts';
import { jsonLine } from './postgresql/json-line.ts';

export const postgresql = collector({
  id: 'postgresql',
  title: 'PostgreSQL log with pgAudit',
  summary:
    'Reads the jsonlog files of PostgreSQL 15 or later: logins, statements, errors, settings, and pgAudit records.',
  guarantee: 'Files: nothing lost, nothing doubled. Lines cut by a crash of the server are dead-lettered.',
  datasets: ['postgresql.log'],
  framing: { kind: 'lines' },
  ...reading(jsonLine),
});
