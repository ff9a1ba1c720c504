/** The stores of the proof `equal-answers`: fresh ones, filled with given events, asked by rule and re-checked in process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../../core/event.ts';
import { eventId, sha256 } from '../../core/ids.ts';
import type { Store } from '../../core/store.ts';
import { buildEngine, type DetectionRule, narrowingCondition } from '../../detections/index.ts';
import { openElasticsearch } from '../../store/elasticsearch/open.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import type { ProofOptions } from './proof.ts';

export interface AskedStore {
  name: 'embedded' | 'elasticsearch';
  store: Store;
  /** All outcomes must be `stored`: what a store refuses, it cannot be asked for. */
  fill(events: readonly Event[]): Promise<void>;
  /** Ids of the events that the rule matches, and how many the store fetched to find them. */
  answer(rule: DetectionRule, dataset?: string): Promise<{ ids: Set<string>; fetched: number }>;
  close(): Promise<void>;
}

/** `elasticsearchUrl`: of a running node; left out where that store takes no part. */
export async function openStores(
  stores: ProofOptions['stores'],
  elasticsearchUrl: string | undefined,
): Promise<AskedStore[]> {
  const opened: AskedStore[] = [];
  if (stores.includes('embedded')) {
    const folder = mkdtempSync(join(tmpdir(), 'vigia-equal-'));
    const store = await openEmbedded({ file: join(folder, 'vigia.db') });
    opened.push(
      asked('embedded', store, {
        visible: async () => undefined,
        remove: async () => rmSync(folder, { recursive: true }),
      }),
    );
  }
  if (elasticsearchUrl !== undefined) {
    // The suites of one run share the cluster.
    const prefix = `equal-${process.pid}-${Date.now()}`;
    const store = await openElasticsearch({ nodes: elasticsearchUrl, prefix });
    const call = (path: string, method: string) => fetch(`${elasticsearchUrl}/${path}`, { method });
    opened.push(
      asked('elasticsearch', store, {
        visible: async () => void (await call(`${prefix}-events-*/_refresh`, 'POST')),
        remove: async () => {
          const listed = await call(`_cat/indices/${prefix}-*?h=index&format=json`, 'GET');
          for (const { index } of (await listed.json()) as { index: string }[]) await call(index, 'DELETE');
          await call(`_index_template/${prefix}-*`, 'DELETE');
        },
      }),
    );
  }
  for (const { store } of opened) await store.migrate();
  return opened;
}

const APPEND = 500;

function asked(
  name: AskedStore['name'],
  store: Store,
  { visible, remove }: { visible(): Promise<void>; remove(): Promise<void> },
): AskedStore {
  return {
    name,
    store,
    async fill(events) {
      for (let start = 0; start < events.length; start += APPEND) {
        const batch = events.slice(start, start + APPEND);
        const outcomes = await store.events.append(
          batch.map((event) => ({ partition: 'vigia-events-equal-2026.11', event })),
        );
        const refused = outcomes.find((one) => one.outcome !== 'stored');
        if (refused) throw new Error(`${name} did not store an event: ${JSON.stringify(refused)}`);
      }
      await visible();
    },
    async answer(rule, dataset) {
      const engine = buildEngine([rule]);
      const query = {
        where: narrowingCondition(rule),
        ...(dataset === undefined ? {} : { datasets: [dataset] }),
      };
      const ids = new Set<string>();
      let fetched = 0;
      let after: string | undefined;
      do {
        const page = await store.events.read({ ...query, ...(after === undefined ? {} : { after }) });
        fetched += page.fetched;
        for (const event of page.events) if (engine.match(event).length > 0) ids.add(event.event.id);
        after = page.next;
      } while (after !== undefined);
      return { ids, fetched };
    },
    async close() {
      await store.close();
      await remove();
    },
  };
}

/** An event as ingest would store it: with id, hash and times. */
export function storable(content: object, dataset: string, number: number): Event {
  const { event, ...rest } = content as { event?: object };
  const raw = JSON.stringify(content);
  const identity = { timeMs: START_MS + number, sourceId: dataset, generation: 1, position: String(number) };
  return {
    '@timestamp': new Date(START_MS + number).toISOString(),
    ...rest,
    event: {
      ...event,
      dataset,
      id: eventId({ ...identity, raw: Buffer.from(raw) }),
      hash: sha256(raw),
      created: new Date(START_MS).toISOString(),
    },
  } as unknown as Event;
}

const START_MS = Date.parse('2026-11-20T00:00:00Z');
