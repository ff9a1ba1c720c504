/** Contract of `Store.events`. */
import { describe, expect, it } from 'vitest';
import { eventsOf, type MakeBed, readAll, useStore } from './bed.ts';
import { contains, equals } from './conditions.ts';
import { ids, sampleEvent, sampleEvents } from './samples.ts';

export function eventsContract(makeBed: MakeBed): void {
  describe('events: append', () => {
    const used = useStore(makeBed);

    it('stores each event once and names the batch of a duplicate', async () => {
      const { store } = used;
      const first = sampleEvents(3, { batch: 'w/1/1', dataset: 'once' });
      expect(await store.events.append(first)).toEqual([
        { outcome: 'stored' },
        { outcome: 'stored' },
        { outcome: 'stored' },
      ]);
      const again = await store.events.append([
        ...sampleEvents(3, { batch: 'w/2/1', dataset: 'once' }),
        sampleEvent(3, { dataset: 'once' }),
      ]);
      const known = { outcome: 'duplicate', batch: 'w/1/1' };
      expect(again).toEqual([known, known, known, { outcome: 'stored' }]);
    });

    it('tells a collision from a duplicate by the hash', async () => {
      const { store } = used;
      await store.events.append([sampleEvent(1, { dataset: 'collide' })]);
      const other = sampleEvent(1, { dataset: 'collide', hash: 'another' });
      expect(await store.events.append([other])).toEqual([{ outcome: 'collision' }]);
      const [kept] = await store.events.get([other.event.event.id]);
      expect(kept?.event.hash).not.toBe('another');
    });

    it('finds duplicates and collisions inside one batch', async () => {
      const one = sampleEvent(1, { dataset: 'inside', batch: 'w/9/1' });
      const clash = sampleEvent(1, { dataset: 'inside', hash: 'another' });
      expect(await used.store.events.append([one, one, clash])).toEqual([
        { outcome: 'stored' },
        { outcome: 'duplicate', batch: 'w/9/1' },
        { outcome: 'collision' },
      ]);
    });

    it('rejects what it cannot take and stores the good ones around it', async () => {
      const bad = sampleEvent(2, { dataset: 'reject', fields: { '@timestamp': 'soon' } });
      const outcomes = await used.store.events.append([
        sampleEvent(1, { dataset: 'reject' }),
        bad,
        sampleEvent(3, { dataset: 'reject' }),
      ]);
      expect(outcomes.map((item) => item.outcome)).toEqual(['stored', 'rejected', 'stored']);
      expect(outcomes[1]).toMatchObject({ reason: expect.stringContaining('@timestamp') });
    });

    it('answers an empty batch with nothing', async () => {
      expect(await used.store.events.append([])).toEqual([]);
    });

    it('gives every event back as it was, also null and empty values', async () => {
      const odd = sampleEvent(1, {
        dataset: 'exact',
        fields: {
          user: { name: null, roles: [] },
          process: {},
          labels: { a: '' },
          source: { port: '' },
          list: [null, { x: null }],
          'dotted.key': '',
        },
      });
      await used.store.events.append([odd]);
      expect(await used.store.events.get([odd.event.event.id, 'no-such-id'])).toEqual([odd.event, undefined]);
    });
  });

  describe('events: read', () => {
    const used = useStore(makeBed);

    it('pages through equal timestamps without gap or repeat, in both orders', async () => {
      const { store, bed } = used;
      const events = sampleEvents(257, { dataset: 'ties' });
      await store.events.append(events);
      await bed.visible();
      for (const order of ['oldest', 'newest'] as const) {
        const pages = await readAll(store, { datasets: ['ties'], size: 50, order });
        expect(pages.map((page) => page.events.length)).toEqual([50, 50, 50, 50, 50, 7]);
        expect(new Set(ids(eventsOf(pages)))).toEqual(new Set(events.map((item) => item.event.event.id)));
      }
    });

    it('has no next page when the last one is exactly full', async () => {
      await used.store.events.append(sampleEvents(4, { dataset: 'full' }));
      await used.bed.visible();
      const pages = await readAll(used.store, { datasets: ['full'], size: 2 });
      expect(pages.map((page) => page.events.length)).toEqual([2, 2]);
    });

    it('keeps one view while others write before, between and after', async () => {
      const { store, bed } = used;
      const at = (second: number) => `2026-11-21T20:00:${String(second).padStart(2, '0')}.000Z`;
      const write = async (seconds: number[]) => {
        await store.events.append(
          seconds.map((second) => sampleEvent(second, { dataset: 'view', at: at(second) })),
        );
        await bed.visible();
      };
      await write([10, 20, 30, 40]);
      const first = await store.events.read({ datasets: ['view'], size: 2 });
      await write([5, 25, 35, 50]);
      const second = await store.events.read({ datasets: ['view'], size: 10, after: first.next! });
      expect([...first.events, ...second.events].map((event) => event['@timestamp'])).toEqual(
        [10, 20, 30, 40].map(at),
      );
      expect(second.next).toBeUndefined();
    });

    it('takes the start of a range and leaves its end', async () => {
      const times = [
        '2026-11-21T21:00:00.000Z',
        '2026-11-21T21:00:01Z',
        '2026-11-21T22:00:02.000+01:00',
        '2026-11-21T21:00:03.000Z',
      ];
      await used.store.events.append(
        times.map((at, number) => sampleEvent(number, { at, dataset: 'range' })),
      );
      await used.bed.visible();
      const page = await used.store.events.read({
        datasets: ['range'],
        from: '2026-11-21T21:00:01.000Z',
        to: '2026-11-21T21:00:03.000Z',
      });
      expect(page.events.map((event) => event['@timestamp'])).toEqual([times[1], times[2]]);
    });

    it('finds a value of more than 32 KB again by equals and contains', async () => {
      const long = `${'a'.repeat(20_000)}Needle${'é'.repeat(20_000)}`;
      const event = sampleEvent(1, { dataset: 'long', fields: { process: { command_line: long } } });
      await used.store.events.append([
        event,
        sampleEvent(2, { dataset: 'long', fields: { process: { command_line: 'short' } } }),
      ]);
      await used.bed.visible();
      for (const where of [
        equals('process.command_line', long.toUpperCase()),
        contains('process.command_line', 'nEEDLE'),
      ]) {
        const page = await used.store.events.read({ where, datasets: ['long'] });
        expect(ids(page.events)).toEqual([event.event.event.id]);
      }
    });

    it('says how many events it fetched, and narrows', async () => {
      const events = Array.from({ length: 60 }, (_, number) =>
        sampleEvent(number, { dataset: 'narrow', fields: { user: { name: `user${number % 30}` } } }),
      );
      await used.store.events.append(events);
      await used.bed.visible();
      const page = await used.store.events.read({
        where: equals('user.name', 'USER7'),
        datasets: ['narrow'],
      });
      expect(page.events).toHaveLength(2);
      expect(page.fetched).toBeLessThan(10);
    });

    it('refuses a page size, a time or an "after" that makes no sense', async () => {
      const { events } = used.store;
      await expect(events.read({ size: 10_001 })).rejects.toMatchObject({ code: 'usage' });
      await expect(events.read({ size: 0 })).rejects.toMatchObject({ code: 'usage' });
      await expect(events.read({ from: 'yesterday' })).rejects.toMatchObject({ code: 'usage' });
      await expect(events.read({ after: 'bm9uc2Vuc2U' })).rejects.toMatchObject({ code: 'usage' });
    });
  });

  describe('events: aggregate, erase and retain', () => {
    const used = useStore(makeBed);

    it('counts more than 10,000 groups completely, one of them for the missing value', async () => {
      const { store, bed } = used;
      const count = 10_007;
      for (let start = 0; start < count; start += 2_000) {
        const size = Math.min(2_000, count - start);
        const events = Array.from({ length: size }, (_, i) =>
          sampleEvent(start + i, { dataset: 'groups', fields: { user: { name: `User-${start + i}` } } }),
        );
        await store.events.append(events);
      }
      await store.events.append(sampleEvents(3, { dataset: 'groups' }, count));
      await bed.visible();
      const buckets = await store.events.aggregate({
        datasets: ['groups'],
        groupBy: ['user.name'],
        measure: { kind: 'count' },
      });
      expect(buckets).toHaveLength(count + 1);
      expect(buckets.at(-1)).toEqual({ key: [null], value: 3 });
      expect(buckets[0]).toEqual({ key: ['user-0'], value: 1 });
      const keys = buckets.slice(0, -1).map((bucket) => bucket.key[0]!);
      expect(keys).toEqual([...keys].sort());
    }, 60_000);

    it('measures, with and without a condition, a field of several values counting in each', async () => {
      const { store, bed } = used;
      const rows: [string | string[] | undefined, string, number][] = [
        ['Ana', 'h1', 10],
        ['ANA', 'h2', 30],
        [['ana', 'Rui'], 'h1', 5],
        [undefined, 'h3', 1],
      ];
      const fieldsOf = ([name, host, bytes]: (typeof rows)[number]) => ({
        ...(name === undefined ? {} : { user: { name } }),
        host: { name: host },
        source: { bytes },
      });
      await store.events.append(
        rows.map((row, number) => sampleEvent(number, { dataset: 'measures', fields: fieldsOf(row) })),
      );
      await bed.visible();
      const wheres = [undefined, contains('message', 'record')];
      for (const where of wheres) {
        const query = { datasets: ['measures'], groupBy: ['user.name'], ...(where ? { where } : {}) };
        const values = async (measure: Parameters<typeof store.events.aggregate>[0]['measure']) =>
          (await store.events.aggregate({ ...query, measure })).map(({ key, value }) => [key[0], value]);
        expect(await values({ kind: 'count' })).toEqual([
          ['ana', 3],
          ['rui', 1],
          [null, 1],
        ]);
        expect(await values({ kind: 'sum', field: 'source.bytes' })).toEqual([
          ['ana', 45],
          ['rui', 5],
          [null, 1],
        ]);
        expect(await values({ kind: 'min', field: 'source.bytes' })).toEqual([
          ['ana', 5],
          ['rui', 5],
          [null, 1],
        ]);
        expect(await values({ kind: 'max', field: 'source.bytes' })).toEqual([
          ['ana', 30],
          ['rui', 5],
          [null, 1],
        ]);
        expect(await values({ kind: 'distinct', field: 'host.name' })).toEqual([
          ['ana', 2],
          ['rui', 1],
          [null, 1],
        ]);
      }
    });

    it('groups values that the index does not hold by what they are', async () => {
      const { store, bed } = used;
      const long = 'x'.repeat(9_000);
      await store.events.append([
        sampleEvent(1, { dataset: 'overlong', fields: { user: { name: long } } }),
        sampleEvent(2, { dataset: 'overlong', fields: { user: { name: 'b' } } }),
      ]);
      await bed.visible();
      const buckets = await store.events.aggregate({
        datasets: ['overlong'],
        groupBy: ['user.name'],
        measure: { kind: 'count' },
      });
      expect(buckets.map((bucket) => bucket.key[0])).toEqual(['b', long]);
    });

    it('erases for good, and says how many were there', async () => {
      const { store, bed } = used;
      const events = sampleEvents(5, { dataset: 'erase', fields: { user: { name: 'Gone' } } });
      await store.events.append(events);
      const [a, b] = events.map((item) => item.event.event.id);
      expect(await store.events.erase([a!, b!, 'no-such-id'])).toBe(2);
      await bed.visible();
      expect(await store.events.get([a!])).toEqual([undefined]);
      const left = await store.events.read({ where: equals('user.name', 'gone'), datasets: ['erase'] });
      expect(left.events).toHaveLength(3);
      expect(await store.events.append([events[0]!])).toEqual([{ outcome: 'stored' }]);
    });

    it('drops only partitions of the dataset that end before the date', async () => {
      const { store, bed } = used;
      const partitions = [
        'keep-2026.10',
        'keep-2026.11',
        'keep-undated',
        'keep.me-2026.09',
        'keep-2026.09.30',
        'keep-2026.10.01',
      ];
      await store.events.append(
        partitions.map((name, number) =>
          sampleEvent(number, { dataset: 'keep', partition: `vigia-events-${name}` }),
        ),
      );
      await bed.visible();
      const before = (await store.size()).events;
      expect(await store.retain('keep', '2026-11-01T00:00:00.000Z')).toEqual([
        'vigia-events-keep-2026.09.30',
        'vigia-events-keep-2026.10',
        'vigia-events-keep-2026.10.01',
      ]);
      await bed.visible();
      const left = await store.events.read({ datasets: ['keep'] });
      expect(left.events.map((event) => event.message).sort()).toEqual(['record 1', 'record 2', 'record 3']);
      expect((await store.size()).events).toBe(before - 3);
      expect(await store.retain('keep', '2026-11-30T23:59:59.999Z')).toEqual([]);
    });
  });
}
