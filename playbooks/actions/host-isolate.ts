/**
 * Isolates a Linux host: only SSH from the kept addresses passes. The kernel of the host releases it by itself: the rules
 * drop what a set names, and the elements of the set have a timer, so a lost Vigia cannot leave a host isolated for ever.
 */
import { isIP } from 'node:net';
import { errors } from '../../core/errors.ts';
import { action } from '../action.ts';
import { changeFilter, type FilterTable, managementOf, readTable } from '../host-firewall.ts';
import { hours, system } from '../inputs.ts';

interface Input {
  readonly system: string;
  readonly keep: readonly string[];
  readonly hours: number;
}

interface Before {
  readonly isolated: boolean;
  readonly port: number;
  readonly keep: readonly string[];
}

const TABLE = 'vigia_isolation';
const FAMILIES = ['ip', 'ip6'];

/**
 * deploy/sudoers-vigia holds this text too. Until something is in `active` it drops nothing. Priority −300 is before
 * connection tracking, so open connections stop. Without neighbour discovery no kept IPv6 address could be reached.
 */
const TABLE_STATEMENTS = [
  `create table inet ${TABLE}`,
  `add set inet ${TABLE} active { type ether_type; flags timeout; }`,
  `add set inet ${TABLE} kept4 { type ipv4_addr . inet_service; }`,
  `add set inet ${TABLE} kept6 { type ipv6_addr . inet_service; }`,
  ...['input', 'output', 'forward'].map(
    (chain) => `add chain inet ${TABLE} ${chain} { type filter hook ${chain} priority -300; policy accept; }`,
  ),
  ...[
    'input iifname lo accept',
    'input ip saddr . tcp dport @kept4 accept',
    'input ip6 saddr . tcp dport @kept6 accept',
    'input icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
    'input meta protocol @active drop',
    'output oifname lo accept',
    'output ip daddr . tcp sport @kept4 accept',
    'output ip6 daddr . tcp sport @kept6 accept',
    'output icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept',
    'output meta protocol @active drop',
    'forward meta protocol @active drop',
  ].map((rule) => `add rule inet ${TABLE} ${rule}`),
];
const RULES = { input: 5, output: 5, forward: 1 };

/** One transaction: what is kept and the timer come together. */
function activation({ keep, port }: Before, forHours: number): string[] {
  const timeout = forHours === 0 ? '' : ` timeout ${forHours}h`;
  const kept = [4, 6].flatMap((version) => {
    const own = keep.filter((address) => isIP(address) === version).map((address) => `${address} . ${port}`);
    return own.length === 0 ? [] : [`add element inet ${TABLE} kept${version} { ${own.join(', ')} }`];
  });
  return [
    ...[4, 6].map((version) => `flush set inet ${TABLE} kept${version}`),
    ...kept,
    `add element inet ${TABLE} active { ${FAMILIES.map((family) => `${family}${timeout}`).join(', ')} }`,
  ];
}

/** A table whose timer ran out isolates nothing. */
const isActive = (table: FilterTable | undefined): boolean => (table?.sets['active'] ?? []).length > 0;

export const hostIsolate = action<Input, Before, { changed: boolean }>({
  id: 'host.isolate',
  title: 'Isolate a Linux host from the network, but for its management',
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['keep'],
    additionalProperties: false,
    properties: {
      system: system('ssh'),
      keep: {
        type: 'array',
        minItems: 1,
        maxItems: 16,
        uniqueItems: true,
        items: { type: 'string', maxLength: 39, pattern: '^[0-9a-f:.]+$' },
        description: 'Addresses that still reach its SSH port. That of Vigia must be one of them.',
        examples: [['192.0.2.10']],
      },
      hours: hours(4, 'The host releases itself after so many hours; 0 means not until undone.'),
    },
  },
  plan: (input, ctx) =>
    ctx.host(input.system, async (host) => {
      const wrong = input.keep.filter((address) => isIP(address) === 0);
      if (wrong.length > 0)
        throw errors.usage(`${wrong.join(', ')}: no address`, 'write addresses, not names');
      const { address: own, port } = await managementOf(host);
      if (!input.keep.includes(own))
        throw errors.refused(
          `the kept addresses lack ${own}, from which Vigia reaches ${host.server}: it could never release the host`,
          `add ${own} to keep`,
        );
      const table = await readTable(host, TABLE);
      const isolated = isActive(table);
      const until = input.hours
        ? `for ${input.hours} h, then the host releases itself`
        : 'until it is undone';
      return {
        plan: {
          targets: [{ system: input.system, identity: host.server, name: input.system }],
          changes: isolated
            ? []
            : [`- every packet from, to and through ${input.system} is dropped ${until}`],
          stays: [
            ...(isolated ? ['it is isolated already; that is not changed'] : []),
            `SSH (port ${port}) with ${input.keep.join(', ')}; programs of the host among themselves`,
            'the isolation does not outlive a restart of the host or of its packet filter',
          ],
          undo: 'deletes the table; connections that broke meanwhile are not brought back',
          proof:
            'reads timer and rules back over a new connection, which also shows that Vigia still gets in',
          bounds: { hosts: 1 },
          observed: { hosts: 1, isolated },
        },
        subjects: [
          {
            system: input.system,
            kind: 'named-asset',
            names: [input.system, host.server.replace(/:\d+$/, '')],
          },
        ],
        before: { isolated, port, keep: input.keep },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.host(input.system, async (host) => {
      const table = await readTable(host, TABLE);
      if (isActive(table)) return { changed: false };
      if (table === undefined) await changeFilter(host, 'making the table', ...TABLE_STATEMENTS);
      await changeFilter(host, 'isolating the host', ...activation(before, input.hours));
      return { changed: true };
    }),
  verify: ({ input }, ctx) =>
    ctx.host(input.system, async (host) => {
      const table = await readTable(host, TABLE);
      const active = table?.sets['active'] ?? [];
      const isWhole =
        FAMILIES.every((family) => active.some(({ value }) => value === family)) &&
        Object.entries(RULES).every(([chain, count]) => table?.rules[chain] === count);
      if (!isWhole)
        return { outcome: 'not-proven', detail: 'the host is not isolated, or no longer; plan a new run' };
      const seconds = active[0]?.expires;
      return {
        outcome: 'proven',
        detail: `only the kept addresses get in; ${seconds === undefined ? 'it stays so until it is undone' : `the host releases itself in ${seconds} s`}`,
      };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.host(input.system, async (host) => {
      if (before.isolated)
        return { outcome: 'proven', detail: 'it was isolated before; nothing was taken back' };
      if ((await readTable(host, TABLE)) !== undefined)
        await changeFilter(host, 'releasing the host', `delete table inet ${TABLE}`);
      return (await readTable(host, TABLE)) === undefined
        ? { outcome: 'proven', detail: 'the host is not isolated any more' }
        : { outcome: 'not-proven', detail: `delete the table ${TABLE} on the host by hand` };
    }),
});
