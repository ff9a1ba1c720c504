/**
 * Logs of .NET applications become ECS events: compact log events (CLEF) and the console layout. Delivery: at least once
 * from files, ids by position. The console layout has no time unless `TimestampFormat` is set: such events carry the
 * time of reading and the flag `missing`. Fields are those of java-application.ts.
 */
import { toEvent } from './application/event.ts';
import { maskRecord } from './application/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { clefRecord } from './dotnet/clef.ts';
import { consoleRecord, startsConsoleRecord } from './dotnet/console.ts';
import { isoTime } from './syslog/time.ts';

const utf8 = new TextDecoder('utf-8');
/** A head is a time, a level and a category of at most 256 letters. */
const HEAD_BYTES = 1_024;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const text = maskRecord(utf8.decode(raw), context.pseudonym);
  const record = text.startsWith('{') ? clefRecord(text) : consoleRecord(text);
  if (typeof record === 'string') return reject(record);
  const time = record.time === undefined ? undefined : isoTime(record.time, context);
  if (record.time !== undefined && time === undefined) return reject('the time is not ISO 8601');
  return { event: toEvent(record, { original: text, product: 'dotnet', time }, context) };
}

export const dotnetApplication = collector({
  id: 'dotnet-application',
  title: '.NET application log',
  summary:
    'Reads logs of .NET applications: compact log events (CLEF, one JSON object a line, as Serilog writes them) and the console layout ' +
    '(“info: Category[0]”, message indented), with exceptions. Prefer CLEF: the console layout has no time unless TimestampFormat is ' +
    'set to an ISO time with a blank after it. NISS and NIF in any text become pseudonyms (privacy in the settings) or are hidden; ' +
    'event.id and event.hash are hashes of the whole record, so that whoever may read events and guesses the rest can try out identifiers.',
  guarantee:
    'Files: nothing lost, nothing doubled. A console record waits for the next one, or a second of silence, and takes the time of ' +
    'reading where it has none. Text before the first record of a file is dead-lettered. A line break that a user manages to put into ' +
    'a message is indented by the console layout, so that it forges no record.',
  datasets: ['application.dotnet'],
  framing: {
    kind: 'lines',
    continues: (line: Uint8Array) =>
      line[0] !== OPEN_BRACE && !startsConsoleRecord(utf8.decode(line.subarray(0, HEAD_BYTES))),
    stands: (line: Uint8Array) => line[0] === OPEN_BRACE && line.at(-1) === CLOSE_BRACE,
  },
  normalise,
  /** For dead letters: the same bytes with secrets hidden, identifiers without pseudonym. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskRecord(utf8.decode(raw))),
});
