/**
 * The inventory file: what there is, what needs it, who owns it. Answers which items a name means, and what suffers with them.
 * One relation, `needs`, is enough: a service needs a database, a database needs a host, a host needs a switch.
 */
import { readFileSync, statSync } from 'node:fs';
import { compileNetwork, networkMistake } from './conditions/network.ts';
import { errors, type Problem } from './errors.ts';
import { sha256 } from './ids.ts';
import { inventorySchema, itemMistakes } from './inventory-schema.ts';
import { checkSchema } from './schema.ts';
import { parseYaml } from './yaml.ts';

export type ItemKind = 'service' | 'host' | 'account' | 'database' | 'network' | 'storage';

export interface Item {
  readonly name: string;
  readonly kind: ItemKind;
  /** Other names and addresses by which events, settings and people mean it. */
  readonly also: readonly string[];
  /** Names of items without which it does not work. */
  readonly needs: readonly string[];
  /** Of a service: people who depend on it. */
  readonly users: number;
  readonly owner?: string;
  readonly criticality?: 'low' | 'normal' | 'high';
  readonly tags: readonly string[];
}

/** What suffers when something fails, itself included. */
export interface Radius {
  /** Sum over the services: somebody who uses two of them counts twice. */
  readonly users: number;
  readonly services: number;
  readonly hosts: number;
  /** Everything that needs it, directly or through others. */
  readonly dependants: number;
  /** The first of them to look at, most critical first; `dependants` is the exact number. */
  readonly foremost: readonly string[];
}

export interface Inventory {
  readonly items: readonly Item[];
  /** Start of the SHA-256 of the file; empty where there is none. */
  readonly version: string;
  /** Items that any of the names means. */
  named(names: readonly string[]): Item[];
  /** The smallest network (an item with a name like `10.20.0.0/16`) that one of the addresses lies in. */
  networkOf(addresses: readonly string[]): Item | undefined;
  /** Undefined when the inventory knows none of the names. */
  radius(names: readonly string[]): Radius | undefined;
}

const SHOWN = 10;
const RANK = { high: 0, normal: 1, low: 2 } as const;

export const noInventory: Inventory = {
  items: [],
  version: '',
  named: () => [],
  networkOf: () => undefined,
  radius: () => undefined,
};

export function inventoryOf(items: readonly Item[], version = ''): Inventory {
  const byName = new Map<string, Item[]>();
  const dependants = new Map<Item, Item[]>();
  const put = <K>(map: Map<K, Item[]>, key: K, item: Item) => map.set(key, [...(map.get(key) ?? []), item]);
  for (const item of items)
    for (const name of new Set([item.name, ...item.also].map(key))) put(byName, name, item);
  for (const item of items)
    for (const need of item.needs)
      for (const needed of byName.get(key(need)) ?? []) put(dependants, needed, item);
  const named = (names: readonly string[]): Item[] => [
    ...new Set(names.flatMap((name) => byName.get(key(name)) ?? [])),
  ];
  const networks = networksOf(items);
  return {
    items,
    version,
    named,
    networkOf: (addresses) => networks.find(({ holds }) => addresses.some(holds))?.item,
    radius(names) {
      const hit = named(names);
      if (hit.length === 0) return undefined;
      const reached = new Set(hit);
      // A set may grow while it is gone through: what is added is visited too.
      for (const item of reached) for (const one of dependants.get(item) ?? []) reached.add(one);
      const all = [...reached];
      const behind = all
        .filter((item) => !hit.includes(item))
        .sort(
          (a, b) => RANK[a.criticality ?? 'normal'] - RANK[b.criticality ?? 'normal'] || b.users - a.users,
        );
      return {
        users: all.reduce((sum, { users }) => sum + users, 0),
        services: all.filter(({ kind }) => kind === 'service').length,
        hosts: all.filter(({ kind }) => kind === 'host').length,
        dependants: behind.length,
        foremost: behind.slice(0, SHOWN).map(({ name }) => name),
      };
    },
  };
}

/** The smallest first. */
function networksOf(items: readonly Item[]): { item: Item; holds: (address: string) => boolean }[] {
  return items
    .flatMap((item) => [item.name, ...item.also].map((name) => ({ item, name })))
    .filter(({ name }) => name.includes('/') && networkMistake(name) === undefined)
    .sort((a, b) => prefixOf(b.name) - prefixOf(a.name))
    .map(({ item, name }) => ({ item, holds: compileNetwork(name) }));
}

const prefixOf = (network: string): number => Number(network.slice(network.indexOf('/') + 1));

/** `INST\ana` and `ana` may be two people: names count as written, but for letter case. */
const key = (name: string): string => name.trim().toLowerCase();

/** Throws `errors.invalid` with every mistake. */
export function readInventory(path: string): Inventory {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw errors.usage(`the inventory ${path} cannot be read: ${(cause as Error).message}`);
  }
  const { documents, problems } = parseYaml(text, path);
  const document = documents[0];
  const found: Problem[] = [...problems];
  if (document !== undefined) found.push(...checkSchema(inventorySchema, document));
  if (document !== undefined && found.length === 0) found.push(...itemMistakes(document));
  if (document === undefined || found.length > 0) throw errors.invalid('inventory', found);
  // The schema has just checked the shape; what is left out has a default.
  const { items } = document.value as { items: readonly (Pick<Item, 'name' | 'kind'> & Partial<Item>)[] };
  return inventoryOf(
    items.map((item) => ({ also: [], needs: [], users: 0, tags: [], ...item })),
    sha256(text).slice(0, 12),
  );
}

/** Reads the file again when it has changed. A file with mistakes is an error for whoever asks, never the old content. */
export function inventoryFile(path: string): () => Inventory {
  let known: { readonly stamp: string; readonly inventory: Inventory } | undefined;
  return () => {
    const stat = statSync(path, { throwIfNoEntry: false });
    const stamp = `${stat?.mtimeMs}/${stat?.size}/${stat?.ino}`;
    if (known?.stamp !== stamp) known = { stamp, inventory: readInventory(path) };
    return known.inventory;
  };
}
