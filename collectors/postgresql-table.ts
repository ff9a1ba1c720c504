/**
 * A table of PostgreSQL that holds its csvlog (as managed services offer it) becomes the events that `jsonlog` gives. The
 * account of Vigia needs SELECT on the table and nothing else.
 */
import { collector } from './collector.ts';
import { reading } from './postgresql/event.ts';
import { logTableTrail, tableRow } from './postgresql/table-row.ts';

export const postgresqlTable = collector({
  id: 'postgresql-table',
  title: 'PostgreSQL log in a table',
  summary:
    'Asks a table, view or foreign table that holds csvlog (poll.table, usually postgres_log) for new rows; the columns are those of ' +
    'the PostgreSQL documentation, version 14 or later.',
  guarantee:
    'A row is read once, also when it appears late: up to poll.overlapSeconds after its log_time. Rows deleted before they were read ' +
    'are lost. A table truncated or created anew begins a new generation.',
  datasets: ['postgresql.log'],
  framing: { kind: 'rows', target: 'postgresql', trail: logTableTrail },
  ...reading(tableRow),
});
