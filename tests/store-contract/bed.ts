/** What the contract suite needs of a store: a fresh one, and a way to see what was just written. */
import { afterAll, beforeAll } from 'vitest';
import type { EventPage, EventQuery, Store } from '../../core/store.ts';

export interface Bed {
  /** An empty store of its own, migrated. */
  open(options?: { now?: () => number }): Promise<Store>;
  /** Another connection to the same data; only where `capabilities.shared`. */
  again?(options?: { now?: () => number }): Promise<Store>;
  /** Returns when events appended before can be found by `read`. */
  visible(): Promise<void>;
  close(): Promise<void>;
}

export type MakeBed = () => Promise<Bed>;

/** One store for all tests of a `describe`. */
export function useStore(makeBed: MakeBed): { readonly store: Store; readonly bed: Bed } {
  let bed: Bed | undefined;
  let store: Store | undefined;
  beforeAll(async () => {
    bed = await makeBed();
    store = await bed.open();
  }, 60_000);
  afterAll(async () => {
    await store?.close();
    await bed?.close();
  });
  return {
    get store() {
      return store!;
    },
    get bed() {
      return bed!;
    },
  };
}

/** All pages of a query. */
export async function readAll(store: Store, query: EventQuery): Promise<EventPage[]> {
  const pages: EventPage[] = [];
  let after: string | undefined;
  do {
    const page = await store.events.read({ ...query, ...(after === undefined ? {} : { after }) });
    pages.push(page);
    after = page.next;
  } while (after !== undefined);
  return pages;
}

export const eventsOf = (pages: readonly EventPage[]) => pages.flatMap((page) => page.events);
