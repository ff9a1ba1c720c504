/**
 * Changes of a service management system (ITSM) become ECS events, so that rules and people can tell planned work from an attack.
 * The format is our own, one JSON record a line, because every ITSM names its columns as it was set up; a view or export of it maps
 * them to these names. Not exercised against a live server.
 *
 * | Field | Meaning | Event |
 * | --- | --- | --- |
 * | `number` (needed) | `CHG-2026-0042` | `vigia.itsm.number` |
 * | `updatedAt` (needed) | ISO time of this state | `@timestamp` |
 * | `status` (needed) | what the ITSM calls it | `event.action` change-<status> |
 * | `type`, `title`, `risk`, `url` | as written | `vigia.itsm`, `message`, `event.url` |
 * | `requestedBy`, `assignedTo`, `approvedBy` | account names, or lists | `user`, `vigia.itsm`, `related.user` |
 * | `plannedStart`, `plannedEnd` | ISO times | `event.start`, `event.end` |
 * | `items` | hosts and systems it touches | `vigia.itsm.items`, `related.hosts` |
 */

import { maskSecrets } from '../core/secrets.ts';
import { collector, type Normalised, reject } from './collector.ts';
import { draftOf } from './ecs/draft.ts';
import { type Json, jsonObject, text, texts } from './ecs/json.ts';
import { utcTime } from './microsoft/time.ts';

const utf8 = new TextDecoder('utf-8');

const kebab = (words: string) =>
  words
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 64);
/** One name, or a list of them. */
const names = (record: Json, key: string): string[] => {
  const one = text(record, key);
  return one === undefined ? [...texts(record, key)] : [one];
};

function normalise(raw: Uint8Array): Normalised {
  const line = maskSecrets(utf8.decode(raw));
  const record = jsonObject(new TextEncoder().encode(line));
  if (typeof record === 'string') return reject(record);
  const missing = ['number', 'status', 'updatedAt'].filter((key) => text(record, key) === undefined);
  if (missing.length > 0) return reject(`the change lacks ${missing.join(', ')}`);
  const at = utcTime(text(record, 'updatedAt'));
  if (at === undefined) return reject('updatedAt is no ISO time');
  const [requestedBy] = names(record, 'requestedBy');
  const people = ['requestedBy', 'assignedTo', 'approvedBy'].flatMap((key) => names(record, key));
  const items = names(record, 'items');
  const [start, end] = ['plannedStart', 'plannedEnd'].map((key) => utcTime(text(record, key)));
  const [number, status] = [text(record, 'number')!, text(record, 'status')!];
  return {
    event: draftOf({
      '@timestamp': at,
      event: {
        kind: 'event',
        module: 'itsm',
        dataset: 'itsm.change',
        provider: 'itsm',
        category: ['configuration'],
        type: ['info'],
        action: `change-${kebab(status)}`,
        start,
        end,
        url: text(record, 'url'),
        original: line,
      },
      message: `${number} ${text(record, 'title') ?? ''}`.trim(),
      user: { name: requestedBy },
      related: { user: [...new Set(people)], hosts: [...new Set(items)] },
      vigia: {
        logsource: { product: 'itsm', category: 'application', service: 'change' },
        itsm: {
          number,
          status,
          type: text(record, 'type'),
          title: text(record, 'title'),
          risk: text(record, 'risk'),
          assigned_to: names(record, 'assignedTo'),
          approved_by: names(record, 'approvedBy'),
          items,
        },
      },
    }),
  };
}

export const itsmChanges = collector({
  id: 'itsm-changes',
  title: 'ITSM changes',
  summary:
    'Changes of a service management system, one JSON record a line: number, status, updatedAt, and as known type, title, risk, url, ' +
    'requestedBy, assignedTo, approvedBy, plannedStart, plannedEnd, items. An export of the ITSM maps its columns to these names. Not ' +
    'exercised against a live server.',
  guarantee:
    'Files: nothing lost, nothing doubled. Each line is one state of a change; what the export leaves out is not known here.',
  datasets: ['itsm.change'],
  framing: { kind: 'lines' },
  normalise,
  /** For dead letters: the same bytes with secrets hidden. */
  mask: (raw: Uint8Array): Uint8Array => new TextEncoder().encode(maskSecrets(utf8.decode(raw))),
});
