import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DeadLetter } from '../../core/documents.ts';
import type { Store, Stored } from '../../core/store.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import { collector, reject } from '../collector.ts';
import { fileReader } from '../reading/file.ts';
import { type Delivery, run, type Source } from '../run.ts';
import { retryDeadLetters } from './retry-dead-letters.ts';

/** Refuses what `refused` matches; hides what follows `pw=`. */
const picky = (refused: RegExp) =>
  collector({
    id: 'picky',
    title: 'Picky',
    summary: 'for tests',
    guarantee: 'none lost, none doubled',
    datasets: ['picky.log'],
    framing: { kind: 'lines' },
    mask: (raw) =>
      Buffer.from(
        Buffer.from(raw)
          .toString('latin1')
          .replace(/pw=\S+/, 'pw=***'),
        'latin1',
      ),
    normalise(raw) {
      const message = new TextDecoder().decode(raw);
      if (refused.test(message)) return reject('a bad line');
      return { event: { message, event: { dataset: 'picky.log', kind: 'event' } } };
    },
  });

let folder: string;
let store: Store;
let evaluated: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-retry-'));
  store = await openEmbedded({ file: join(folder, 'vigia.db') });
  await store.migrate();
  evaluated = [];
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const delivery = (extra: Partial<Delivery> = {}): Delivery => ({
  store,
  evaluate: async (events) => {
    evaluated.push(...events.map((event) => event.message ?? ''));
    return { matches: [], alerts: [] };
  },
  now: () => Date.parse('2026-11-21T12:00:00Z'),
  retentionDays: 30,
  ...extra,
});
const source = (refused: RegExp, more: Partial<Source> = {}): Source => ({
  ...{ id: 'app', collector: picky(refused) },
  reader: fileReader(join(folder, 'app.log'), { kind: 'lines' }),
  ...more,
});
const read = (one: Source) => run(one, delivery(), { signal: new AbortController().signal, until: 'end' });
const letters = async (): Promise<Stored<DeadLetter>[]> =>
  (await store.documents.find('dead-letter', {})).found;
const waiting = async () => (await letters()).filter(({ body }) => body.state === 'waiting');
const messages = async () => (await store.events.read({})).events.map(({ message }) => message).sort();
async function balance() {
  const [lines, sum] = [await store.batches.ledger(), { read: 0, stored: 0, duplicate: 0, deadLettered: 0 }];
  for (const one of lines)
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += one[name];
  return sum;
}

it('makes events of what the mended collector takes, once, and evaluates them', async () => {
  writeFileSync(join(folder, 'app.log'), 'good\nodd one\nodd two\n');
  await read(source(/^odd/));
  expect(await retryDeadLetters(source(/two$/), await waiting(), delivery())).toMatchObject({
    stored: 1,
    duplicate: 0,
    refused: [{ reason: 'a bad line' }],
    impossible: [],
  });
  expect(await messages()).toEqual(['good', 'odd one']);
  expect(evaluated).toEqual(['good', 'odd one']);
  expect((await waiting()).map(({ body }) => Buffer.from(body.raw, 'base64').toString())).toEqual([
    'odd two',
  ]);
  expect(await balance()).toEqual({ read: 5, stored: 2, duplicate: 0, deadLettered: 3 });
});

it('gives the ids that the records would have had: whoever reads the file again finds duplicates', async () => {
  writeFileSync(join(folder, 'app.log'), 'good\nodd one\n');
  await read(source(/^odd/));
  await retryDeadLetters(source(/never/), await waiting(), delivery());
  const checkpoint = await store.documents.get('checkpoint', 'app');
  await store.documents.delete('checkpoint', 'app', checkpoint!.version);
  await read(source(/never/));
  expect(await messages()).toEqual(['good', 'odd one']);
  expect(await balance()).toEqual({ read: 5, stored: 2, duplicate: 2, deadLettered: 1 });
});

it.each(['events', 'batch'] as const)(
  'counts each once when the process dies after writing %s',
  async (stage) => {
    writeFileSync(join(folder, 'app.log'), 'odd one\nodd two\n');
    await read(source(/^odd/));
    const died = new Error('killed');
    const onWrite: Delivery['onWrite'] = (written) => {
      if (written === stage) throw died;
    };
    const dying = retryDeadLetters(source(/never/), await waiting(), delivery({ onWrite }));
    await expect(dying).rejects.toBe(died);
    const { stored, duplicate } = await retryDeadLetters(source(/never/), await waiting(), delivery());
    expect([stored, duplicate]).toEqual(stage === 'events' ? [2, 0] : [0, 2]);
    expect(await waiting()).toEqual([]);
    expect((await balance()).stored).toBe(2);
  },
);

it('tries nothing that was not kept whole, and says why', async () => {
  writeFileSync(join(folder, 'app.log'), `odd pw=geheim\nodd ${'x'.repeat(70_000)}\n`);
  await read(source(/^odd/));
  const { impossible, stored } = await retryDeadLetters(source(/never/), await waiting(), delivery());
  expect(impossible.map(({ why }) => why).sort()).toEqual([
    'only its beginning was kept',
    'secrets were hidden before it was kept',
  ]);
  expect(stored).toBe(0);
  expect(await waiting()).toHaveLength(2);
});

it('reads them as the settings now say', async () => {
  writeFileSync(join(folder, 'app.log'), Buffer.from('a\u00e7\u00e3o\n', 'latin1'));
  await read(source(/never/));
  await retryDeadLetters(source(/never/, { encoding: 'latin1' }), await waiting(), delivery());
  expect(await messages()).toEqual(['a\u00e7\u00e3o']);
});
