/** Contract of batches (the feed), the ledger and leases. */
import { describe, expect, it } from 'vitest';
import { type MakeBed, useStore } from './bed.ts';
import { sampleBatch } from './samples.ts';

export function feedContract(makeBed: MakeBed): void {
  describe('batches', () => {
    const used = useStore(makeBed);

    it('follows a writer in order, and stops at a hole', async () => {
      const { batches } = used.store;
      for (const number of [1, 2, 3, 5]) await batches.publish(sampleBatch('w', number));
      expect((await batches.follow([{ writer: 'w', after: 0 }], 100)).map((record) => record.number)).toEqual(
        [1, 2, 3],
      );
      expect((await batches.follow([{ writer: 'w', after: 0 }], 2)).map((record) => record.number)).toEqual([
        1, 2,
      ]);
      expect(await batches.follow([{ writer: 'w', after: 3 }], 100)).toEqual([]);
      await batches.publish(sampleBatch('w', 4));
      expect(await batches.follow([{ writer: 'w', after: 3 }], 100)).toEqual([
        sampleBatch('w', 4),
        sampleBatch('w', 5),
      ]);
      expect(await batches.follow([{ writer: 'nobody', after: 0 }], 100)).toEqual([]);
    });

    it('follows more records than fit into one request', async () => {
      const { batches } = used.store;
      await Promise.all(
        Array.from({ length: 450 }, (_, index) =>
          batches.publish(sampleBatch('many', index + 1, { ledger: [] })),
        ),
      );
      expect(
        (await batches.follow([{ writer: 'many', after: 10 }], 10_000)).map((record) => record.number),
      ).toEqual(Array.from({ length: 440 }, (_, index) => index + 11));
    });

    it('refuses a number that is taken', async () => {
      const { batches } = used.store;
      await batches.publish(sampleBatch('taken', 1));
      const both = await Promise.allSettled([
        batches.publish(sampleBatch('taken', 2)),
        batches.publish(sampleBatch('taken', 2, { at: '2026-11-21T20:00:00.000Z' })),
      ]);
      expect(both.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
      await expect(batches.publish(sampleBatch('taken', 1))).rejects.toMatchObject({ code: 'conflict' });
    });

    it('follows many writers at once, each from its own place', async () => {
      const { batches } = used.store;
      const writers = Array.from({ length: 250 }, (_, index) => `one of many ${index}`);
      for (const writer of writers.slice(0, 3))
        await Promise.all(
          [1, 2, 3].map((number) => batches.publish(sampleBatch(writer, number, { ledger: [] }))),
        );
      const places = writers.map((writer, index) => ({ writer, after: index % 3 }));
      const found = await batches.follow(places, 2);
      expect(found.map(({ writer, number }) => [writer, number])).toEqual([
        [writers[0], 1],
        [writers[0], 2],
        [writers[1], 2],
        [writers[1], 3],
        [writers[2], 3],
      ]);
    });

    it('lists writers and knows the last record of each, letter case counting', async () => {
      const { batches } = used.store;
      await batches.publish(sampleBatch('Case', 1, { ledger: [] }));
      await batches.publish(sampleBatch('case', 1, { ledger: [] }));
      await batches.publish(sampleBatch('case', 2, { ledger: [] }));
      expect((await batches.writers()).filter((writer) => writer.toLowerCase() === 'case').sort()).toEqual([
        'Case',
        'case',
      ]);
      expect((await batches.last('Case'))?.number).toBe(1);
      expect((await batches.last('case'))?.number).toBe(2);
      expect(await batches.last('CASE')).toBeUndefined();
    });
  });

  describe('ledger', () => {
    const used = useStore(makeBed);

    it('sums per source and hour over all batches, in a range', async () => {
      const { batches } = used.store;
      const line = (source: string, hour: string, read: number) => ({
        source,
        hour,
        read,
        stored: read,
        duplicate: 0,
        deadLettered: 0,
        evaluated: read,
      });
      await batches.publish(
        sampleBatch('l', 1, {
          ledger: [
            line('A', '2026-11-21T18', 1),
            line('A', '2026-11-21T19', 10),
            line('B', '2026-11-21T19', 5),
          ],
        }),
      );
      await batches.publish(
        sampleBatch('l', 2, { ledger: [line('A', '2026-11-21T19', 100), line('A', '2026-11-21T20', 1000)] }),
      );
      const read = async (range?: { from?: string; to?: string }) =>
        (await batches.ledger(range)).map((sum) => [sum.source, sum.hour.slice(-2), sum.read, sum.evaluated]);
      expect(await read()).toEqual([
        ['A', '18', 1, 1],
        ['A', '19', 110, 110],
        ['A', '20', 1000, 1000],
        ['B', '19', 5, 5],
      ]);
      expect(await read({ from: '2026-11-21T19:00:00Z', to: '2026-11-21T20:00:00Z' })).toEqual([
        ['A', '19', 110, 110],
        ['B', '19', 5, 5],
      ]);
      expect(await read({ from: '2026-11-21T19:59:00Z' })).toEqual([
        ['A', '19', 110, 110],
        ['A', '20', 1000, 1000],
        ['B', '19', 5, 5],
      ]);
      expect(await read({ to: '2026-11-21T18:00:00Z' })).toEqual([]);
    });
  });

  describe('leases', () => {
    it('is held by one, freed by release, with a growing fence', async () => {
      await withStore(makeBed, async (store) => {
        const first = (await store.leases.acquire('source/a', 'one', 1_000))!;
        expect(await store.leases.acquire('source/a', 'two', 1_000)).toBeUndefined();
        expect(await store.leases.acquire('source/b', 'two', 1_000)).toMatchObject({ owner: 'two' });
        expect(await store.leases.renew(first)).toBe(true);
        await store.leases.release(first);
        expect(await store.leases.renew(first)).toBe(false);
        const second = (await store.leases.acquire('source/a', 'two', 1_000))!;
        expect(second.fence).toBeGreaterThan(first.fence);
      });
    });

    it('is renewed for everybody who asks at once, as the branches of one run do', async () => {
      await withStore(makeBed, async (store) => {
        const lease = (await store.leases.acquire('run/1', 'one', 1_000))!;
        const renewals = () => Promise.all(Array.from({ length: 20 }, () => store.leases.renew(lease)));
        expect(new Set(await renewals())).toEqual(new Set([true]));
        expect(await store.leases.renew(lease)).toBe(true);
        const late = renewals();
        await store.leases.release(lease);
        await late;
        expect(new Set(await renewals())).toEqual(new Set([false]));
      });
    });

    it('is taken over after its time without a sign of life, and the old holder is told', async () => {
      let clock = 0;
      await withStore(
        makeBed,
        async (store) => {
          const first = (await store.leases.acquire('job', 'one', 1_000))!;
          const tryTake = () => store.leases.acquire('job', 'two', 1_000);
          expect(await tryTake()).toBeUndefined(); // first look: from now on it is watched
          clock += 999;
          expect(await tryTake()).toBeUndefined();
          expect(await store.leases.renew(first)).toBe(true);
          clock += 999;
          expect(await tryTake()).toBeUndefined(); // the renewal was seen: the watch begins again
          clock += 1_000;
          const second = (await tryTake())!;
          expect(second.fence).toBeGreaterThan(first.fence);
          expect(await store.leases.renew(first)).toBe(false);
          await store.leases.release(first);
          expect(await store.leases.renew(second)).toBe(true);
        },
        () => clock,
      );
    });

    it('goes to one of many who ask at once', async () => {
      await withStore(makeBed, async (store) => {
        const asked = await Promise.all(
          Array.from({ length: 8 }, (_, index) => store.leases.acquire('hot', `owner${index}`, 1_000)),
        );
        expect(asked.filter((lease) => lease !== undefined)).toHaveLength(1);
      });
    });
  });
}

async function withStore(
  makeBed: MakeBed,
  use: (store: Awaited<ReturnType<Awaited<ReturnType<MakeBed>>['open']>>) => Promise<void>,
  now?: () => number,
): Promise<void> {
  const bed = await makeBed();
  const store = await bed.open(now ? { now } : {});
  try {
    await use(store);
  } finally {
    await store.close();
    await bed.close();
  }
}
