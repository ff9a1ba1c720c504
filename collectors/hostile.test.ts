/**
 * What a hostile or broken source writes, through reading, delivery and a store: each record is an event or a dead letter that
 * says why, the next record is taken, memory stays bounded, and the source beside it goes on. Connections: `reading/listen.test.ts`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, deflateRawSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Store } from '../core/store.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { collectors } from './index.ts';
import { doneInMemory } from './reading/done-files.ts';
import { fileReader } from './reading/file.ts';
import { onceReader } from './reading/once.ts';
import { wholeFileReader } from './reading/whole.ts';
import { run, type Source } from './run.ts';

const MB = 1_048_576;
/** The largest record is ten times the limit of a collector; nothing may hold many of them. */
const MOST_GROWTH_BYTES = 400 * MB;

let folder: string;
let store: Store;
let before: number;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-hostile-'));
  store = await openEmbedded({ file: join(folder, 'vigia.db') });
  await store.migrate();
  before = process.memoryUsage().rss;
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

function sourceOf(id: string, collector: string, bytes: Uint8Array): Source {
  const found = collectors.find((one) => one.id === collector)!;
  const path = join(folder, `${id}.log`);
  writeFileSync(path, bytes);
  const { framing } = found;
  const isWhole = framing.kind === 'file';
  const growing =
    framing.kind === 'lines' || framing.kind === 'records' ? framing : ({ kind: 'lines' } as const);
  return {
    id,
    collector: found,
    reader: isWhole ? wholeFileReader(path, framing) : fileReader(path, growing),
  };
}

async function read(source: Source) {
  const counts = { read: 0, stored: 0, deadLettered: 0 };
  await run(
    source,
    {
      store,
      evaluate: async () => ({ matches: [], alerts: [] }),
      now: () => Date.parse('2026-11-21T12:00:00Z'),
      retentionDays: 3_650,
      observe: (facts) => {
        for (const name of ['read', 'stored', 'deadLettered'] as const) counts[name] += facts[name];
      },
    },
    { signal: new AbortController().signal, until: 'end' },
  );
  const letters = await store.documents.find('dead-letter', {
    where: { op: 'equals', field: 'source', value: source.id },
  });
  return { ...counts, reasons: letters.found.map(({ body }) => body.reason) };
}

const GOOD: Readonly<Record<string, string>> = {
  'linux-syslog': '<38>1 2026-11-21T10:00:00Z app1 payd 7 - - all is well',
  'java-application': '{"@timestamp":"2026-11-21T10:00:00Z","log.level":"INFO","message":"all is well"}',
  'dotnet-application': '{"@t":"2026-11-21T10:00:00Z","@mt":"all is well","@l":"Information"}',
  'nginx-access': '192.0.2.7 - - [21/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 12 "-" "curl/8"',
};
const json = (fields: object) =>
  JSON.stringify({ '@timestamp': '2026-11-21T10:00:00Z', 'log.level': 'INFO', message: 'm', ...fields });
const manyKeys = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n.toString(36)}`, 1]));
const deep = (open: string, close: string, times: number) => open.repeat(times) + close.repeat(times);

/** What lies between two good records of that collector: how many become events, and why the others do not. */
const table: [
  name: string,
  collector: string,
  hostile: string | Uint8Array,
  stored: number,
  reasons: RegExp[],
][] = [
  [
    'a line of 10 MB',
    'linux-syslog',
    'x'.repeat(10 * MB),
    0,
    [/^record of 10485760 bytes is over the limit/],
  ],
  ['10 MB of JSON', 'java-application', json({ big: 'x'.repeat(10 * MB) }), 0, [/is over the limit/]],
  [
    'text that is not UTF-8',
    'linux-syslog',
    Uint8Array.of(60, 51, 56, 62, 0xc3, 0x28, 0xff),
    0,
    [/^not valid UTF-8/],
  ],
  [
    'zero bytes in a line',
    'linux-syslog',
    '<38>1 2026-11-21T10:00:00Z app1 payd 7 - - a\u0000b\u0000',
    1,
    [],
  ],
  ['a page of zero bytes, as a power cut leaves', 'linux-syslog', new Uint8Array(65_536), 0, [/./]],
  ['JSON nested 200,000 deep', 'java-application', deep('[', ']', 200_000), 0, [/./]],
  [
    'objects nested 100,000 deep in a field',
    'java-application',
    `{"message":"m","a":${deep('{"a":', '}', 100_000).replace('}', '1}')}}`,
    0,
    [/./],
  ],
  ['100,000 keys', 'java-application', json(manyKeys), 1, []],
  [
    '100,000 properties of a template',
    'dotnet-application',
    `{"@t":"2026-11-21T10:00:00Z","@mt":"m",${JSON.stringify(manyKeys).slice(1)}`,
    1,
    [],
  ],
  [
    'types that conflict',
    'java-application',
    ['a', 7, true, null, [1, 'b'], { c: 1 }].map((user) => json({ user })).join('\n'),
    6,
    [],
  ],
  [
    'names that objects have already',
    'java-application',
    '{"message":"m","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    1,
    [],
  ],
  [
    'control sequences of terminals',
    'nginx-access',
    '192.0.2.7 - \u001b[2J [21/Nov/2026:10:00:00 +0000] "GET /\u001b]0;x\u0007 HTTP/1.1" 200 1 "-" "-"',
    1,
    [],
  ],
  [
    'a time that is none',
    'linux-syslog',
    '<38>1 9999-99-99T99:99:99Z app1 payd 7 - - x',
    0,
    [/^no time of day/],
  ],
];

it.each(table)(
  '%s is taken or refused with a reason, and what follows is read',
  async (name, collector, hostile, stored, reasons) => {
    const good = `${GOOD[collector]}\n`;
    const bytes = Buffer.concat([
      Buffer.from(good),
      Buffer.from(hostile as string),
      Buffer.from(`\n${good}`),
    ]);
    const found = await read(sourceOf(name, collector, bytes));
    expect(found.reasons.map((reason) => reason.slice(0, 200))).toEqual(
      reasons.map((one) => expect.stringMatching(one)),
    );
    expect(found).toMatchObject({
      stored: 2 + stored,
      read: 2 + stored + reasons.length,
      deadLettered: reasons.length,
    });
    const beside = await read(
      sourceOf(`beside ${name}`, 'linux-syslog', Buffer.from(`${GOOD['linux-syslog']}\n`)),
    );
    expect(beside.stored).toBe(1);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(process.memoryUsage().rss - before).toBeLessThan(MOST_GROWTH_BYTES);
  },
);

/** Packed so that it need not be made whole: 320 MiB of one byte, of which each MiB takes a kilobyte or less. */
const PIECE = Buffer.alloc(MB, 'x');
const PIECES = 320;
const bombs: [ending: string, pieces: () => Buffer[]][] = [
  [
    'gz',
    () => [
      Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]),
      ...Array<Buffer>(PIECES).fill(deflateRawSync(PIECE, { finishFlush: constants.Z_FULL_FLUSH })),
    ],
  ],
  ['zst', () => Array<Buffer>(PIECES).fill(zstdCompressSync(PIECE))],
];

it.each(bombs)(
  'a zip bomb (%s) is given up with a dead letter, in bounded memory',
  async (ending, pieces) => {
    const collector = collectors.find(({ id }) => id === 'linux-syslog')!;
    const path = join(folder, `bomb.log.${ending}`);
    writeFileSync(path, Buffer.concat(pieces()));
    const at = process.memoryUsage().rss;
    const list = async () => [{ name: 'bomb', path }];
    const reader = onceReader(list, { kind: 'lines' }, doneInMemory);
    const found = await read({ id: `bomb-${ending}`, collector, reader });
    expect(found).toMatchObject({ read: 2, stored: 0, deadLettered: 2 });
    expect(found.reasons.toSorted()).toEqual([
      expect.stringMatching(/^record of \d+ bytes is over the limit/),
      expect.stringMatching(/^unpacks to more than 268435456 bytes: the rest was not read/),
    ]);
    expect(process.memoryUsage().rss - at).toBeLessThan(100 * MB);
  },
);
