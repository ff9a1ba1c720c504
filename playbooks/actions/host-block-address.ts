/** Blocks an address or network on a Linux host, both ways, until it expires by itself: an element of an nftables set of our own. */
import { BlockList, isIP } from 'node:net';
import { errors } from '../../core/errors.ts';
import { action } from '../action.ts';
import {
  changeFilter,
  type FilterTable,
  managementOf,
  readTable,
  type SetElement,
} from '../host-firewall.ts';
import { hours, system } from '../inputs.ts';

interface Input {
  readonly system: string;
  readonly address: string;
  readonly hours: number;
}

interface Before {
  /** As nft writes it: a host without prefix, a network by its first address. */
  readonly address: string;
  readonly blocked: boolean;
}

const TABLE = 'vigia_block';
/** deploy/sudoers-vigia holds this text too. Priority −250 is before connection tracking, so open connections stop; a drop is final. */
const TABLE_STATEMENTS = [
  `create table inet ${TABLE}`,
  ...[4, 6].map((v) => `add set inet ${TABLE} blocked${v} { type ipv${v}_addr; flags interval, timeout; }`),
  ...['input', 'output', 'forward'].flatMap((chain) => [
    `add chain inet ${TABLE} ${chain} { type filter hook ${chain} priority -250; policy accept; }`,
    ...(chain === 'output' ? ['daddr'] : chain === 'input' ? ['saddr'] : ['saddr', 'daddr']).flatMap(
      (side) => [
        `add rule inet ${TABLE} ${chain} ip ${side} @blocked4 drop`,
        `add rule inet ${TABLE} ${chain} ip6 ${side} @blocked6 drop`,
      ],
    ),
  ]),
];
const RULES = { input: 2, output: 2, forward: 4 };

const setFor = (address: string) => (address.includes(':') ? 'blocked6' : 'blocked4');

const elementIn = (table: FilterTable | undefined, address: string): SetElement | undefined =>
  table?.sets[setFor(address)]?.find(({ value }) => value === address);

export const hostBlockAddress = action<Input, Before, { changed: boolean }>({
  id: 'host.block-address',
  title: 'Block an address or network on a Linux host',
  risk: 'reversible',
  input: {
    type: 'object',
    required: ['address'],
    additionalProperties: false,
    properties: {
      system: system('ssh'),
      address: {
        type: 'string',
        maxLength: 43,
        pattern: '^[0-9a-fA-F:.]+(/[0-9]{1,3})?$',
        description: 'An address or a network; networks are not wider than /16 (IPv6: /48).',
        examples: ['203.0.113.9', '203.0.113.0/24'],
      },
      hours: hours(24, 'The host lets it in again after so many hours; 0 means not until undone.'),
    },
  },
  plan: (input, ctx) =>
    ctx.host(input.system, async (host) => {
      const address = normal(input.address);
      const { address: own } = await managementOf(host);
      if (covers(address, own))
        throw errors.refused(
          `${address} holds ${own}, from which Vigia reaches ${host.server}`,
          'block a smaller network',
        );
      const found = elementIn(await readTable(host, TABLE), address);
      const until = found?.expires === undefined ? 'until it is undone' : `for ${found.expires} s more`;
      return {
        plan: {
          targets: [{ system: input.system, identity: address, name: address }],
          changes: found
            ? []
            : [
                `+ packets from and to ${address} are dropped ${input.hours ? `for ${input.hours} h` : 'until it is undone'}`,
              ],
          stays: [
            ...(found ? [`it is blocked already, ${until}; that is not changed`] : []),
            'other hosts; the block does not outlive a restart of the host or of its packet filter',
          ],
          undo: 'takes the address out of the set; the empty table stays',
          proof: 'reads the set and the rules back over a new connection',
          bounds: { networks: 1 },
          observed: { networks: 1, blocked: found ? until : 'no' },
        },
        subjects: [{ system: input.system, kind: 'named-asset', names: [address] }],
        before: { address, blocked: found !== undefined },
      };
    }),
  act: ({ input, before: { address } }, ctx) =>
    ctx.host(input.system, async (host) => {
      const table = await readTable(host, TABLE);
      if (elementIn(table, address) !== undefined) return { changed: false };
      const timeout = input.hours === 0 ? '' : ` timeout ${input.hours}h`;
      if (table === undefined) await changeFilter(host, 'making the table', ...TABLE_STATEMENTS);
      await changeFilter(
        host,
        'blocking the address',
        `add element inet ${TABLE} ${setFor(address)} { ${address}${timeout} }`,
      );
      return { changed: true };
    }),
  verify: ({ input, before: { address } }, ctx) =>
    ctx.host(input.system, async (host) => {
      const table = await readTable(host, TABLE);
      const found = elementIn(table, address);
      if (found === undefined)
        return { outcome: 'not-proven', detail: `${address} is not in the set; plan a new run` };
      const isWhole = Object.entries(RULES).every(([chain, count]) => table?.rules[chain] === count);
      if (!isWhole)
        return {
          outcome: 'not-proven',
          detail: `${address} is in the set, but somebody changed the rules of table ${TABLE}; delete that table and plan a new run`,
        };
      const until = found.expires === undefined ? 'until it is undone' : `for ${found.expires} s more`;
      return { outcome: 'proven', detail: `${address} is in the set that the rules drop, ${until}` };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.host(input.system, async (host) => {
      if (before.blocked)
        return { outcome: 'proven', detail: 'it was blocked before; nothing was taken back' };
      const element = `{ ${before.address} }`;
      if (elementIn(await readTable(host, TABLE), before.address) !== undefined)
        await changeFilter(
          host,
          'letting the address in',
          `delete element inet ${TABLE} ${setFor(before.address)} ${element}`,
        );
      return elementIn(await readTable(host, TABLE), before.address) === undefined
        ? { outcome: 'proven', detail: `${before.address} is not blocked by Vigia any more` }
        : { outcome: 'not-proven', detail: `nft delete element inet ${TABLE} … did not help; do it by hand` };
    }),
});

/** The form in which nft gives it back; wider networks than anybody means are refused. */
function normal(given: string): string {
  const [address = '', length] = given.toLowerCase().split('/');
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  const prefix = length === undefined ? bits : Number(length);
  const widest = family === 6 ? 48 : 16;
  if (family === 0 || prefix > bits)
    throw errors.usage(`${given} is no address or network`, 'write 203.0.113.9 or 203.0.113.0/24');
  if (prefix < widest)
    throw errors.usage(`${given} is wider than /${widest}`, 'block smaller networks, one step each');
  const words = family === 4 ? address.split('.').map(Number) : groupsOf(address);
  const size = family === 4 ? 8 : 16;
  const masked = words.map((word, i) => {
    const kept = Math.min(size, Math.max(0, prefix - i * size));
    return word & ~(2 ** (size - kept) - 1);
  });
  if (masked.some((word, i) => word !== words[i]))
    throw errors.usage(`${given} is no network: it has bits beyond its length`, 'write its first address');
  const text = family === 4 ? masked.join('.') : compressed(masked);
  return prefix === bits ? text : `${text}/${prefix}`;
}

/** The platform writes IPv6 as everybody does: through a URL. */
const compressed = (groups: readonly number[]): string =>
  new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]`).hostname.slice(1, -1);

function groupsOf(address: string): number[] {
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = text.split('::');
  const parts = (side: string | undefined) =>
    side ? side.split(':').map((group) => Number.parseInt(group, 16)) : [];
  if (tail === undefined) return parts(head);
  const zeros = 8 - parts(head).length - parts(tail).length;
  return [...parts(head), ...Array<number>(zeros).fill(0), ...parts(tail)];
}

function covers(network: string, address: string): boolean {
  const [first = '', length] = network.split('/');
  const [own, type] = [isIP(first), isIP(first) === 6 ? 'ipv6' : 'ipv4'] as const;
  if (own !== isIP(address)) return false;
  const list = new BlockList();
  list.addSubnet(first, length === undefined ? (own === 6 ? 128 : 32) : Number(length), type);
  return list.check(address, type);
}
