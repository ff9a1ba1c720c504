/** Parts on an embedded store with rules of the test's own, and events handed over in the order in which delivery writes. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { touchedBy } from '../../collectors/delivery/touched.ts';
import type { Alert } from '../../core/documents.ts';
import type { Event } from '../../core/event.ts';
import { hashId } from '../../core/ids.ts';
import type { Store } from '../../core/store.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import { compose } from '../compose.ts';
import type { Parts } from '../parts.ts';
import { detect } from '../roles/detect.ts';
import { readSettings } from '../settings.ts';

export interface Feeding {
  parts: Parts;
  /** Stores, evaluates and publishes one batch; the same events again are evaluated again. */
  deliver(source: string, events: readonly Event[]): Promise<void>;
  /** Works off the feed. */
  settle(): Promise<void>;
  /** Both. */
  feed(source: string, events: readonly Event[]): Promise<void>;
  alerts(): Promise<Alert[]>;
  /** As a restarted process would see it: nothing in memory is kept. */
  restart(store?: Store): Promise<void>;
  at(iso: string): void;
  store: Store;
  close(): Promise<void>;
}

/** `rules` are YAML texts. */
export async function openFeeding(rules: readonly string[], start: string): Promise<Feeding> {
  const folder = await mkdtemp(join(tmpdir(), 'vigia-feeding-'));
  for (const [index, text] of rules.entries()) await writeFile(join(folder, `${index}.yml`), text);
  let now = Date.parse(start);
  const store = await openEmbedded({ file: join(folder, 'vigia.db'), now: () => now });
  const settings = { ...readSettings(undefined, { VIGIA_STATE: join(folder, 'state') }), rules: [folder] };
  const open = (given: Store) =>
    compose(settings, { store: given, now: () => now, log: pino({ level: 'silent' }) });
  const numbers = new Map<string, number>();
  const feeding: Feeding = {
    store,
    parts: await open(store),
    async deliver(source, events) {
      const { detection } = feeding.parts;
      await store.events.append(
        events.map((event) => ({ partition: `vigia-events-${event.event.dataset}-undated`, event })),
      );
      const { matches, alerts } = await detection.evaluate(events);
      await store.documents.createMany(
        'match',
        matches.map((body) => ({ id: body.id, body })),
      );
      await store.documents.createMany(
        'alert',
        alerts.map((body) => ({ id: body.id, body })),
      );
      const number = (numbers.get(source) ?? 0) + 1;
      numbers.set(source, number);
      const times = events.map((event) => event['@timestamp']).sort();
      const at = new Date(now).toISOString();
      const count = events.length;
      await store.batches.publish({
        writer: source,
        number,
        at,
        next: { generation: 1, position: String(number) },
        ledger: [
          {
            source,
            hour: at.slice(0, 13),
            read: count,
            stored: count,
            duplicate: 0,
            deadLettered: 0,
            evaluated: count,
          },
        ],
        ...(times.length > 0 ? { span: { from: times[0]!, to: times.at(-1)! } } : {}),
        partitions: [],
        alerts: alerts.filter(({ state }) => state === 'open').map(({ id }) => id),
        touched: touchedBy(matches),
      });
    },
    settle: () => detect(feeding.parts, { signal: new AbortController().signal, until: 'drained' }),
    async feed(source, events) {
      await feeding.deliver(source, events);
      await feeding.settle();
    },
    async alerts() {
      const { found } = await store.documents.find('alert', { sort: ['from'], size: 10_000 });
      return found.map(({ body }) => body);
    },
    async restart(given = store) {
      feeding.parts = await open(given);
    },
    at(iso) {
      now = Date.parse(iso);
    },
    async close() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
  return feeding;
}

/** An event whose id follows from what it says, in the words of the tests' rules. */
export function said(at: string, fields: Record<string, unknown>): Event {
  const id = hashId('said', at, JSON.stringify(fields));
  const event = { id, hash: id, dataset: 'test', created: at, kind: 'event', action: 'x' };
  return { '@timestamp': at, ecs: { version: '9.4.0' }, ...fields, event } as unknown as Event;
}
