/**
 * Documents that shippers send to Elasticsearch become ECS events: those of Winlogbeat and NXLog as Windows events, those of
 * rsyslog and syslog-ng as Linux system messages, everything else (Filebeat, Elastic Agent, Fluent Bit, pino, ECS loggers) as
 * the document says. Event ids, hashes and whatever the document claims about `vigia` are not taken over.
 */
import { maskRecord } from './application/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { isObject } from './ecs/json.ts';
import { parseObject } from './json/parse-object.ts';
import { ecsDocument } from './shipped/ecs-document.ts';
import { syslogDocument } from './shipped/syslog-document.ts';
import { systemEvent } from './syslog/event.ts';
import { windowsForwarded } from './windows-forwarded.ts';

const utf8 = new TextDecoder('utf-8');

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const text = maskRecord(utf8.decode(raw), context.pseudonym);
  const document = parseObject(text);
  if (typeof document === 'string') return reject(document);
  if (isObject(document['winlog']) || ('EventID' in document && 'SourceName' in document))
    return windowsForwarded.normalise(raw, context);
  const message = syslogDocument(document, context);
  return { event: message ? systemEvent(message, text, context) : ecsDocument(document, text, context) };
}

export const shippedDocuments = collector({
  id: 'shipped-documents',
  title: 'Documents of shippers',
  summary:
    'JSON documents as shippers send them to Elasticsearch, received under listen.bulk or read from a file, one a line. Winlogbeat and NXLog ' +
    'documents become Windows events as in windows-forwarded; those of rsyslog and syslog-ng become system messages as in linux-syslog; ' +
    'ECS documents are taken over field by field, and what ECS lacks becomes labels. Ingest pipelines of Filebeat modules are not run: give ' +
    'raw lines to a collector of their own with listen.bulk.field. Secrets and identifiers of citizens are hidden as in java-application.',
  guarantee:
    'Received: a document is acknowledged when it is synced to disk; nothing acknowledged is lost. Sent again with the same _id, or in a body ' +
    'with the same bytes, it is recognised and counted as duplicate. So two bodies that say the same to the last byte (no time in them) are one, ' +
    'and a shipper that cuts other bodies when it sends again (rsyslog) must give ids, or its documents are doubled. ' +
    'Exercised with rsyslog, syslog-ng, pino-elasticsearch and the official clients for Node and Python; start-up calls of Winlogbeat, ' +
    'Filebeat, Logstash and Fluent Bit as they are commonly known: checked neither against their documentation nor with the programs.',
  datasets: [
    ...['shipped.document', 'linux.auth', 'linux.cron', 'linux.syslog'],
    ...windowsForwarded.datasets,
  ],
  framing: { kind: 'lines' },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskRecord(utf8.decode(raw))),
});
