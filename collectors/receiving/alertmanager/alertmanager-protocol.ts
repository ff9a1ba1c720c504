/**
 * Alertmanager's webhook (version 4 of its body): each alert of a notification is a record. A notification that is repeated, or
 * told again because another alert joined its group, says nothing new: the alert, its state and its times are its position.
 */
import { hashId } from '../../../core/ids.ts';
import { isObject, type Json, objects, text } from '../../ecs/json.ts';
import { parseObject } from '../../json/parse-object.ts';
import { type Answer, type Brought, type Call, json, type Protocol, type Taken } from '../protocol.ts';

const VERSION = '4';
const failed = (status: number, message: string): Answer => json(status, { error: message });

export const alertmanagerProtocol: Protocol = {
  name: 'Alertmanager',
  brings: (method) => method === 'POST',
  take,
  greet: () => failed(405, 'notifications of Alertmanager are taken by POST'),
  // It tries again after 5xx, and not after 4xx.
  full: (_call, reason) => failed(503, reason),
  refuse: (status, reason) => failed(status, reason),
};

function take({ body }: Call): Taken | Answer {
  const parsed = parseObject(body.toString());
  if (typeof parsed === 'string') return failed(400, parsed);
  if (text(parsed, 'version') !== VERSION || !Array.isArray(parsed['alerts']))
    return failed(400, `no notification of Alertmanager: "version" must be "${VERSION}", "alerts" a list`);
  return {
    records: [...objects(parsed, 'alerts').map((alert) => recordOf(alert, parsed)), ...truncated(parsed)],
    answer: json(200, {}),
  };
}

function recordOf(alert: Json, notification: Json): Brought {
  const told = ['fingerprint', 'status', 'startsAt', 'endsAt'].map((name) => text(alert, name) ?? '');
  const labels = isObject(alert['labels']) ? JSON.stringify(alert['labels']) : '';
  // Nothing of the group: the same alert must be the same bytes in every notification.
  const record = { ...alert, receiver: text(notification, 'receiver') };
  return { bytes: Buffer.from(JSON.stringify(record)), key: hashId('alert', ...told, labels) };
}

/** `max_alerts` of the receiver leaves alerts out; that many are missing here. */
function truncated(notification: Json): Brought[] {
  const count = Number(notification['truncatedAlerts'] ?? 0);
  if (!(count > 0)) return [];
  const group = text(notification, 'groupKey') ?? '';
  return [
    {
      bytes: Buffer.from(group),
      broken: `Alertmanager left ${count} alerts out of a notification: set max_alerts of its webhook to 0`,
      size: Buffer.byteLength(group),
    },
  ];
}
