import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServing, recorded, type Serving } from '../testbench/serving.ts';

const SPAN = { from: '2020-01-01T00:00:00Z', to: '2030-01-01T00:00:00Z' };
const rule = (detection: string) =>
  `title: A try\nid: 6f0d0b66-0f5e-4f0a-9f3d-1d8f8f0f0001\nlogsource: {product: windows, service: security}\ndetection: ${detection}\n`;

describe('back-tests over HTTP', () => {
  let serving: Serving;
  beforeAll(async () => {
    serving = await openServing();
    await serving.ingest(recorded('group'), recorded('password'));
  });
  afterAll(() => serving.close());

  const start = (body: object, who = 'analyst') =>
    serving.call(who, 'POST', '/api/v1/backtests', { ...SPAN, ...body });
  async function finish(id: unknown) {
    for (;;) {
      const { body } = await serving.call('analyst', 'GET', `/api/v1/backtests/${String(id)}`);
      if (body['state'] !== 'running') return body;
      await sleep(10);
    }
  }

  it('counts what all loaded rules would have matched: as much as they did match', async () => {
    const started = await start({ all: true });
    expect(started.status).toBe(202);
    const body = await finish(started.body['id']);
    expect(body).toMatchObject({ state: 'done', complete: true });
    const counted = Object.fromEntries(
      (body['rules'] as { id: string; matches: number }[])
        .filter(({ matches }) => matches > 0)
        .map(({ id, matches }) => [id, matches]),
    );
    const stored = await serving.parts.store.documents.aggregate('match', {
      groupBy: ['rule.id'],
      measure: { kind: 'count' },
    });
    expect(counted).toEqual(Object.fromEntries(stored.map(({ key, value }) => [key[0], value])));
    expect(Object.keys(counted).length).toBeGreaterThan(0);
  });

  it('takes rules that are not loaded, and writes nothing', async () => {
    const before = await serving.parts.store.documents.aggregate('match', {
      groupBy: [],
      measure: { kind: 'count' },
    });
    const text = rule('{sel: {event.dataset: samba.audit}, condition: not none_of, none_of: {no.such: x}}');
    const started = await start({ texts: [{ name: '../../rule.yml', text }] });
    const body = await finish(started.body['id']);
    expect(body['rules']).toHaveLength(1);
    const after = await serving.parts.store.documents.aggregate('match', {
      groupBy: [],
      measure: { kind: 'count' },
    });
    expect(after).toEqual(before);
  });

  it('refuses mistakes with their place, unknown rules, empty spans, and who may not read events', async () => {
    const mistaken = await start({
      texts: [{ name: 'my.yml', text: rule('{sel: {A|contians: x}, condition: sel}') }],
    });
    expect(mistaken.status).toBe(400);
    expect(mistaken.text).toMatch(/my\.yml:4:\d+ unknown modifier .*did you mean/);
    expect((await start({ named: ['no such rule'] })).status).toBe(404);
    expect((await start({})).status).toBe(400);
    expect((await start({ all: true, to: SPAN.from })).status).toBe(400);
    expect((await start({ all: true }, 'viewer')).status).toBe(403);
    expect((await serving.call('analyst', 'GET', '/api/v1/backtests/none')).status).toBe(404);
  });
});
