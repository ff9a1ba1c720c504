/**
 * The embedded store: one SQLite file for one machine. Exactly one process opens it; a second one is refused
 * (`errors.locked`) and uses the API of the first instead.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Store } from '../../core/store.ts';
import { leasesOver } from '../leases.ts';
import { ledgerHours } from '../ledger-hours.ts';
import { timeRange } from '../time-range.ts';
import { embeddedDocuments } from './documents.ts';
import { embeddedEvents } from './events.ts';
import { startThread } from './thread.ts';

export interface EmbeddedOptions {
  file: string;
  /** Monotonic milliseconds, for the expiry of leases. */
  now?: () => number;
}

/** Creates the file when it is absent. */
export async function openEmbedded({ file, now = () => performance.now() }: EmbeddedOptions): Promise<Store> {
  const path = resolve(file);
  const thread = await startThread(path);
  const bytesOf = (name: string): number => statSync(name, { throwIfNoEntry: false })?.size ?? 0;
  return {
    capabilities: { name: 'embedded', shared: false, foreignIndices: false },
    events: embeddedEvents(thread),
    documents: embeddedDocuments(thread),
    batches: {
      publish: (record) => thread.call('publish', record),
      follow: (places, limit) => thread.call('follow', { places, limit }),
      last: (writer) => thread.call('last', writer),
      writers: () => thread.call('writers', undefined),
      ledger: (range) => thread.call('ledger', ledgerHours(range)),
    },
    leases: leasesOver(
      {
        get: (name) => thread.call('getLease', name),
        put: (name, record, version) => thread.call('putLease', { name, record, version }),
      },
      now,
    ),
    // Tables are made when the file is opened.
    migrate: async () => {},
    // One file, whatever is in it.
    layOut: async () => [],
    makePartitions: async () => undefined,
    retain: (dataset, before) => thread.call('retain', { dataset, beforeMs: timeRange({ to: before }).toMs }),
    async health() {
      try {
        await thread.call('countEvents', undefined);
        return { state: 'ok', detail: path };
      } catch (cause) {
        return { state: 'down', detail: (cause as Error).message };
      }
    },
    async size() {
      const events = await thread.call('countEvents', undefined);
      return { events, bytes: bytesOf(path) + bytesOf(`${path}-wal`) };
    },
    close: () => thread.close(),
  };
}
