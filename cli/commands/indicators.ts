/** `vigia indicators …`: lists of what gives attacks away, as others share it. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Indicator } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { visible } from '../../core/visible.ts';
import { type Command, command } from '../command.ts';
import { everyOne } from '../every-page.ts';
import { table } from '../print.ts';

interface Summary {
  list: string;
  changed: string;
  by: string;
  active: number;
  expired: number;
  byKind: Record<string, number>;
}

/** Of one call of the API; its body may be 2 MiB. */
const PART_BYTES = 1_000_000;
const MOST_AT_ONCE = 5_000;
/** So many refused lines are shown; the rest is counted. */
const SHOWN = 20;

const path = (list: string, more = '') => `/api/v1/indicators/${encodeURIComponent(list)}${more}`;

const importing = command({
  name: 'indicators import',
  summary: 'add indicators from CSV, plain lines, a STIX 2.1 bundle or a MISP event',
  arguments: '<list> <file...>',
  options: [
    { flags: '--source <name>', summary: 'who shared them, where the file does not say (default: its name)' },
    { flags: '--expires <time>', summary: 'ISO time, or days from now (90d), where the file names no end' },
    { flags: '--tlp <label>', summary: 'red, amber+strict, amber, green or clear, where the file has none' },
  ],
  example: 'vigia indicators import known-bad feed.csv --source CERT --expires 90d --tlp green',
  async run([list = '', ...files], options, context) {
    const { readIndicators, tlpOf } = await import('../../detections/index.ts');
    const tlp = options['tlp'] === undefined ? undefined : tlpOf(String(options['tlp']));
    if (options['tlp'] !== undefined && tlp === undefined)
      throw errors.usage(`--tlp ${String(options['tlp'])} is no TLP label`);
    const expires = options['expires'] === undefined ? undefined : endOf(String(options['expires']));
    const api = await context.api();
    const total = {
      added: 0,
      changed: 0,
      same: 0,
      skipped: 0,
      refused: [] as { file: string; what: string; why: string }[],
    };
    for (const file of files) {
      const read = readIndicators(contentOf(file), {
        source: String(options['source'] ?? basename(file)),
        ...(expires ? { expires } : {}),
        ...(tlp ? { tlp } : {}),
      });
      total.skipped += read.skipped;
      total.refused.push(...read.refused.map((one) => ({ file, ...one })));
      for (const part of partsOf(read.indicators)) {
        const counts = await api.post<{ added: number; changed: number; same: number }>(path(list), {
          indicators: part,
        });
        for (const name of ['added', 'changed', 'same'] as const) total[name] += counts[name];
      }
    }
    for (const { file, what, why } of total.refused.slice(0, SHOWN))
      context.note(visible(`refused: ${file}: ${what}: ${why}`));
    if (total.refused.length > SHOWN) context.note(`${total.refused.length - SHOWN} more are refused`);
    return {
      data: { list, ...total },
      text: `${list}: ${total.added} added, ${total.changed} changed, ${total.same} as before, ${total.skipped} skipped, ${total.refused.length} refused.`,
      exitCode: total.refused.length > 0 ? 1 : 0,
    };
  },
});

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw errors.usage(`${file} cannot be read: ${(cause as Error).message}`);
  }
}

function endOf(text: string): string {
  const days = /^(\d+)d$/.exec(text)?.[1];
  const atMs = days === undefined ? Date.parse(text) : Date.now() + Number(days) * 86_400_000;
  if (Number.isFinite(atMs)) return new Date(atMs).toISOString();
  throw errors.usage(`--expires ${text} is no time`, 'write 2027-01-31 or 90d');
}

function* partsOf<T>(items: readonly T[]): Generator<T[]> {
  let part: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item));
    if (part.length === MOST_AT_ONCE || bytes + size > PART_BYTES) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(item);
    bytes += size + 1;
  }
  if (part.length > 0) yield part;
}

const list = command({
  name: 'indicators list',
  summary: 'the lists, or the indicators of one',
  arguments: '[list]',
  async run([name], _options, context) {
    const api = await context.api();
    if (name === undefined) {
      const { lists } = await api.get<{ lists: Summary[] }>('/api/v1/indicators');
      const rows = lists.map((one) => [
        one.list,
        one.active,
        one.expired,
        one.changed.slice(0, 19),
        one.by,
        Object.entries(one.byKind)
          .map(([kind, count]) => `${count} ${kind}`)
          .join(', '),
      ]);
      const text =
        lists.length === 0
          ? 'There is no list of indicators.'
          : table(['LIST', 'COUNT', 'EXPIRED', 'CHANGED (UTC)', 'BY', 'KINDS'], rows);
      return { data: { lists }, text };
    }
    const size = new URLSearchParams({ size: '10000' });
    const indicators = await everyOne<Indicator>(api, path(name), 'indicators', size);
    const rows = indicators.map((one) => [
      one.kind,
      one.value,
      one.expires?.slice(0, 10) ?? 'never',
      one.tlp,
      one.source,
      one.note,
    ]);
    return {
      data: { list: name, indicators },
      text: table(['KIND', 'VALUE', 'UNTIL', 'TLP', 'SOURCE', 'NOTE'], rows),
    };
  },
});

const ending = (kind: 'expire' | 'remove', summary: string, done: string): Command =>
  command({
    name: `indicators ${kind}`,
    summary,
    arguments: '<list>',
    options: [
      { flags: '--value <value>', summary: 'one indicator; repeat for more; all when left out', many: true },
      { flags: '--reason <text>', summary: 'why; kept in the audit trail', required: true },
    ],
    async run([name = ''], options, context) {
      const values = options['value'] as string[] | undefined;
      const answer = await (await context.api()).post<Record<string, number>>(path(name, `/${kind}`), {
        reason: options['reason'],
        ...(values ? { values } : {}),
      });
      const count = answer[`${kind}d`];
      return { data: answer, text: `${name}: ${count} indicator${count === 1 ? '' : 's'} ${done}.` };
    },
  });

export const indicatorCommands: readonly Command[] = [
  importing,
  list,
  ending('expire', 'let indicators count no more from now on', 'expired'),
  ending('remove', 'take indicators out, as if they had never been there', 'removed'),
];
