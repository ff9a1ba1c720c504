/** Tables of our own in the packet filter (nftables) of a Linux host: made and changed in one transaction, read back as data. */
import { errors } from '../core/errors.ts';
import type { Host } from '../targets/ssh.ts';

const NFT = '/usr/sbin/nft';

/** One entry of `nft -j list`: what kind it is, and its fields. */
type Item = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;

export interface SetElement {
  /** An address, a network as `192.0.2.0/24`, or a word such as `ip`. */
  readonly value: string;
  /** Seconds until it takes itself out; undefined when it stays. */
  readonly expires?: number;
}

export interface FilterTable {
  readonly sets: Readonly<Record<string, readonly SetElement[]>>;
  /** Number of rules in each chain. */
  readonly rules: Readonly<Record<string, number>>;
}

/** Undefined when the host has no such table. */
export async function readTable(host: Host, name: string): Promise<FilterTable | undefined> {
  const tables = await list(host, 'tables');
  if (!tables.some(({ table }) => table?.['name'] === name && table['family'] === 'inet')) return undefined;
  const items = await list(host, `table inet ${name}`);
  const sets = items.flatMap(({ set }) =>
    set === undefined ? [] : [[String(set['name']), elementsOf(set)]],
  );
  const rules: Record<string, number> = {};
  for (const { chain, rule } of items) {
    if (chain !== undefined) rules[String(chain['name'])] ??= 0;
    if (rule !== undefined) rules[String(rule['chain'])] = (rules[String(rule['chain'])] ?? 0) + 1;
  }
  return { sets: Object.fromEntries(sets), rules };
}

/** All statements or none. One word: nft would take the −250 of a chain for an option of its own. */
export const changeFilter = (host: Host, operation: string, ...statements: readonly string[]) =>
  host.change(operation, { words: [NFT, statements.join('; ')], sudo: true });

/** Where Vigia comes from and on which port, as the host sees it: never to be cut off. */
export async function managementOf(host: Host): Promise<{ readonly address: string; readonly port: number }> {
  const { text } = await host.read('asking where we come from', {
    words: ['/usr/bin/printenv', 'SSH_CONNECTION'],
  });
  const [address, , , port] = text.trim().split(' ');
  if (address === undefined || !(Number(port) > 0))
    throw errors.remote(
      host.server,
      'asking where we come from',
      `SSH_CONNECTION is ${JSON.stringify(text)}`,
    );
  return { address: address.replace(/^::ffff:/, ''), port: Number(port) };
}

async function list(host: Host, what: string): Promise<Item[]> {
  const { text } = await host.read('reading the packet filter', {
    words: [NFT, '-j', 'list', ...what.split(' ')],
    sudo: true,
  });
  // The form that nft documents; the version of it is in the first entry.
  const { nftables } = JSON.parse(text) as { nftables?: Item[] };
  if (nftables === undefined)
    throw errors.remote(host.server, 'reading the packet filter', 'nft gave no list');
  return nftables;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { prefix, concat } = value as { prefix?: { addr: string; len: number }; concat?: unknown[] };
  if (prefix !== undefined) return `${prefix.addr}/${prefix.len}`;
  return concat === undefined ? String(value) : concat.map(String).join(' . ');
}

/** `"a"`, `{prefix: {addr, len}}`, `{concat: [a, b]}`, and any of them inside `{elem: {val, expires}}`. */
function elementsOf(set: Readonly<Record<string, unknown>>): SetElement[] {
  const given = (set['elem'] ?? []) as readonly unknown[];
  return given.map((each) => {
    const { elem } = each as { elem?: { val: unknown; expires?: number } };
    const value = elem?.val ?? each;
    return {
      value: textOf(value),
      ...(elem?.expires === undefined ? {} : { expires: elem.expires }),
    };
  });
}
