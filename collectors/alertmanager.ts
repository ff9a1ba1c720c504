/**
 * Alerts of Prometheus become ECS events of kind `alert`, when they begin to fire and when they are resolved.
 *
 * | Alertmanager writes | Event |
 * | --- | --- |
 * | `status` firing, resolved | `event.action` alert-firing, alert-resolved; `@timestamp` is `startsAt` or `endsAt` |
 * | `labels.alertname`, `.severity`, `.instance`, `.job` | `rule.name`, `log.level`, `host.name` or `host.ip`, `service.name` |
 * | `annotations.summary`, `.description` | `message`, `rule.description` |
 * | every label | `labels.…` |
 */
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
  const alert = parseObject(original);
  if (typeof alert === 'string') return reject(alert);
  const status = text(alert, 'status');
  const name = text(alert, 'labels', 'alertname');
  if (name === undefined || (status !== 'firing' && status !== 'resolved'))
    return reject('no alert of Alertmanager: labels.alertname, and status firing or resolved, are needed');
  const timeOf = (key: string) => {
    const time = isoTime(text(alert, key) ?? '', context);
    return time === undefined ? undefined : new Date(time.ms).toISOString();
  };
  const [start, end] = [timeOf('startsAt'), timeOf('endsAt')];
  const isResolved = status === 'resolved';
  const label = (key: string) => text(alert, 'labels', key);
  const labels = isObject(alert['labels']) ? Object.entries(alert['labels']).slice(0, MOST_LABELS) : [];
  return {
    event: draftOf({
      '@timestamp': isResolved ? end : start,
      event: {
        kind: 'alert',
        module: 'prometheus',
        dataset: 'prometheus.alert',
        provider: 'alertmanager',
        action: `alert-${status}`,
        start,
        end: isResolved ? end : undefined,
        url: text(alert, 'generatorURL'),
        original,
      },
      message: text(alert, 'annotations', 'summary') ?? text(alert, 'annotations', 'description') ?? name,
      rule: { name, description: text(alert, 'annotations', 'description') },
      log: { level: label('severity') },
      host: hostOfInstance(label('instance')),
      service: { name: label('job') },
      labels: Object.fromEntries(labels.map(([key, value]) => [key.replaceAll('.', '_'), String(value)])),
      vigia: {
        logsource: { product: 'prometheus', service: 'alertmanager' },
        alertmanager: { fingerprint: text(alert, 'fingerprint'), receiver: text(alert, 'receiver') },
      },
    }),
  };
}

export const alertmanager = collector({
  id: 'alertmanager',
  title: 'Alerts of Prometheus',
  summary:
    'Notifications of Alertmanager’s webhook (listen.alertmanager), so that what monitoring found stands beside what was logged. Write ' +
    'send_resolved: true and max_alerts: 0 in its webhook_configs. Repeated notifications of one alert are one event.',
  guarantee:
    'A notification is answered when its alerts are synced to disk; nothing acknowledged is lost. While the spool is full the answer is 503, ' +
    'after which Alertmanager tries again until its own time is over, and tells a firing alert again after repeat_interval: a resolution in ' +
    'between may be lost there. Alerts that Alertmanager itself leaves out are a dead letter that says how many.',
  datasets: ['prometheus.alert'],
  framing: { kind: 'lines' },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskRecord(utf8.decode(raw))),
});
