/**
 * Logs of Java applications become ECS events: JSON (ECS, logstash encoder), Spring Boot, Logback, Log4j, WildFly, Tomcat.
 * Delivery: at least once from files, ids by position. A stack trace is part of the record before it.
 *
 * | The application writes | Event |
 * | --- | --- |
 * | `user=`, `ip=`, `status=`, `ms=`, `to=` … in the message, or as JSON keys | `user.name`, `source.ip`, `http.response.status_code`, `event.duration`, `user.target.name` |
 * | `role=`, `rows=`, `batch=`, `author=`, `niss=`, `session=` … | `vigia.app.role`, `.rows`, `.batch`, `.author`, `.subject`, `.session` |
 * | other named values | `labels.<name>` |
 * | "Login failed …", "Batch approved …" (application/meaning.ts), or `event.action` | `event.action`, `.category`, `.type`, `.outcome` |
 * | exception and its causes | `error.type`, `.message`, `.stack_trace`, `vigia.app.causes` |
 */
import { toEvent } from './application/event.ts';
import { maskRecord } from './application/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { jsonRecord } from './java/json.ts';
import { startsRecord, textRecord } from './java/text.ts';
import { javaTime } from './java/time.ts';

const utf8 = new TextDecoder('utf-8');
/** Enough to see how a record begins. */
const HEAD_BYTES = 64;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const text = maskRecord(utf8.decode(raw), context.pseudonym);
  const record = text.startsWith('{') ? jsonRecord(text) : textRecord(text);
  if (typeof record === 'string') return reject(record);
  const time = record.time === undefined ? undefined : javaTime(record.time, context);
  if (record.time !== undefined && time === undefined)
    return reject('the time is neither ISO 8601 nor 21-Nov-2026 09:00:00.123');
  return { event: toEvent(record, { original: text, product: 'java', time }, context) };
}

export const javaApplication = collector({
  id: 'java-application',
  title: 'Java application log',
  summary:
    'Reads logs of Java applications: ECS JSON and the logstash encoder, one object a line; Spring Boot, Logback and Log4j patterns ' +
    '(time [thread] LEVEL logger - message), WildFly and Tomcat, each with stack traces. Other patterns: a description, see described. ' +
    'NISS and NIF in any text become pseudonyms (privacy in the settings) or are hidden; ' +
    'event.id and event.hash are hashes of the whole record, so that whoever may read events and guesses the rest can try out identifiers.',
  guarantee:
    'Files: nothing lost, nothing doubled. A text record waits for the next one, or a second of silence. Text before the first record ' +
    'of a file (a start-up banner) is dead-lettered. A line break that a user manages to put into a message can forge a record: only ' +
    'JSON layouts are safe from that; and values that a user types into a message can look like named values.',
  datasets: ['application.java'],
  framing: {
    kind: 'lines',
    continues: (line: Uint8Array) =>
      line[0] !== OPEN_BRACE && !startsRecord(utf8.decode(line.subarray(0, HEAD_BYTES))),
    stands: (line: Uint8Array) => line[0] === OPEN_BRACE && line.at(-1) === CLOSE_BRACE,
  },
  normalise,
  /** For dead letters: the same bytes with secrets hidden, identifiers without pseudonym. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskRecord(utf8.decode(raw))),
});
