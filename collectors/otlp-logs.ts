/**
 * Log records of OpenTelemetry, received by OTLP over HTTP, become the same events as logs of Java and .NET applications:
 * body and attributes are read like message and named values. The dataset follows the SDK's language.
 */
import { toEvent } from './application/event.ts';
import { maskRecord } from './application/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { text as textAt } from './ecs/json.ts';
import { parseObject } from './json/parse-object.ts';
import { otlpRecord } from './otlp/record.ts';
import { isoTime } from './syslog/time.ts';

const utf8 = new TextDecoder('utf-8');
/** `telemetry.sdk.language` that has a dataset of its own. */
const LANGUAGES = ['java', 'dotnet', 'nodejs', 'python', 'go', 'php', 'ruby', 'rust', 'cpp', 'webjs'];
const OTHER = 'otlp';

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const original = maskRecord(utf8.decode(raw), context.pseudonym);
  const parsed = parseObject(original);
  const record = typeof parsed === 'string' ? parsed : otlpRecord(parsed);
  if (typeof parsed === 'string' || typeof record === 'string') return reject(String(record));
  const language = textAt(parsed, 'resource', 'telemetry.sdk.language') ?? '';
  const product = LANGUAGES.includes(language) ? language : OTHER;
  const time = record.time === undefined ? undefined : isoTime(record.time, context);
  return { event: toEvent(record, { original, product, time }, context) };
}

export const otlpLogs = collector({
  id: 'otlp-logs',
  title: 'OpenTelemetry logs',
  summary:
    'Log records by OTLP over HTTP (listen.otlp, POST /v1/logs), protobuf or JSON, also compressed; from exporters of the SDKs and from a ' +
    'collector’s otlphttp exporter. Resource and attributes become fields as in java-application, and labels. Traces and metrics are not taken. ' +
    'gRPC is not spoken. Secrets and identifiers of citizens are hidden as in java-application.',
  guarantee:
    'A request is answered when its records are synced to disk; nothing acknowledged is lost. A body sent again with the same bytes is ' +
    'recognised. While the spool is full the answer is 503, after which exporters try again for as long as they are set to. Exercised with the ' +
    'exporters for Node (protobuf and JSON) and Python, not with the OpenTelemetry Collector.',
  datasets: [...LANGUAGES, OTHER].map((product) => `application.${product}`),
  framing: { kind: 'lines' },
  normalise,
  /** For dead letters: the same bytes with secrets hidden, identifiers without pseudonym. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskRecord(utf8.decode(raw))),
});
