/** Answers of Prometheus to questions of the settings become ECS events of kind `metric`, so that rules can judge them. */
import { maskRecord } from './application/secrets.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { draftOf } from './ecs/draft.ts';
import { isObject, text } from './ecs/json.ts';
import { parseObject } from './json/parse-object.ts';
import { hostOfInstance } from './prometheus/instance.ts';
import { isoTime } from './syslog/time.ts';

const utf8 = new TextDecoder('utf-8');
const MOST_LABELS = 100;

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const original = maskRecord(utf8.decode(raw), context.pseudonym);
  const answer = parseObject(original);
  if (typeof answer === 'string') return reject(answer);
  const { labels } = answer;
  const query = text(answer, 'query');
  const value = text(answer, 'value');
  const time = isoTime(text(answer, 'time') ?? '', context);
  if (query === undefined || value === undefined || time === undefined || !isObject(labels))
    return reject('no answer of Prometheus: "time", "query", "labels" and "value" are needed');
  const number = Number(value);
  return {
    event: draftOf({
      '@timestamp': new Date(time.ms).toISOString(),
      event: { kind: 'metric', module: 'prometheus', dataset: 'prometheus.query', action: query, original },
      message: `${query} is ${value}`,
      host: hostOfInstance(text(labels, 'instance')),
      service: { name: text(labels, 'job') },
      labels: Object.fromEntries(
        Object.entries(labels)
          .slice(0, MOST_LABELS)
          .map(([key, one]) => [key.replaceAll('.', '_'), String(one)]),
      ),
      vigia: {
        logsource: { product: 'prometheus', service: 'query' },
        // NaN and the infinities are no numbers of JSON; the message has them.
        prometheus: { query, ...(Number.isFinite(number) ? { value: number } : {}) },
      },
    }),
  };
}

export const prometheusQuery = collector({
  id: 'prometheus-query',
  title: 'Questions to Prometheus',
  summary:
    'Asks Prometheus instant queries of the settings (prometheus.queries) at fixed steps of the clock; each series of an answer is an event ' +
    'with its labels and vigia.prometheus.value. Ask for what is unusual (up == 0), not for everything: no answer is no event.',
  guarantee:
    'Each step is asked once, also those missed while Vigia was away, up to prometheus.lookBackHours; longer gaps are a dead letter that says ' +
    'from when to when. A step whose answer changes between a kill and its repetition (samples that Prometheus received late) is stored twice.',
  datasets: ['prometheus.query'],
  framing: { kind: 'lines' },
  normalise,
});
