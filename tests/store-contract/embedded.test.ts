/** The embedded store keeps the contract, and what only it promises: one process, and nothing acknowledged lost by a kill. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { equals } from '../../core/conditions/tree.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import { readAll } from './bed.ts';
import { sampleAlert, sampleEvent, sampleEvents } from './samples.ts';
import { storeContract } from './suite.ts';

const temporary = (): string => mkdtempSync(join(tmpdir(), 'vigia-embedded-'));

storeContract('embedded', async () => {
  const folder = temporary();
  return {
    open: (options = {}) => openEmbedded({ file: join(folder, 'vigia.db'), ...options }),
    visible: async () => {},
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
});

describe('the embedded store', () => {
  let folder = '';
  beforeAll(() => {
    folder = temporary();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const startWriter = (file: string): ChildProcess =>
    spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'embedded-writer.ts'), file],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );

  it('keeps all that was acknowledged when its process is killed while writing', async () => {
    const file = join(folder, 'killed.db');
    let acknowledged = 0;
    for (const acknowledgements of [3, 5]) {
      const writer = startWriter(file);
      const killed = once(writer, 'exit');
      let seen = 0;
      for await (const line of createInterface({ input: writer.stdout! })) {
        acknowledged = Math.max(acknowledged, Number(line));
        if (++seen === acknowledgements) writer.kill('SIGKILL');
      }
      expect((await killed)[1]).toBe('SIGKILL');
    }
    const store = await openEmbedded({ file });
    const events = (await readAll(store, { size: 10_000 })).flatMap((page) => page.events);
    const numbers = new Set(events.map((event) => Number(String(event.message).slice('record '.length))));
    expect(acknowledged).toBeGreaterThan(0);
    expect(
      Array.from({ length: acknowledged }, (_, index) => index).filter((number) => !numbers.has(number)),
    ).toEqual([]);
    expect(numbers.size).toBe(events.length);
    expect((await store.size()).events).toBe(events.length);
    // What was half written when the process died is there or not; writing it again completes it.
    const again = await store.events.append(sampleEvents(acknowledged + 100));
    expect(again.filter((item) => item.outcome === 'collision' || item.outcome === 'rejected')).toEqual([]);
    await store.close();
  }, 60_000);

  it('is refused to a second process, also while the first is busy, and free when that died', async () => {
    const file = join(folder, 'locked.db');
    const writer = startWriter(file);
    const lines = createInterface({ input: writer.stdout! });
    await once(lines, 'line');
    await expect(openEmbedded({ file })).rejects.toMatchObject({
      code: 'locked',
      exitCode: 4,
      message: expect.stringContaining(file),
    });
    const dead = once(writer, 'exit');
    writer.kill('SIGKILL');
    await dead;
    await (await openEmbedded({ file })).close();
  }, 30_000);

  it('is refused a second time in the same process', async () => {
    const file = join(folder, 'twice.db');
    const store = await openEmbedded({ file });
    await expect(openEmbedded({ file })).rejects.toMatchObject({ code: 'locked' });
    await store.close();
  });

  it('frees leases of a process that is gone', async () => {
    const file = join(folder, 'leases.db');
    const before = await openEmbedded({ file });
    const held = (await before.leases.acquire('job', 'one', 3_600_000))!;
    await before.close();
    const after = await openEmbedded({ file });
    expect((await after.leases.acquire('job', 'two', 1_000))!.fence).toBeGreaterThan(held.fence);
    expect(await after.leases.renew(held)).toBe(false);
    await after.close();
  });

  it('undoes only the failing request of a shared transaction', async () => {
    const store = await openEmbedded({ file: join(folder, 'shared.db') });
    await store.documents.create('alert', 'a', sampleAlert(1));
    // No caller that is type-checked can send this: it stands for a failure after half of the work.
    const broken = [
      { id: 'half', body: sampleAlert(4) },
      { id: undefined as unknown as string, body: sampleAlert(5) },
    ];
    const results = await Promise.allSettled([
      store.documents.createMany('alert', broken),
      store.events.append(sampleEvents(10)),
      store.documents.update('alert', 'a', sampleAlert(2), '1.99'),
      store.events.append([sampleEvent(11)]),
      store.documents.create('alert', 'b', sampleAlert(3)),
    ]);
    const [half, ...others] = results.map((result) => result.status);
    expect(half).toBe('rejected');
    expect(others).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(await store.documents.get('alert', 'half')).toBeUndefined();
    expect((await store.size()).events).toBe(11);
    expect((await store.documents.get('alert', 'a'))!.body).toEqual(sampleAlert(1));
    await store.close();
  });

  it('answers short requests while a long read runs', async () => {
    const store = await openEmbedded({ file: join(folder, 'slices.db') });
    for (let start = 0; start < 12_000; start += 2_000)
      await store.events.append(sampleEvents(2_000, {}, start));
    const order: string[] = [];
    const long = store.events
      .aggregate({ groupBy: ['message'], measure: { kind: 'count' } })
      .then(() => order.push('long'));
    const short = store.events.append([sampleEvent(99_999)]).then(() => order.push('short'));
    await Promise.all([long, short]);
    expect(order).toEqual(['short', 'long']);
    await store.close();
  }, 30_000);

  it('refuses index patterns, a newer file, and any use after closing', async () => {
    const file = join(folder, 'closed.db');
    const store = await openEmbedded({ file });
    await expect(store.events.read({ indices: ['logs-*'] })).rejects.toMatchObject({ code: 'usage' });
    await store.close();
    await store.close();
    await expect(store.documents.find('alert', { where: equals('id', 'x') })).rejects.toMatchObject({
      code: 'remote',
    });
    const { DatabaseSync } = await import('node:sqlite');
    const direct = new DatabaseSync(file);
    direct.exec('PRAGMA user_version = 99');
    direct.close();
    await expect(openEmbedded({ file })).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining('newer'),
    });
  });
});
