/** Made-up events and documents for the store contract. */
import type { Alert, Match } from '../../core/documents.ts';
import type { Event } from '../../core/event.ts';
import { eventId, sha256 } from '../../core/ids.ts';
import type { BatchRecord, NewEvent } from '../../core/store.ts';

export interface SampleOptions {
  at?: string;
  dataset?: string;
  partition?: string;
  batch?: string;
  hash?: string;
  /** Merged over the event, one level deep. */
  fields?: Record<string, unknown>;
}

/** An event whose id follows from its number and time, as a collector's would. */
export function sampleEvent(number: number, options: SampleOptions = {}): NewEvent {
  const { at = '2026-11-21T19:00:00.000Z', dataset = 'contract', batch = 'w/1/1', fields = {} } = options;
  const raw = `record ${number}`;
  const timeMs = Date.parse(at) || 0;
  const base: Record<string, unknown> = {
    '@timestamp': at,
    event: {
      id: eventId({
        timeMs,
        sourceId: dataset,
        generation: 1,
        position: String(number),
        raw: Buffer.from(raw),
      }),
      hash: options.hash ?? sha256(raw),
      dataset,
      created: '2026-11-21T19:00:01.000Z',
    },
    message: raw,
    vigia: { batch },
  };
  for (const [name, value] of Object.entries(fields)) {
    const own = base[name];
    base[name] = isObject(own) && isObject(value) ? { ...own, ...value } : value;
  }
  // Hostile values are the point of some samples: the type is what collectors promise, not what attackers write.
  return {
    partition: options.partition ?? `vigia-events-${dataset}-2026.11`,
    event: base as unknown as Event,
  };
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const sampleEvents = (count: number, options: SampleOptions = {}, from = 0): NewEvent[] =>
  Array.from({ length: count }, (_, index) => sampleEvent(from + index, options));

export const ids = (events: readonly Event[]): string[] => events.map((event) => event.event.id);

const rule = { id: 'rule-1', title: 'A rule', level: 'high', hash: 'h', tags: [] } as const;

export function sampleMatch(number: number, fields: Partial<Match> = {}): Match {
  return {
    id: `match-${number}`,
    rule: { ...rule, tags: [] },
    event: { id: `event-${number}`, at: '2026-11-21T19:00:00.000Z', dataset: 'contract' },
    groups: [],
    group: {},
    entities: [],
    ...fields,
  };
}

export function sampleAlert(number: number, fields: Partial<Alert> = {}): Alert {
  return {
    id: `alert-${number}`,
    kind: 'event',
    rule: { ...rule, tags: [] },
    from: '2026-11-21T19:00:00.000Z',
    to: '2026-11-21T19:00:00.000Z',
    created: '2026-11-21T19:00:02.000Z',
    events: [`event-${number}`],
    eventCount: number,
    datasets: ['contract'],
    entities: [{ type: 'user', name: 'Ana' }],
    state: 'open',
    history: [],
    ...fields,
  };
}

export function sampleBatch(writer: string, number: number, fields: Partial<BatchRecord> = {}): BatchRecord {
  return {
    writer,
    number,
    at: '2026-11-21T19:00:02.000Z',
    ledger: [
      {
        source: writer,
        hour: '2026-11-21T19',
        read: 10,
        stored: 7,
        duplicate: 2,
        deadLettered: 1,
        evaluated: 7,
      },
    ],
    partitions: ['vigia-events-contract-2026.11'],
    alerts: [],
    next: { generation: 1, position: '0' },
    touched: [],
    ...fields,
  };
}
