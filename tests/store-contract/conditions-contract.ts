/** Contract: a store finds exactly what the in-process matcher accepts, for every operation and hostile value. */
import { beforeAll, describe, expect, it } from 'vitest';
import { compileCondition } from '../../core/conditions/matcher.ts';
import type { Condition } from '../../core/conditions/tree.ts';
import type { NewEvent, Store } from '../../core/store.ts';
import { eventsOf, type MakeBed, readAll, useStore } from './bed.ts';
import { conditionsOn, mixedConditions, valuesByField, withField } from './conditions.ts';
import { ids, sampleAlert, sampleEvent } from './samples.ts';

export function conditionsContract(makeBed: MakeBed): void {
  describe('conditions on events', () => {
    const used = useStore(makeBed);
    const events: NewEvent[] = [];

    beforeAll(async () => {
      for (const [field, values] of Object.entries(valuesByField)) {
        for (const value of values)
          events.push(sampleEvent(events.length, { dataset: 'conditions', fields: withField(field, value) }));
      }
      events.push(sampleEvent(events.length, { dataset: 'conditions', fields: { 'user.name': 'Dotted' } }));
      const outcomes = await used.store.events.append(events);
      expect(outcomes.filter((item) => item.outcome !== 'stored')).toEqual([]);
      await used.bed.visible();
    });

    it.each(Object.keys(valuesByField))(
      'agrees with the matcher on %s',
      async (field) => {
        expect(await differences(used.store, events, conditionsOn(field))).toEqual([]);
      },
      120_000,
    );

    it('agrees with the matcher on combined conditions', async () => {
      expect(await differences(used.store, events, mixedConditions)).toEqual([]);
    });
  });

  describe('conditions on documents', () => {
    const used = useStore(makeBed);
    const names = ['Ana', 'ANA', 'İnês', 'inês', 'ß', '', 'x'.repeat(9_000)];
    const alerts = [
      ...names.map((name, number) =>
        sampleAlert(number, {
          entities: [{ type: 'user', name }],
          ...(name === 'Ana' ? { incident: 'I-1' } : {}),
        }),
      ),
      sampleAlert(90, { entities: [] }),
      sampleAlert(91, { group: { key: 'k', by: { 'user.name': null }, value: 3 }, eventCount: 7 }),
    ];

    it('agrees with the matcher', async () => {
      await used.store.documents.createMany(
        'alert',
        alerts.map((body) => ({ id: body.id, body })),
      );
      const conditions: Condition[] = [
        ...conditionsOn('entities.name'),
        ...conditionsOn('incident'),
        ...conditionsOn('eventCount'),
        ...conditionsOn('group.by.user.name'),
        { op: 'equals', field: 'incident', value: 'i-1' },
        { op: 'range', field: 'created', gte: '2026-11-21T19:00:02.000Z', lt: '2026-11-21T19:00:02.001Z' },
        { op: 'range', field: 'created', gt: '2026-11-21T19:00:02.000Z' },
        ...names.map((value): Condition => ({ op: 'equals', field: 'entities.name', value })),
      ];
      const wrong: unknown[] = [];
      for (const where of conditions) {
        const { found } = await used.store.documents.find('alert', { where });
        const wanted = alerts.filter(compileCondition(where)).map((alert) => alert.id);
        if (
          !isSame(
            found.map((item) => item.id),
            wanted,
          )
        )
          wrong.push({ where, wanted, found: found.map((item) => item.id) });
      }
      expect(wrong).toEqual([]);
    }, 120_000);
  });
}

const isSame = (left: readonly string[], right: readonly string[]): boolean =>
  left.length === right.length && new Set([...left, ...right]).size === left.length;

async function differences(
  store: Store,
  events: readonly NewEvent[],
  conditions: readonly Condition[],
): Promise<unknown[]> {
  const wrong: unknown[] = [];
  const nameOf = new Map(events.map(({ event }) => [event.event.id, event.message]));
  const check = async (where: Condition): Promise<void> => {
    const wanted = events
      .filter(({ event }) => compileCondition(where)(event))
      .map(({ event }) => event.event.id);
    const found = ids(eventsOf(await readAll(store, { where, datasets: ['conditions'] })));
    if (isSame(found, wanted)) return;
    const shown = (list: string[], other: string[]) =>
      list.filter((id) => !other.includes(id)).map((id) => nameOf.get(id));
    wrong.push({
      where: JSON.stringify(where).slice(0, 200),
      missing: shown(wanted, found),
      extra: shown(found, wanted),
    });
  };
  const queue = [...conditions];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) await check(next);
    }),
  );
  return wrong;
}
