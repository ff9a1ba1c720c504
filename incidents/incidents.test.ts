import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Alert, Entity, Level } from '../core/documents.ts';
import type { Event } from '../core/event.ts';
import type { DocumentStore, Store } from '../core/store.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { type IncidentPolicies, incidents, loadIncidentPolicies } from './index.ts';

let folder: string;
let store: Store;
let policies: IncidentPolicies;
let nowMs: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vigia-incidents-'));
  store = await openEmbedded({ file: join(folder, 'store.db') });
  policies = await loadIncidentPolicies('policies');
  nowMs = Date.parse('2026-11-21T19:00:00Z');
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const open = (over: Partial<Store> = {}) =>
  incidents({ store: { ...store, ...over }, policies, now: () => nowMs });
const user = (name: string): Entity => ({ type: 'user', name });
const host = (name: string): Entity => ({ type: 'host', name });
const address = (name: string): Entity => ({ type: 'address', name });

interface Given extends Partial<Alert> {
  level?: Level;
  title?: string;
}
const alertOf = (id: string, { level = 'high', title = 'A rule', ...more }: Given = {}): Alert => ({
  id,
  kind: 'event',
  rule: { id: `rule-${title}`, title, level, hash: 'h', tags: ['attack.t1078'] },
  from: '2026-11-21T18:00:00.000Z',
  to: '2026-11-21T18:00:00.000Z',
  created: '2026-11-21T18:00:01.000Z',
  events: [`event-${id}`],
  eventCount: 1,
  datasets: ['test'],
  entities: [user('ana')],
  state: 'open',
  history: [],
  ...more,
});
const put = async (...alerts: Alert[]): Promise<Alert[]> => {
  await store.documents.createMany(
    'alert',
    alerts.map((body) => ({ id: body.id, body })),
  );
  return alerts;
};
const all = async () =>
  (await open().list({ merged: true, sort: 'newest' })).incidents.map(({ body }) => body);
const incidentOf = async (alert: string) => (await store.documents.get('alert', alert))!.body.incident;
const only = async () => {
  const found = await all();
  expect(found).toHaveLength(1);
  return found[0]!;
};

describe('raising incidents from alerts', () => {
  it('puts alerts about one person within the window into one incident', async () => {
    await open().raise(
      await put(
        alertOf('1', {
          title: 'Many failed logons',
          level: 'medium',
          entities: [user('INST\\Ana'), host('dc-01')],
          events: ['x', 'y'],
          eventCount: 2,
        }),
        alertOf('2', {
          title: 'Privileged group changed',
          from: '2026-11-21T18:05:00.000Z',
          to: '2026-11-21T18:06:00.000Z',
          entities: [user('ana@inst.example')],
          events: ['y', 'z'],
          eventCount: 2,
        }),
      ),
    );
    expect(await only()).toMatchObject({
      number: 'INC-2026-000001',
      title: 'Privileged group changed: INST\\Ana',
      severity: 'high',
      state: 'new',
      from: '2026-11-21T18:00:00.000Z',
      to: '2026-11-21T18:06:00.000Z',
      keys: ['user:ana'],
      alertCount: 2,
      eventCount: 3,
      entityCount: 2,
      tags: ['attack.t1078'],
    });
  });

  it.each<[string, Given, Given, number]>([
    [
      'a shared address',
      { entities: [user('ana'), address('10.0.0.1')] },
      { entities: [user('rui'), address('10.0.0.1')] },
      1,
    ],
    [
      'only a host in common',
      { entities: [user('ana'), host('dc-01')] },
      { entities: [user('rui'), host('dc-01')] },
      2,
    ],
    ['a host and no person', { entities: [host('dc-01')] }, { entities: [host('DC-01')] }, 1],
    [
      'a service account of every machine',
      { entities: [user('SYSTEM'), host('a')] },
      { entities: [user('SYSTEM'), host('b')] },
      2,
    ],
    [
      'the loopback address',
      { entities: [address('127.0.0.1'), host('a')] },
      { entities: [address('127.0.0.1'), host('b')] },
      2,
    ],
    [
      'the same address written for IPv6',
      { entities: [address('::ffff:10.0.0.1')] },
      { entities: [address('10.0.0.1')] },
      1,
    ],
    ['no entity but the same rule', { entities: [] }, { entities: [] }, 1],
    ['no entity and another rule', { entities: [] }, { entities: [], title: 'Other' }, 2],
    [
      'the same person a day and a second later',
      {},
      { from: '2026-11-22T18:00:01.000Z', to: '2026-11-22T18:00:01.000Z' },
      2,
    ],
    [
      'the same person exactly a day later',
      {},
      { from: '2026-11-22T18:00:00.000Z', to: '2026-11-22T18:00:00.000Z' },
      1,
    ],
  ])('with %s', async (_, first, second, expected) => {
    await open().raise(await put(alertOf('1', first)));
    await open().raise(await put(alertOf('2', second)));
    expect(await all()).toHaveLength(expected);
  });

  it('leaves two incidents apart that a later alert has something in common with', async () => {
    const [ana, rui] = [user('ana'), user('rui')];
    const minute = (at: number) => ({
      from: `2026-11-21T18:0${at}:00.000Z`,
      to: `2026-11-21T18:0${at}:00.000Z`,
    });
    const { created } = await open().raise(
      await put(
        alertOf('1', { entities: [ana], ...minute(1) }),
        alertOf('2', { entities: [rui], ...minute(2) }),
        alertOf('3', { entities: [ana, rui], ...minute(3), level: 'critical' }),
      ),
    );
    expect(created).toHaveLength(2);
    const joined = await incidentOf('3');
    const [grown, other] = (await all()).sort((a) => (a.id === joined ? -1 : 1));
    expect(grown).toMatchObject({ id: joined, alertCount: 2, severity: 'critical', history: [] });
    expect(other).toMatchObject({ alertCount: 1, severity: 'high', history: [] });
  });

  it('changes nothing when the same alerts are raised again', async () => {
    const alerts = await put(alertOf('1'), alertOf('2', { entities: [user('rui')] }));
    const first = await open().raise(alerts);
    expect(first.created).toHaveLength(2);
    const before = (await open().list()).incidents;
    const again = await open().raise([...alerts].reverse());
    expect(again.created).toEqual([]);
    expect((await open().list()).incidents).toEqual(before);
  });

  it('raises an alert of a burst of 300 about one person once each, in one incident', async () => {
    const alerts = Array.from({ length: 300 }, (_, index) => alertOf(String(index).padStart(4, '0')));
    const raised = await open().raise(await put(...alerts));
    expect(raised.created).toHaveLength(1);
    expect(await only()).toMatchObject({ alertCount: 300, eventCount: 300 });
  });

  it('takes a withdrawn alert out of the counters and the severity', async () => {
    await open().raise(await put(alertOf('1', { level: 'critical' }), alertOf('2', { level: 'low' })));
    const { body, version } = (await store.documents.get('alert', '1'))!;
    await store.documents.update('alert', '1', { ...body, state: 'withdrawn' }, version);
    await open().raise([body]);
    expect(await only()).toMatchObject({ alertCount: 1, severity: 'low' });
  });

  it('reopens a closed incident when its alert grows, and starts a new one for a new alert', async () => {
    const parts = open();
    await parts.raise(await put(alertOf('1')));
    await parts.change(
      'INC-2026-000001',
      { kind: 'close', verdict: 'false-positive', reason: 'a test' },
      { by: 'ana' },
    );
    await parts.raise(await put(alertOf('2')));
    expect((await all()).map(({ state, alertCount }) => [state, alertCount]).sort()).toEqual([
      ['closed', 1],
      ['new', 1],
    ]);
    const { body, version } = (await store.documents.get('alert', '1'))!;
    await store.documents.update('alert', '1', { ...body, eventCount: 9 }, version);
    await parts.raise([body]);
    const { incident } = await parts.show('INC-2026-000001');
    expect(incident).toMatchObject({ state: 'new', eventCount: 9 });
    expect(incident.verdict).toBeUndefined();
  });

  it('moves severity by the criticality of the asset', async () => {
    policies.severity.assets = [{ type: 'host', name: 'pension-*', criticality: 'high' }];
    await open().raise(await put(alertOf('1', { level: 'medium', entities: [host('PENSION-DB1')] })));
    expect((await only()).severity).toBe('high');
  });

  it('lists entities up to the limit and counts all of them', async () => {
    policies.grouping.listed_entities = 2;
    await open().raise(
      await put(alertOf('1', { entities: [address('10.0.0.1'), user('a'), user('b'), user('c')] })),
    );
    const incident = await only();
    expect(incident.entities).toHaveLength(2);
    expect(incident.entityCount).toBe(4);
  });
});

/** Stops the process, as far as the store can tell, at its nth write. */
const dyingAt = (nth: number): DocumentStore => {
  let writes = 0;
  const may =
    <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      ++writes >= nth ? Promise.reject(new Error('killed')) : write(...args);
  const { documents } = store;
  return {
    ...documents,
    create: may(documents.create),
    update: may(documents.update),
    nextNumber: may(documents.nextNumber),
  };
};

describe('raising while things go wrong', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'doubles and loses nothing when killed before write %i',
    async (nth) => {
      const alerts = await put(
        alertOf('1'),
        alertOf('2', { from: '2026-11-21T18:01:00.000Z', to: '2026-11-21T18:01:00.000Z' }),
        alertOf('3', { entities: [user('rui')] }),
      );
      await open({ documents: dyingAt(nth) })
        .raise(alerts)
        .catch(() => {});
      await open().raise(alerts);
      const found = await all();
      expect(found.map(({ alertCount }) => alertCount).sort()).toEqual([1, 2]);
      expect(await incidentOf('1')).toBe(await incidentOf('2'));
    },
  );

  it('gives one open incident when two writers raise alerts about one person at once', async () => {
    const alerts = Array.from({ length: 20 }, (_, index) => alertOf(String(index).padStart(2, '0')));
    await put(...alerts);
    const [left, right] = [open(), open()];
    await Promise.all([
      ...alerts.filter((_, index) => index % 2 === 0).map((alert) => left.raise([alert])),
      ...alerts.filter((_, index) => index % 2 === 1).map((alert) => right.raise([alert])),
      right.raise(alerts),
    ]);
    const standing = (await open().list()).incidents;
    expect(standing).toHaveLength(1);
    expect(standing[0]!.body).toMatchObject({ alertCount: 20, eventCount: 20 });
    const numbers = (await all()).map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  it('claims an alert that grew between reading and writing', async () => {
    const [alert] = await put(alertOf('1'));
    const { documents } = store;
    let grown = false;
    const update: DocumentStore['update'] = async (kind, id, body, version) => {
      if (kind === 'alert' && !grown) {
        grown = true;
        await documents.update('alert', '1', { ...alert!, eventCount: 5 }, version);
      }
      return documents.update(kind, id, body, version);
    };
    await open({ documents: { ...documents, update } }).raise([alert!]);
    expect(await only()).toMatchObject({ alertCount: 1, eventCount: 5 });
  });

  it('loses no change of two people who write at once', async () => {
    await open().raise(await put(alertOf('1')));
    const [left, right] = [open(), open()];
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? left : right).change(
          'INC-2026-000001',
          { kind: 'note', text: `note ${index}` },
          { by: 'ana' },
        ),
      ),
    );
    expect((await only()).notes.map(({ text }) => text).sort()).toEqual(
      Array.from({ length: 10 }, (_, index) => `note ${index}`),
    );
  });
});

describe('what people do to an incident', () => {
  beforeEach(async () => {
    await open().raise(await put(alertOf('1'), alertOf('2', { entities: [user('rui')], level: 'low' })));
  });
  const ana = { by: 'ana' };

  it('goes from new to closed and back, each step in the history', async () => {
    const parts = open();
    const id = 'INC-2026-000001';
    await parts.change(id, { kind: 'acknowledge' }, ana);
    await parts.change(id, { kind: 'wait', until: '2026-11-22T09:00:00Z', reason: 'host owner asked' }, ana);
    await parts.change(id, { kind: 'wake' }, { by: 'vigia' });
    await parts.change(id, { kind: 'contain' }, ana);
    await parts.change(id, { kind: 'significance', decided: true, reason: 'payments stopped' }, ana);
    const closed = await parts.change(
      id,
      { kind: 'close', verdict: 'true-positive', reason: 'accounts locked' },
      ana,
    );
    expect(closed.body).toMatchObject({
      state: 'closed',
      verdict: 'true-positive',
      owner: 'ana',
      significance: { decided: true, by: 'ana' },
    });
    const again = await parts.change(id, { kind: 'reopen', reason: 'seen again' }, { by: 'rui' });
    expect(
      again.body.history.filter(({ field }) => field === 'state').map(({ by, from, to }) => [by, from, to]),
    ).toEqual([
      ['ana', 'new', 'acknowledged'],
      ['ana', 'acknowledged', 'waiting'],
      ['vigia', 'waiting', 'acknowledged'],
      ['ana', 'acknowledged', 'contained'],
      ['ana', 'contained', 'closed'],
      ['rui', 'closed', 'acknowledged'],
    ]);
    expect(again.body.wakeAt).toBeUndefined();
  });

  it.each([
    ['a wake of what does not wait', { kind: 'wake' }, /is new: wake is not possible/],
    ['a close without a reason', { kind: 'close', verdict: 'benign', reason: ' ' }, /reason is missing/],
    ['an unknown verdict', { kind: 'close', verdict: 'fine', reason: 'x' }, /"fine" is no verdict/],
    ['a wait until yesterday', { kind: 'wait', until: '2026-11-20T00:00:00Z' }, /over already/],
    ['an unknown change', { kind: 'toString' }, /is no change of an incident/],
    ['a note without end', { kind: 'note', text: 'x'.repeat(16_001) }, /has 16001 characters/],
  ])('refuses %s', async (_, change, message) => {
    // Comes from the API as data, so the type is not there to help.
    await expect(open().change('INC-2026-000001', change as { kind: 'wake' }, ana)).rejects.toThrow(message);
  });

  it('starts and stops statutory clocks with what people record', async () => {
    const parts = open();
    const id = 'INC-2026-000001';
    const states = async () =>
      Object.fromEntries(
        parts.clocks((await parts.show(id)).incident).map((clock) => [clock.id, clock.state]),
      );
    await parts.change(id, { kind: 'significance', decided: true, reason: 'payments stopped' }, ana);
    nowMs += 4 * 3_600_000;
    await parts.change(
      id,
      { kind: 'notified', step: 'initial-notification', at: '2026-11-21T20:00:00Z' },
      ana,
    );
    await parts.change(id, { kind: 'impact-ended', at: '2026-11-21T22:00:00Z' }, ana);
    expect(await states()).toEqual({
      'initial-notification': 'sent',
      update: 'running',
      'end-of-impact': 'running',
      'final-report': 'running',
      'personal-data-breach': 'idle',
    });
    const wrong = parts.change(id, { kind: 'notified', step: 'final', at: '2026-11-21T20:00:00Z' }, ana);
    await expect(wrong).rejects.toThrow(/"final" is no step/);
    await expect(parts.change(id, { kind: 'impact-ended', at: '2026-12-21T22:00:00Z' }, ana)).rejects.toThrow(
      /still to come/,
    );
    expect((await parts.show(id)).incident.history.at(-1)).toMatchObject({
      field: 'legal.impactEndedAt',
      by: 'ana',
    });
  });

  it('refuses a change by somebody who has seen an older version', async () => {
    const { version } = await open().show('INC-2026-000001');
    await open().change('INC-2026-000001', { kind: 'note', text: 'first' }, { by: 'ana', version });
    const late = open().change('INC-2026-000001', { kind: 'note', text: 'second' }, { by: 'rui', version });
    await expect(late).rejects.toMatchObject({ code: 'conflict' });
  });

  it('keeps the severity that a person set, except against a new alert', async () => {
    const parts = open();
    await parts.change('INC-2026-000001', { kind: 'severity', severity: 'low', reason: 'test account' }, ana);
    await parts.raise([alertOf('1')]);
    expect((await parts.show('INC-2026-000001')).incident.severity).toBe('low');
    nowMs += 1_000;
    await parts.raise(await put(alertOf('3', { level: 'critical' })));
    expect((await parts.show('INC-2026-000001')).incident.severity).toBe('critical');
  });

  it('merges and splits without losing anything', async () => {
    const parts = open();
    await parts.change('INC-2026-000002', { kind: 'acknowledge' }, ana);
    const before = (await parts.show('INC-2026-000002')).incident;
    const merged = await parts.merge('INC-2026-000002', 'INC-2026-000001', {
      ...ana,
      reason: 'one intrusion',
    });
    expect(merged.body).toMatchObject({
      number: 'INC-2026-000001',
      alertCount: 2,
      keys: ['user:ana', 'user:rui'],
    });
    expect((await parts.list()).incidents.map(({ body }) => body.number)).toEqual(['INC-2026-000001']);
    await parts.raise(await put(alertOf('3', { entities: [user('rui')] })));
    expect((await parts.show('INC-2026-000001')).alerts.map(({ id }) => id).sort()).toEqual(['1', '2', '3']);
    const apart = await parts.split('INC-2026-000002', { ...ana, reason: 'two people after all' });
    const { history: _before, ...was } = before;
    const { history: _after, ...is } = apart.body;
    expect(is).toEqual(was);
    expect((await parts.show('INC-2026-000001')).incident.alertCount).toBe(2);
  });

  it('refuses to merge in a circle', async () => {
    const parts = open();
    await parts.merge('INC-2026-000002', 'INC-2026-000001', { ...ana, reason: 'one' });
    await expect(
      parts.merge('INC-2026-000001', 'INC-2026-000002', { ...ana, reason: 'two' }),
    ).rejects.toThrow(/into itself|is closed/);
    await expect(
      parts.merge('INC-2026-000001', 'INC-2026-000001', { ...ana, reason: 'two' }),
    ).rejects.toThrow(/into itself/);
  });
});

describe('looking at incidents', () => {
  it('lists by priority, page after page, without gap or repeat', async () => {
    const levels: Level[] = ['low', 'critical', 'medium', 'high', 'critical'];
    for (const [index, level] of levels.entries()) {
      nowMs += 1_000;
      await open().raise(await put(alertOf(String(index), { level, entities: [user(`user-${index}`)] })));
    }
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page = await open().list({ size: 2, ...(after === undefined ? {} : { after }) });
      seen.push(...page.incidents.map(({ body }) => `${body.severity} ${body.number.slice(-1)}`));
      after = page.next;
    } while (after !== undefined);
    expect(seen).toEqual(['critical 2', 'critical 5', 'high 4', 'medium 3', 'low 1']);
    const some = await open().list({ severity: 'high', state: 'open', owner: '', key: 'user:user-3' });
    expect(some.incidents.map(({ body }) => body.number)).toEqual(['INC-2026-000004']);
  });

  it('shows rule hits, events, people and runs as one stream, with exact counts', async () => {
    const event = (id: string, at: string): Event => ({
      '@timestamp': at,
      ecs: { version: '9.4.0' },
      event: { id, hash: id, dataset: 'samba.audit', code: '4662', created: at },
      host: { name: 'dc-01' },
      message: `event ${id} \u001b[2K`,
    });
    const events = [
      event('a', '2026-11-21T18:00:00.000Z'),
      event('b', '2026-11-21T18:00:05.000Z'),
      event('c', '2026-11-21T18:00:09.000Z'),
    ];
    await store.events.append(
      events.map((body) => ({ partition: 'vigia-events-samba.audit-2026.11', event: body })),
    );
    await open().raise(
      await put(
        alertOf('1', {
          title: 'DCSync',
          events: ['a', 'b', 'c'],
          eventCount: 7,
          to: '2026-11-21T18:00:09.000Z',
        }),
      ),
    );
    await open().change('INC-2026-000001', { kind: 'note', text: 'asked the owner' }, { by: 'ana' });
    const journal = [
      {
        run: 'R1',
        sequence: 1,
        at: '2026-11-21T18:30:00.000Z',
        by: 'rui',
        step: 0,
        entry: 'step-started' as const,
        data: {},
      },
    ];
    const { timeline } = await open().show('INC-2026-000001', { journal, maxEvents: 2 });
    expect(timeline.events).toEqual({ total: 7, shown: 2 });
    expect(timeline.entries.map(({ kind, by, text }) => [kind, by, text])).toEqual([
      ['rule', 'vigia', 'high: DCSync (7 events, last 2026-11-21T18:00:09.000Z)'],
      ['event', 'dc-01', '4662 event a \u001b[2K'],
      ['event', 'dc-01', '4662 event b \u001b[2K'],
      ['run', 'rui', 'step 1: step-started'],
      ['note', 'ana', 'asked the owner'],
    ]);
  });

  it('says so when there is no such incident', async () => {
    await expect(open().show('INC-2026-000099')).rejects.toMatchObject({ code: 'not-found' });
  });
});
