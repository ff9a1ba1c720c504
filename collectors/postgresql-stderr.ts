/**
 * PostgreSQL's plain text log becomes the events that `jsonlog` gives, without what the text does not hold: session, error
 * code, client port, query id. What a refused login calls itself is written raw, so that it may forge lines of this file:
 * prefer `jsonlog` or `csvlog`.
 */
import { collector } from './collector.ts';
import { reading } from './postgresql/event.ts';
import { continuesText, textRecord } from './postgresql/text-line.ts';

const utf8 = new TextDecoder('utf-8');

export const postgresqlStderr = collector({
  id: 'postgresql-stderr',
  title: 'PostgreSQL text log with pgAudit',
  summary:
    "Reads PostgreSQL's text log. log_line_prefix starts with '%m [%p] ' or '%t [%p] ' (also '[%p-%l]'), and may go on with " +
    "'%u@%d', 'from %h' or 'from %r', and at its end 'app=%a'; or with 'user=%u,db=%d,client=%h,app=%a'.",
  guarantee:
    'Files: nothing lost, nothing doubled. The last record waits for the next one, or a second of silence. User and application names ' +
    'are written as the client sent them: they may hold line breaks and so forge lines.',
  datasets: ['postgresql.log'],
  framing: { kind: 'lines', continues: (line: Uint8Array) => continuesText(utf8.decode(line)) },
  ...reading(textRecord),
});
