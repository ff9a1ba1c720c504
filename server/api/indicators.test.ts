/** Lists of indicators through the API, and how soon detection uses them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Feeding, openFeeding, said } from '../testbench/feeding.ts';
import { openServing, type Serving } from '../testbench/serving.ts';

describe('lists over HTTP', () => {
  let serving: Serving;
  beforeEach(async () => {
    serving = await openServing();
  });
  afterEach(() => serving.close());
  const bad = '/api/v1/indicators/bad';
  const ip = (value: string, more: object = {}) => ({ kind: 'ip', value, source: 'CERT', ...more });
  const add = (indicators: object[], who = 'analyst') => serving.call(who, 'POST', bad, { indicators });

  it('are imported again without doubles, and say what changed', async () => {
    expect((await add([ip('192.0.2.1'), ip('192.0.2.2')])).body).toEqual({ added: 2, changed: 0, same: 0 });
    const again = await add([ip('192.0.2.1', { expires: '2030-01-01T00:00:00Z' }), ip('192.0.2.2')]);
    expect(again.body).toEqual({ added: 0, changed: 1, same: 1 });
    const { lists } = (await serving.call('viewer', 'GET', '/api/v1/indicators')).body;
    expect(lists).toMatchObject([{ list: 'bad', active: 2, expired: 0, byKind: { ip: 2 }, by: 'analyst' }]);
  });

  it('refuse what is no indicator, and names that no rule could say', async () => {
    expect((await add([{ kind: 'domain', value: '192.0.2.1', source: 's' }])).status).toBe(400);
    expect(
      (await serving.call('analyst', 'POST', '/api/v1/indicators/Bad%20list', { indicators: [] })).status,
    ).toBe(400);
  });

  it('are ended and emptied by approvers, with a reason in the audit trail', async () => {
    await add([ip('192.0.2.1'), ip('192.0.2.2')]);
    const expire = { values: ['192.0.2.1'], reason: 'clean again' };
    expect((await serving.call('analyst', 'POST', `${bad}/expire`, expire)).status).toBe(403);
    expect((await serving.call('approver', 'POST', `${bad}/expire`, expire)).body).toMatchObject({
      expired: 1,
    });
    serving.wait(1);
    expect((await serving.call('viewer', 'GET', '/api/v1/indicators')).body['lists']).toMatchObject([
      { active: 1, expired: 1 },
    ]);
    const unknown = await serving.call('approver', 'POST', `${bad}/remove`, { values: ['x'], reason: 'y' });
    expect(unknown.status).toBe(404);
    const removed = await serving.call('approver', 'POST', `${bad}/remove`, { reason: 'obsolete' });
    expect(removed.body).toEqual({ removed: 2 });
    expect((await serving.call('viewer', 'GET', bad)).status).toBe(404);
    const { found } = await serving.parts.store.documents.find('audit', { sort: ['sequence'], size: 100 });
    expect(found.map(({ body }) => body).find(({ action }) => action === 'indicators.remove')).toMatchObject({
      who: 'approver',
      details: { reason: expect.any(String) },
    });
  });
});

describe('rules with further conditions', () => {
  const rule = (id: string, vigia: string) =>
    `title: Rule ${id}\nid: ${id}\nlevel: high\nlogsource: {product: linux}\ndetection: {sel: {event.action: x}, condition: sel}\nvigia: ${vigia}\n`;
  let feeding: Feeding;
  beforeEach(async () => {
    feeding = await openFeeding(
      [
        rule('listed', '{indicators: {list: [bad, worse], fields: [source.ip, url.domain]}}'),
        rule('ungranted', '{unless_granted: {who: user.name, system: host.name, role: root}}'),
      ],
      '2026-06-01T00:00:00Z',
    );
  });
  afterEach(() => feeding.close());
  let second = 0;
  const event = (fields: object) =>
    said(
      `2026-05-31T10:00:${String(second++ % 60).padStart(2, '0')}.000Z`,
      fields as Record<string, unknown>,
    );
  const found = async (id: string) =>
    (await feeding.alerts()).filter(({ rule: of }) => of.id === id).map(({ detail }) => detail);

  it('match what is in a list, say which, and use a changed list within seconds without a restart', async () => {
    const { indicators } = feeding.parts;
    await feeding.feed('a', [event({ source: { ip: '192.0.2.9' } })]);
    expect(await found('listed')).toEqual([]);
    await indicators.add(
      'worse',
      [{ kind: 'domain', value: 'evil.example', source: 'CERT', tlp: 'TLP:RED' }],
      'ana',
    );
    feeding.at('2026-06-01T00:00:03Z');
    await feeding.feed('a', [
      event({ url: { domain: 'a.evil.example' } }),
      event({ url: { domain: 'good.example' } }),
    ]);
    expect(await found('listed')).toEqual([
      'url.domain a.evil.example: evil.example is in the list worse (CERT, TLP:RED)',
    ]);
    await indicators.remove('worse', 'rui');
    feeding.at('2026-06-01T00:00:06Z');
    await feeding.feed('a', [event({ url: { domain: 'b.evil.example' } })]);
    expect(await found('listed')).toHaveLength(1);
    const { found: matches } = await feeding.store.documents.find('match', {});
    expect(matches.filter(({ body }) => body.rule.id === 'listed')).toHaveLength(1);
  });

  it('match what no grant covers: who, where, which role, and when', async () => {
    const grant = (id: string, more: object = {}) =>
      feeding.store.documents.create('grant', id, {
        id,
        who: 'INST\\ana',
        system: 'srv-1.inst.example',
        role: 'root',
        from: '2026-05-31T09:00:00.000Z',
        to: '2026-05-31T11:00:00.000Z',
        by: 'rui',
        ...more,
      });
    const by = (name: string, host: string) => event({ user: { name }, host: { name: host } });
    await feeding.feed('a', [by('ana', 'srv-1')]);
    expect(await found('ungranted')).toEqual(['no grant covers ana on srv-1 at that time']);
    // Given a moment ago, and it counts: grants are read when they are needed.
    await grant('g1');
    await feeding.feed('a', [by('Ana', 'SRV-1'), by('ana', 'srv-1.inst.example')]);
    expect(await found('ungranted')).toHaveLength(1);
    await grant('g2', { who: 'eva', role: 'reader' });
    await grant('g3', { who: 'ivo', revoked: '2026-05-31T09:30:00.000Z' });
    await grant('g4', { who: 'lia', to: '2026-05-31T10:00:00.000Z' });
    await feeding.feed('a', [
      by('ana', 'srv-2'),
      by('ana', 'srv-1.other.example'),
      by('eva', 'srv-1'),
      by('ivo', 'srv-1'),
      by('lia', 'srv-1'),
      event({ host: { name: 'srv-1' } }),
    ]);
    expect(await found('ungranted')).toHaveLength(7);
  });
});
