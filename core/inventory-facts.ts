/**
 * What the inventory says about the machines of an event. Kept with the event as it was when the event was read, with the
 * version of the file: a later correction is shown beside it and never written into it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Event } from './event.ts';
import { type Inventory, type Item, noInventory } from './inventory.ts';

/** One item, as far as rules and people ask about it. */
export type ItemFacts = Pick<Item, 'name' | 'kind'> & Partial<Pick<Item, 'owner' | 'criticality' | 'tags'>>;

export interface InventoryFacts {
  /** Start of the SHA-256 of the file. */
  version: string;
  host?: ItemFacts;
  source?: ItemFacts;
  destination?: ItemFacts;
}

type Machines = Pick<Event, 'host' | 'source' | 'destination'>;

/** Undefined where the inventory knows none of them. */
export function inventoryFacts(inventory: Inventory, event: Machines): InventoryFacts | undefined {
  if (inventory.items.length === 0) return undefined;
  const { host, source, destination } = event;
  const found = {
    host: factsOf(inventory, [host?.name, host?.hostname, host?.ip].flat()),
    source: factsOf(inventory, [source?.address, source?.ip, source?.domain]),
    destination: factsOf(inventory, [destination?.address, destination?.ip, destination?.domain]),
  };
  const known = Object.entries(found).filter(([, facts]) => facts !== undefined);
  return known.length === 0 ? undefined : { version: inventory.version, ...Object.fromEntries(known) };
}

/** Facts as the inventory has them now, by id of those events that say otherwise. */
export function corrections(events: readonly Event[], inventory: Inventory): Record<string, InventoryFacts> {
  if (inventory.items.length === 0) return {};
  return Object.fromEntries(
    events.flatMap((event) => {
      const { version: _, ...then } = event.vigia?.inventory ?? { version: '' };
      const { version, ...now } = inventoryFacts(inventory, event) ?? { version: inventory.version };
      return isDeepStrictEqual(then, now) ? [] : [[event.event.id, { version, ...now }]];
    }),
  );
}

/** The item of that name or address, else the smallest network that the address lies in. */
function factsOf(inventory: Inventory, names: readonly unknown[]): ItemFacts | undefined {
  const texts = names.filter((name): name is string => typeof name === 'string' && name !== '');
  const [item = inventory.networkOf(texts)] = inventory.named(texts).filter(({ kind }) => kind !== 'account');
  if (item === undefined) return undefined;
  const { name, kind, owner, criticality, tags } = item;
  return {
    name,
    kind,
    ...(owner === undefined ? {} : { owner }),
    ...(criticality === undefined ? {} : { criticality }),
    ...(tags.length > 0 ? { tags: [...tags] } : {}),
  };
}

/**
 * For those who must not stop because of a mistake in the file: the last inventory that could be read, and one warning for
 * each new mistake.
 */
export function lastReadable(read: () => Inventory, warn: (message: string) => void): () => Inventory {
  let last = noInventory;
  let warned = '';
  return () => {
    try {
      last = read();
      warned = '';
    } catch (cause) {
      const { message } = cause as Error;
      if (message !== warned) warn(`${message}; events are described by the last version that could be read`);
      warned = message;
    }
    return last;
  };
}
