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
      expect((await batches.follow('w', 0, 100)).map((record) => record.number)).toEqual([1, 2, 3]);
      expect((await batches.follow('w', 0, 2)).map((record) => record.number)).toEqual([1, 2]);
      expect(await batches.follow('w', 3, 100)).toEqual([]);
      await batches.publish(sampleBatch('w', 4));
      expect(await batches.follow('w', 3, 100)).toEqual([sampleBatch('w', 4), sampleBatch('w', 5)]);
      expect(await batches.follow('nobody', 0, 100)).toEqual([]);
    });

    it('follows more records than fit into one request', async () => {
      const { batches } = used.store;
      await Promise.all(
        Array.from({ length: 450 }, (_, index) =>
          batches.publish(sampleBatch('many', index + 1, { ledger: [] })),
        ),
      );
      expect((await batches.follow('many', 10, 10_000)).map((record) => record.number)).toEqual(
        Array.from({ length: 440 }, (_, index) => index + 11),
      );
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

    it('lists writers with their last number, letter case counting', async () => {
      await used.store.batches.publish(sampleBatch('Case', 1, { ledger: [] }));
      await used.store.batches.publish(sampleBatch('case', 1, { ledger: [] }));
      await used.store.batches.publish(sampleBatch('case', 2, { ledger: [] }));
      const writers = await used.store.batches.writers();
      expect(writers).toContainEqual({ writer: 'Case', last: 1 });
      expect(writers).toContainEqual({ writer: 'case', last: 2 });
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
