/** Contract of `Store.documents`. */
import { describe, expect, it } from 'vitest';
import { and, equals, isIn } from '../../core/conditions/tree.ts';
import type { Kind } from '../../core/documents.ts';
import { type MakeBed, useStore } from './bed.ts';
import { sampleAlert, sampleMatch } from './samples.ts';

export function documentsContract(makeBed: MakeBed): void {
  describe('documents', () => {
    const used = useStore(makeBed);

    it('creates once and reads what was last written', async () => {
      const { documents } = used.store;
      expect(await documents.create('alert', 'a1', sampleAlert(1))).toBe('created');
      expect(await documents.create('alert', 'a1', sampleAlert(2))).toBe('exists');
      expect(await documents.get('alert', 'a1')).toMatchObject({ id: 'a1', body: sampleAlert(1) });
      expect(await documents.get('alert', 'nobody')).toBeUndefined();
      expect(await documents.get('incident', 'a1')).toBeUndefined();
    });

    it('creates many and tells which were there, also within one call', async () => {
      const bodies = [1, 2, 1, 3].map((number) => ({ id: `m${number}`, body: sampleMatch(number) }));
      expect(await used.store.documents.createMany('match', bodies)).toEqual([
        'created',
        'created',
        'exists',
        'created',
      ]);
      expect(await used.store.documents.createMany('match', bodies.slice(0, 1))).toEqual(['exists']);
      expect(await used.store.documents.createMany('match', [])).toEqual([]);
    });

    it('finds what detection remembers and knows by the fields that it asks for', async () => {
      const { documents } = used.store;
      const key = 'rule-1|0123';
      const at = '2026-11-21T19:00:00.000Z';
      await documents.create('rule-state', key, {
        kind: 'expected',
        rule: { id: 'rule-1' },
        key,
        of: { 'host.name': 'srv-1' },
        last: { event: 'e1', at, dataset: 'contract', entities: [{ type: 'host', name: 'srv-1' }] },
        source: 'w',
        to: at,
      });
      await documents.create('indicator', 'i1', {
        list: 'bad',
        kind: 'ip',
        value: '192.0.2.1',
        source: 'CERT',
        added: at,
      });
      await documents.create('indicator-list', 'bad', { list: 'bad', revision: 1, changed: at, by: 'ana' });
      const grant = { id: 'g1', who: 'ana', system: 'srv-1', role: 'root', by: 'rui' };
      await documents.create('grant', 'g1', { ...grant, from: at, to: '2026-11-21T21:00:00.000Z' });
      await documents.create('exception', 'EXC-2026-000001', {
        id: 'EXC-2026-000001',
        why: 'contract',
        scope: { rules: [], entities: [], where: 'a:b' },
        from: at,
        until: at,
        state: 'proposed',
        proposedBy: 'ana',
        proposed: at,
        history: [],
      });
      const suppressed = { state: 'suppressed', exception: 'EXC-2026-000001' } as const;
      await documents.create('alert', 'hidden', sampleAlert(1, suppressed));
      const before = { op: 'range', field: 'to', lte: at } as const;
      const asked = [
        documents.find('rule-state', { where: and(equals('rule.id', 'rule-1'), isIn('key', [key]), before) }),
        documents.find('indicator', { where: equals('list', 'bad') }),
        documents.find('indicator-list', {}),
        documents.find('grant', {
          where: and({ op: 'range', field: 'from', lte: at }, equals('system', 'SRV-1')),
        }),
        documents.find('exception', { sort: ['-id'] }),
        documents.find('alert', { where: equals('exception', 'EXC-2026-000001') }),
      ] as const;
      for (const page of await Promise.all(asked)) expect(page.found).toHaveLength(1);
    });

    it('lets one of two concurrent updates win', async () => {
      const { documents } = used.store;
      await documents.create('alert', 'race', sampleAlert(1));
      const { version } = (await documents.get('alert', 'race'))!;
      const update = (title: string) =>
        documents.update('alert', 'race', sampleAlert(1, { incident: title }), version);
      const results = await Promise.allSettled([update('I-1'), update('I-2')]);
      expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(results.find((result) => result.status === 'rejected')).toMatchObject({
        reason: { code: 'conflict' },
      });
    });

    it('answers each of many that read and write at once for itself', async () => {
      const { documents } = used.store;
      const ids = Array.from({ length: 300 }, (_, index) => `at once ${index}`);
      const body = (count: number) => ({ positions: { count }, at: '2026-11-21T19:00:00.000Z' });
      await documents.createMany(
        'progress',
        ids.map((id) => ({ id, body: body(0) })),
      );
      const before = await Promise.all([...ids, 'nobody'].map((id) => documents.get('progress', id)));
      expect(before.map((one) => one?.id)).toEqual([...ids, undefined]);
      // Every third is written twice at the same version: one of the two must be told.
      const wanted = ids.flatMap((_, index) => (index % 3 === 0 ? [index, index] : [index]));
      const outcomes = await Promise.allSettled(
        wanted.map((index, place) =>
          documents.update('progress', ids[index]!, body(place), before[index]!.version),
        ),
      );
      const refused = outcomes.filter((one) => one.status === 'rejected');
      expect(refused.map(({ reason }) => (reason as { code: string }).code)).toEqual(
        Array.from({ length: 100 }, () => 'conflict'),
      );
      const after = await Promise.all(ids.map((id) => documents.get('progress', id)));
      for (const [place, outcome] of outcomes.entries()) {
        if (outcome.status === 'rejected') continue;
        const stored = after[wanted[place]!]!;
        expect([stored.version, stored.body.positions['count']]).toEqual([outcome.value, place]);
      }
      await Promise.all(after.map((one) => documents.delete('progress', one!.id, one!.version)));
    });

    it('gives every write a version of its own, also after a delete', async () => {
      const { documents } = used.store;
      const versions: string[] = [];
      await documents.create('alert', 'v', sampleAlert(1));
      versions.push((await documents.get('alert', 'v'))!.version);
      versions.push(await documents.update('alert', 'v', sampleAlert(2), versions[0]!));
      expect((await documents.get('alert', 'v'))!.version).toBe(versions[1]);
      await documents.delete('alert', 'v', versions[1]!);
      expect(await documents.get('alert', 'v')).toBeUndefined();
      await documents.create('alert', 'v', sampleAlert(1));
      versions.push((await documents.get('alert', 'v'))!.version);
      expect(new Set(versions).size).toBe(3);
      for (const stale of versions.slice(0, 2)) {
        await expect(documents.update('alert', 'v', sampleAlert(3), stale)).rejects.toMatchObject({
          code: 'conflict',
        });
        await expect(documents.delete('alert', 'v', stale)).rejects.toMatchObject({ code: 'conflict' });
      }
      await expect(documents.update('alert', 'gone', sampleAlert(3), versions[2]!)).rejects.toMatchObject({
        code: 'conflict',
      });
    });

    it('finds what was written just before the call, by old and new values', async () => {
      const { documents } = used.store;
      for (let number = 0; number < 5; number++) {
        await documents.create('alert', `fresh${number}`, sampleAlert(number, { incident: 'fresh' }));
        const { found } = await documents.find('alert', { where: equals('incident', 'FRESH') });
        expect(found).toHaveLength(number + 1);
      }
      const first = (await documents.get('alert', 'fresh0'))!;
      await documents.update('alert', 'fresh0', { ...first.body, incident: 'moved' }, first.version);
      expect((await documents.find('alert', { where: equals('incident', 'fresh') })).found).toHaveLength(4);
      const moved = (await documents.find('alert', { where: equals('incident', 'moved') })).found;
      expect(moved.map((item) => item.id)).toEqual(['fresh0']);
      await expect(documents.update('alert', 'fresh0', first.body, moved[0]!.version)).resolves.toBeTypeOf(
        'string',
      );
    });

    it('sorts by several fields, missing values last, and pages without gap or repeat', async () => {
      const { documents } = used.store;
      const items = Array.from({ length: 30 }, (_, number) => ({
        id: `s${String(number).padStart(2, '0')}`,
        body: sampleMatch(number, {
          groups: ['sorted'],
          rule: { id: `r${number % 3}`, title: 't', level: 'low', hash: String(number % 2), tags: [] },
        }),
      }));
      await documents.createMany('match', items);
      const order: string[] = [];
      let after: string | undefined;
      do {
        const page = await documents.find('match', {
          where: equals('groups', 'sorted'),
          sort: ['-rule.id', 'rule.hash'],
          size: 7,
          ...(after ? { after } : {}),
        });
        order.push(...page.found.map((item) => item.id));
        after = page.next;
      } while (after);
      const key = (item: (typeof items)[number]) =>
        `${9 - Number(item.body.rule.id.slice(1))}|${item.body.rule.hash}|${item.id}`;
      expect(order).toEqual([...items].sort((a, b) => (key(a) < key(b) ? -1 : 1)).map((item) => item.id));
    });

    it('pages over documents of which some lack the sort field, text or number', async () => {
      const { documents } = used.store;
      const bodies = [1, 2, 3, 4, 5].map((number) => ({
        id: `n${number}`,
        body: sampleAlert(number, {
          datasets: ['lacking'],
          ...(number % 2 === 0 ? { incident: `I-${number}` } : {}),
        }),
      }));
      await documents.createMany('alert', bodies);
      const orders: [string, string][] = [
        ['incident', 'n2 n4 n1 n3 n5'],
        ['-incident', 'n4 n2 n1 n3 n5'],
        ['alertCount', 'n1 n2 n3 n4 n5'],
        ['-alertCount', 'n1 n2 n3 n4 n5'],
        ['-eventCount', 'n5 n4 n3 n2 n1'],
      ];
      for (const [field, wanted] of orders) {
        const order: string[] = [];
        let after: string | undefined;
        do {
          const page = await documents.find('alert', {
            where: equals('datasets', 'lacking'),
            sort: [field],
            size: 2,
            ...(after ? { after } : {}),
          });
          order.push(...page.found.map((item) => item.id));
          after = page.next;
        } while (after);
        expect([field, order.join(' ')]).toEqual([field, wanted]);
      }
    });

    it('refuses to sort by a field that it does not index, and names those it does', async () => {
      await expect(used.store.documents.find('alert', { sort: ['history'] })).rejects.toMatchObject({
        code: 'usage',
        hint: expect.stringContaining('created'),
      });
    });

    it('keeps any key and any content: long ids, types that change, names that collide', async () => {
      const { documents } = used.store;
      const id = `/var/log/${'é'.repeat(600)}`;
      const marker = (data: Record<string, unknown>) => ({ at: '2026-11-21T19:00:00Z', by: 'x', data });
      expect(await documents.create('marker', id, marker({ value: 1, proto: { __proto__: null } }))).toBe(
        'created',
      );
      expect(
        await documents.create(
          'marker',
          `${id}2`,
          marker({ value: { now: ['an', 'object'] }, '': 'empty key', 'a..b': 'dots' }),
        ),
      ).toBe('created');
      expect((await documents.get('marker', `${id}2`))!.body).toEqual(
        marker({ value: { now: ['an', 'object'] }, '': 'empty key', 'a..b': 'dots' }),
      );
      const { found } = await documents.find('marker', {});
      expect(found.map((item) => item.id)).toEqual([id, `${id}2`]);
    });

    it('finds among thousands, and aggregates them', async () => {
      const { documents } = used.store;
      const items = Array.from({ length: 4_500 }, (_, number) => ({
        id: `bulk${number}`,
        body: sampleMatch(number, { groups: [`bulk|${number % 7}`, 'bulk|all'] }),
      }));
      await documents.createMany('match', items);
      const some = await documents.find('match', {
        where: and(equals('groups', 'bulk|3'), equals('event.id', 'event-10')),
      });
      expect(some.found.map((item) => item.id)).toEqual(['bulk10']);
      let total = 0;
      let after: string | undefined;
      do {
        const page = await documents.find('match', {
          where: isIn('groups', ['bulk|1', 'bulk|2']),
          ...(after ? { after } : {}),
        });
        total += page.found.length;
        after = page.next;
      } while (after);
      expect(total).toBe(items.filter((_, number) => number % 7 === 1 || number % 7 === 2).length);
      const buckets = await documents.aggregate('match', {
        where: equals('groups', 'bulk|all'),
        groupBy: ['groups'],
        measure: { kind: 'count' },
      });
      expect(buckets.find((bucket) => bucket.key[0] === 'bulk|all')?.value).toBe(4_500);
      expect(buckets).toHaveLength(8);
    }, 30_000);

    it('numbers without gap or repeat when many ask at once', async () => {
      const { documents } = used.store;
      const numbers = await Promise.all(
        Array.from({ length: 50 }, () => documents.nextNumber('incident-2026')),
      );
      expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
      expect(await documents.nextNumber('other')).toBe(1);
    });

    it('keeps kinds apart', async () => {
      const kinds: Kind[] = ['token', 'run', 'journal', 'audit', 'progress', 'dead-letter', 'checkpoint'];
      for (const kind of kinds) expect((await used.store.documents.find(kind, {})).found).toEqual([]);
      await used.store.documents.create('progress', 'p', { positions: { w: 3 }, at: '2026-11-21T19:00:00Z' });
      expect((await used.store.documents.get('progress', 'p'))!.body.positions).toEqual({ w: 3 });
      expect(await used.store.documents.get('checkpoint', 'p')).toBeUndefined();
    });
  });
}
