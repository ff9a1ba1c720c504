import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errors } from '../core/errors.ts';
import type { Store } from '../core/store.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { collector, reject } from './collector.ts';
import { fileReader } from './reading/file.ts';
import { type Delivery, run, type Source, type WriteStage } from './run.ts';

/** `2026-11-21T10:00:00Z text`; a line `bad …` is refused. */
const plain = collector({
  id: 'plain',
  title: 'Plain lines',
  summary: 'for tests',
  guarantee: 'none lost, none doubled',
  datasets: ['plain.log'],
  framing: { kind: 'lines' },
  maxBytes: 1_000,
  normalise(raw) {
    const line = new TextDecoder().decode(raw);
    if (line.startsWith('bad')) return reject('a bad line');
    if (line.startsWith('worse')) throw new TypeError(`cannot read ${line}`);
    const [time = '', ...text] = line.split(' ');
    return {
      event: {
        ...(time.startsWith('20') ? { '@timestamp': time } : {}),
        message: text.join(' '),
        event: { dataset: 'plain.log', kind: 'event' },
      },
    };
  },
});

const NOW = Date.parse('2026-11-21T12:00:00Z');
/** By the clock of the file system. */
const later = () => new Date(Date.now() + 60_000);
const line = (n: number) => `2026-11-21T10:00:${String(n % 60).padStart(2, '0')}Z line ${n}\n`;

let folder: string;
let file: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-run-'));
  file = join(folder, 'app.log');
  store = await openEmbedded({ file: join(folder, 'vigia.db') });
  await store.migrate();
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const source = (): Source => ({ id: 'app', collector: plain, reader: fileReader(file, { kind: 'lines' }) });
const delivery = (extra: Partial<Delivery> = {}): Delivery => ({
  store,
  evaluate: async () => ({ matches: [], alerts: [] }),
  now: () => NOW,
  retentionDays: 30,
  ...extra,
});
const readToEnd = (extra: Partial<Delivery> = {}) =>
  run(source(), delivery(extra), { signal: new AbortController().signal, until: 'end' });

async function messages(): Promise<string[]> {
  const { events } = await store.events.read({ size: 10_000 });
  return events.map((event) => event.message ?? '').sort();
}

async function ledger() {
  const sum = { read: 0, stored: 0, duplicate: 0, deadLettered: 0, evaluated: 0 };
  for (const one of await store.batches.ledger())
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += one[name];
  return sum;
}

/** Runs until `done` says so, as the service does. */
async function follow(
  act: (until: (done: () => Promise<boolean>) => Promise<void>) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  let progressed: () => void = () => undefined;
  const running = run(
    source(),
    delivery({ onWrite: (stage) => (stage === 'checkpoint' ? progressed() : undefined) }),
    { signal: stop.signal, until: 'forever' },
  );
  await act(async (done) => {
    for (;;) {
      // Asked for first: what is written while `done` looks must not be missed.
      const next = new Promise<void>((resolve) => (progressed = resolve));
      if (await done()) return;
      await next;
    }
  });
  stop.abort();
  await running;
}

describe('delivering a file', () => {
  it('stores each line once, however often it is read', async () => {
    writeFileSync(file, line(1) + line(2) + line(3));
    await readToEnd();
    await readToEnd();
    expect(await messages()).toEqual(['line 1', 'line 2', 'line 3']);
    const checkpoint = await store.documents.get('checkpoint', 'app');
    await store.documents.delete('checkpoint', 'app', checkpoint!.version);
    await readToEnd();
    expect(await messages()).toHaveLength(3);
    expect(await ledger()).toEqual({ read: 6, stored: 3, duplicate: 3, deadLettered: 0, evaluated: 3 });
  });

  it('takes what its dataset keeps, shorter or longer than the others', async () => {
    writeFileSync(file, `${line(1)}2026-01-01T00:00:00Z in winter\n`);
    await readToEnd({ retention: { 'plain.log': 400 } });
    expect(await messages()).toEqual(['in winter', 'line 1']);
    appendFileSync(file, '2026-11-19T00:00:00Z two days ago\n');
    await readToEnd({ retentionDays: 400, retention: { 'plain.log': 1 } });
    expect(await messages()).toEqual(['in winter', 'line 1']);
    expect((await ledger()).deadLettered).toBe(1);
  });

  it('delivers a batch of several parts once, also when the store fails at one of them', async () => {
    const lines = Array.from({ length: 1_700 }, (_, n) => `2026-11-21T10:00:00Z number ${n}\n`);
    writeFileSync(file, lines.join(''));
    let calls = 0;
    const append: Store['events']['append'] = (batch) => {
      calls += 1;
      return calls === 2
        ? Promise.reject(errors.remote('store', 'append', 'away'))
        : store.events.append(batch);
    };
    await readToEnd({ store: { ...store, events: { ...store.events, append } } });
    expect(new Set(await messages()).size).toBe(1_700);
    expect(await ledger()).toEqual({
      read: 1_700,
      stored: 1_700,
      duplicate: 0,
      deadLettered: 0,
      evaluated: 1_700,
    });
    expect(calls).toBe(5);
    expect(await store.batches.last('app')).toMatchObject({ number: 1 });
  });

  it('keeps refused, oversized and too old records as dead letters with their reasons', async () => {
    writeFileSync(file, `${line(1)}bad one\n${'x'.repeat(5_000)}\n2001-01-01T00:00:00Z old\n${line(2)}`);
    await readToEnd();
    const { found } = await store.documents.find('dead-letter', {});
    expect(found.find(({ body }) => body.stage === 'read')?.body.size).toBe(5_000);
    expect(found.map(({ body }) => [body.stage, body.reason]).sort()).toEqual([
      ['normalise', 'a bad line'],
      ['normalise', 'older than retention: 2001-01-01T00:00:00.000Z'],
      ['read', 'record of 5000 bytes is over the limit of 1000'],
    ]);
    expect(await messages()).toEqual(['line 1', 'line 2']);
    expect(await ledger()).toMatchObject({ read: 5, stored: 2, deadLettered: 3 });
  });

  it('puts a record aside that a collector fails on, without its text in the reason, and reads on', async () => {
    writeFileSync(file, `${line(1)}worse secret\n${line(2)}`);
    await readToEnd();
    expect((await store.size()).events).toBe(2);
    const { found } = await store.documents.find('dead-letter', { size: 10 });
    expect(found.map(({ body }) => body.reason)).toEqual([
      "plain failed on it (TypeError): a mistake of Vigia's, worth a report",
    ]);
  });

  it('refuses text that is not UTF-8, unless the source is said to write Latin-1', async () => {
    const latin = Buffer.from('2026-11-21T10:00:01Z a\u00e7\u00e3o\n', 'latin1');
    writeFileSync(file, latin);
    await readToEnd();
    expect((await store.documents.find('dead-letter', {})).found[0]!.body.reason).toMatch(
      /^not valid UTF-8; .*encoding: latin1/,
    );
    await run({ ...source(), id: 'old', encoding: 'latin1' }, delivery(), {
      signal: new AbortController().signal,
      until: 'end',
    });
    expect(await messages()).toEqual(['a\u00e7\u00e3o']);
  });

  it('flags a record without time, and one from the future, and evaluates both', async () => {
    writeFileSync(file, 'no time\n2027-06-01T00:00:00Z later\n');
    const seen: (string[] | undefined)[] = [];
    await readToEnd({
      evaluate: async (events) => {
        seen.push(...events.map((event) => event.vigia?.clock));
        return { matches: [], alerts: [] };
      },
    });
    expect(seen).toEqual([['missing'], ['future']]);
    expect((await store.batches.follow([{ writer: 'app', after: 0 }], 10))[0]!.partitions).toEqual([
      'vigia-events-plain.log-undated',
    ]);
  });

  it.each(['events', 'matches', 'alerts', 'dead-letters', 'batch', 'checkpoint'] satisfies WriteStage[])(
    'counts every line once when the process dies after writing %s',
    async (stage) => {
      writeFileSync(file, Array.from({ length: 40 }, (_, n) => line(n)).join(''));
      const died = new Error('killed');
      const dying = readToEnd({
        batchBytes: 300,
        onWrite: (written, _source, number) => {
          if (written === stage && number === 2) throw died;
        },
      });
      await expect(dying).rejects.toBe(died);
      // The second process cuts its batches elsewhere, as a restart does.
      await readToEnd({ batchBytes: 500 });
      expect(await messages()).toHaveLength(40);
      const counts = await ledger();
      expect(counts.stored).toBe(40);
      expect(counts.evaluated).toBe(40);
      expect(counts.read).toBe(counts.stored + counts.duplicate);
    },
  );
});

describe('dying again and again', () => {
  it('counts each line once when each process cuts its batches elsewhere', async () => {
    writeFileSync(file, Array.from({ length: 60 }, (_, n) => line(n)).join(''));
    const deaths: [number, WriteStage, number][] = [
      [400, 'events', 2],
      [150, 'matches', 3],
      [300, 'batch', 4],
      [90, 'events', 6],
      [500, 'dead-letters', 6],
    ];
    for (const [batchBytes, stage, batch] of deaths) {
      const died = new Error('killed');
      const dying = readToEnd({
        batchBytes,
        onWrite: (written, _source, number) => {
          if (written === stage && number === batch) throw died;
        },
      });
      await expect(dying).rejects.toBe(died);
    }
    await readToEnd();
    expect(await messages()).toHaveLength(60);
    expect(await ledger()).toEqual({ read: 60, stored: 60, duplicate: 0, deadLettered: 0, evaluated: 60 });
  });

  it('counts duplicates, not stored events, when the checkpoint was deleted and the process dies on the way', async () => {
    writeFileSync(file, Array.from({ length: 30 }, (_, n) => line(n)).join(''));
    await readToEnd({ batchBytes: 200 });
    const checkpoint = await store.documents.get('checkpoint', 'app');
    await store.documents.delete('checkpoint', 'app', checkpoint!.version);
    const died = new Error('killed');
    await expect(
      readToEnd({
        batchBytes: 200,
        onWrite: (stage) => (stage === 'checkpoint' ? Promise.reject(died) : undefined),
      }),
    ).rejects.toBe(died);
    await readToEnd();
    const counts = await ledger();
    expect(counts.stored).toBe(30);
    expect(counts.read).toBe(counts.stored + counts.duplicate);
  });
});

describe('a source that is asked again', () => {
  /** Gives these lists, one batch each, wherever it is told to go on. */
  const listing = (...lists: number[][]): Source => ({
    id: 'polled',
    collector: plain,
    reader: async function* () {
      for (const list of lists) {
        const records = list.map((n) => ({
          raw: Buffer.from(line(n).trimEnd()),
          position: String(n),
          generation: 1,
        }));
        yield { records, next: { generation: 1, position: String(list.at(-1)) } };
      }
    },
  });
  const poll = (polled: Source, extra: Partial<Delivery> = {}) =>
    run(polled, delivery(extra), { signal: new AbortController().signal, until: 'end' });
  const dieAfter = async (polled: Source, stage: WriteStage, batch: number) => {
    const died = new Error('killed');
    const onWrite: Delivery['onWrite'] = (written, _source, number) => {
      if (written === stage && number === batch) throw died;
    };
    await expect(poll(polled, { onWrite })).rejects.toBe(died);
  };
  const forget = async () => {
    const checkpoint = await store.documents.get('checkpoint', 'polled');
    await store.documents.delete('checkpoint', 'polled', checkpoint!.version);
  };

  it('counts a record met again by the next process as a duplicate', async () => {
    await poll(listing([1, 2], [3]));
    await poll(listing([2, 3, 4]));
    expect(await ledger()).toEqual({ read: 6, stored: 4, duplicate: 2, deadLettered: 0, evaluated: 4 });
  });

  it('counts a record that is twice in one batch once', async () => {
    await poll(listing([1, 2, 1]));
    await poll(listing([3, 3]));
    expect(await ledger()).toMatchObject({ read: 5, stored: 3, duplicate: 2 });
    expect(await messages()).toHaveLength(3);
  });

  it('counts what a dead process stored once, however late it is met and however often', async () => {
    await poll(listing([1]));
    await dieAfter(listing([2, 3]), 'events', 2);
    await poll(listing([4], [2, 5], [2]));
    await poll(listing([1, 2], [3], [3, 4]));
    await poll(listing([3, 5]));
    expect(await messages()).toHaveLength(5);
    expect(await ledger()).toMatchObject({ read: 12, stored: 5, duplicate: 7 });
  });

  it('counts what a dead process stored although the checkpoint was deleted before anybody read on', async () => {
    await poll(listing([1]));
    await dieAfter(listing([2, 3]), 'alerts', 2);
    await forget();
    await poll(listing([1, 2, 3]));
    await forget();
    await poll(listing([1, 2, 3]));
    expect(await ledger()).toMatchObject({ read: 7, stored: 3, duplicate: 4 });
  });

  it('takes what a record of before, which names no process, counted for counted', async () => {
    await poll(listing([1, 2]));
    const follow: Store['batches']['follow'] = async (...asked) =>
      (await store.batches.follow(...asked)).map(({ epoch: _, ...record }) => record);
    await poll(listing([1, 2, 3]), { store: { ...store, batches: { ...store.batches, follow } } });
    expect(await ledger()).toMatchObject({ read: 5, stored: 3, duplicate: 2 });
  });
});

describe('following a file', () => {
  it('reads a file renamed away to its end, also what is still written to it, and goes on with the new one', async () => {
    writeFileSync(file, line(1));
    await follow(async (until) => {
      await until(async () => (await messages()).length === 1);
      renameSync(file, `${file}.1`);
      appendFileSync(`${file}.1`, line(2));
      writeFileSync(file, line(3));
      await until(async () => (await messages()).length === 3);
      appendFileSync(`${file}.1`, line(4));
      await until(async () => (await messages()).length === 4);
    });
    expect(await messages()).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
  });

  it('finds the rest of a file that was rotated while nobody read', async () => {
    writeFileSync(file, line(1));
    await readToEnd();
    appendFileSync(file, line(2));
    renameSync(file, `${file}.1`);
    writeFileSync(file, line(3));
    await readToEnd();
    expect(await messages()).toEqual(['line 1', 'line 2', 'line 3']);
  });

  it('finds what came and was rotated away while nobody read', async () => {
    writeFileSync(file, line(1));
    await readToEnd();
    renameSync(file, `${file}.2`);
    writeFileSync(`${file}.1`, line(2));
    writeFileSync(file, line(3));
    for (const one of [`${file}.1`, file]) utimesSync(one, later(), later());
    await readToEnd();
    expect(await messages()).toEqual(['line 1', 'line 2', 'line 3']);
  });

  it('goes on in the copy that copytruncate left while nobody read', async () => {
    writeFileSync(file, line(1));
    await readToEnd();
    appendFileSync(file, line(2));
    copyFileSync(file, `${file}.1`);
    truncateSync(file, 0);
    appendFileSync(file, line(3));
    await readToEnd();
    expect(await messages()).toEqual(['line 1', 'line 2', 'line 3']);
  });

  it('knows the generations again when everything is read anew after a rotation', async () => {
    writeFileSync(file, line(1));
    await readToEnd();
    renameSync(file, `${file}.1`);
    writeFileSync(file, line(2));
    await readToEnd();
    const checkpoint = await store.documents.get('checkpoint', 'app');
    await store.documents.delete('checkpoint', 'app', checkpoint!.version);
    await readToEnd();
    expect(await messages()).toEqual(['line 1', 'line 2']);
  });

  it('starts a new generation when the file is truncated, so that equal lines are new events', async () => {
    writeFileSync(file, line(1) + line(2));
    await follow(async (until) => {
      await until(async () => (await messages()).length === 2);
      truncateSync(file, 0);
      appendFileSync(file, line(1));
      await until(async () => (await messages()).length === 3);
    });
    expect(await messages()).toEqual(['line 1', 'line 1', 'line 2']);
  });

  it('reads in the copy what copytruncate cut off before it was read', async () => {
    writeFileSync(file, line(1));
    await follow(async (until) => {
      await until(async () => (await messages()).length === 1);
      appendFileSync(file, line(2));
      copyFileSync(file, `${file}.1`);
      truncateSync(file, 0);
      appendFileSync(file, line(3));
      await until(async () => (await messages()).length === 3);
    });
    expect(await messages()).toEqual(['line 1', 'line 2', 'line 3']);
  });

  it('notices a file that was truncated and grew past the place of reading with the same first lines', async () => {
    const same = Array.from({ length: 60 }, (_, n) => line(n)).join('');
    writeFileSync(file, same + line(61));
    await follow(async (until) => {
      await until(async () => (await messages()).length === 61);
      // At once, as a busy writer does between two looks.
      writeFileSync(file, same + line(62) + line(63));
      await until(async () => (await messages()).length === 123);
    });
    expect((await messages()).filter((text) => /6[123]$/.test(text))).toEqual([
      'line 61',
      'line 62',
      'line 63',
    ]);
  });

  it.each(['kept', 'used again'])(
    'takes a file made anew with the same first lines for a new one, its inode %s',
    async (inode) => {
      writeFileSync(file, line(1));
      await readToEnd();
      appendFileSync(file, line(2));
      await readToEnd();
      if (inode === 'kept') renameSync(file, join(folder, 'elsewhere'));
      else rmSync(file);
      writeFileSync(file, line(1) + line(2) + line(3));
      // A file is known by its birth once it was changed later.
      for (let info = statSync(file); info.ctimeMs === info.birthtimeMs; info = statSync(file))
        utimesSync(file, later(), later());
      await readToEnd();
      expect(await messages()).toEqual(['line 1', 'line 1', 'line 2', 'line 2', 'line 3']);
    },
  );

  it('finds what came and was rotated away while the store kept it waiting, once', async () => {
    writeFileSync(file, line(1));
    let goOn: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => (goOn = resolve));
    let waits: () => void = () => undefined;
    const isWaiting = new Promise<void>((resolve) => (waits = resolve));
    const signal = new AbortController();
    const running = run(
      source(),
      delivery({
        onWrite: async (stage) => {
          if (stage === 'events') waits();
          if (stage === 'events') await stopped;
        },
      }),
      { signal: signal.signal, until: 'forever' },
    );
    await isWaiting;
    for (const n of [2, 3, 4]) {
      for (const old of [2, 1])
        if (existsSync(`${file}.${old}`)) renameSync(`${file}.${old}`, `${file}.${old + 1}`);
      renameSync(file, `${file}.1`);
      writeFileSync(file, line(n));
    }
    goOn();
    while ((await messages()).length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
    signal.abort();
    await running;
    await readToEnd();
    expect(await messages()).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
    expect(await ledger()).toMatchObject({ read: 4, stored: 4, duplicate: 0 });
  });

  it('finds what was rotated away before it had read anything', async () => {
    await follow(async (until) => {
      await until(async () => (await store.documents.get('checkpoint', 'app')) !== undefined);
      writeFileSync(file, line(1));
      renameSync(file, `${file}.1`);
      writeFileSync(file, line(2));
      await until(async () => (await messages()).length === 2);
    });
    expect(await messages()).toEqual(['line 1', 'line 2']);
  });

  it('waits for the end of a half-written line', async () => {
    writeFileSync(file, `${line(1)}2026-11-21T10:00:02Z li`);
    await follow(async (until) => {
      await until(async () => (await messages()).length === 1);
      appendFileSync(file, 'ne 2\n');
      await until(async () => (await messages()).length === 2);
    });
    expect(await messages()).toEqual(['line 1', 'line 2']);
  });

  it('says so when what it had not read was rotated away for good', async () => {
    writeFileSync(file, line(1));
    await readToEnd();
    rmSync(file);
    writeFileSync(join(folder, 'other'), 'keeps the inode from being used again');
    writeFileSync(file, line(2));
    const warnings: string[] = [];
    await readToEnd({ warn: (message) => warnings.push(message) });
    expect(warnings.join()).toMatch(/generation 1 is gone/);
    expect(await messages()).toEqual(['line 1', 'line 2']);
  });
});
