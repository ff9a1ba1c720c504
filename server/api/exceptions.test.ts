/** Exceptions through the API, with recorded events that they cover. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { equals } from '../../core/conditions/tree.ts';
import type { Alert, Incident } from '../../core/documents.ts';
import { openServing, recorded, type Serving } from '../testbench/serving.ts';

const DAY_MS = 86_400_000;
let serving: Serving;
beforeAll(async () => {
  serving = await openServing();
});
afterAll(() => serving.close());

const all = '/api/v1/exceptions';
const propose = (more: object = {}, who = 'analyst') =>
  serving.call(who, 'POST', all, {
    where: 'event.dataset:samba.*',
    why: 'rehearsal',
    until: new Date(serving.parts.now() + 30 * DAY_MS).toISOString(),
    ...more,
  });

describe('exceptions over HTTP', () => {
  it('take a proposal and the approval of somebody else', async () => {
    await serving.person('both', ['analyst', 'approver']);
    const made = await propose({}, 'both');
    expect(made.body).toMatchObject({ standing: 'proposed', proposedBy: 'both' });
    const id = String(made.body['id']);
    const own = await serving.call('both', 'POST', `${all}/${id}/approve`, {});
    expect([own.status, own.text]).toEqual([403, expect.stringContaining('a second person must approve')]);
    expect((await serving.call('analyst', 'POST', `${all}/${id}/approve`, {})).status).toBe(403);
    const second = await serving.call('approver', 'POST', `${all}/${id}/approve`, {});
    expect(second.body).toMatchObject({ standing: 'active', decidedBy: 'approver' });
    await serving.call('analyst', 'POST', `${all}/${id}/end`, { reason: 'only a test' });
    expect((await serving.call('viewer', 'GET', `${all}/${id}`)).body).toMatchObject({
      exception: { standing: 'ended' },
      suppressed: 0,
    });
  });

  it('name rules that are loaded, by id or title', async () => {
    const made = await propose({ rules: ['Directory object deleted'] });
    const [rule] = (made.body['scope'] as { rules: { id: string; title: string }[] }).rules;
    expect(rule).toEqual({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), title: 'Directory object deleted' });
    const wrong = await propose({ rules: ['Directory object deletd'] });
    expect([wrong.status, wrong.text]).toEqual([400, expect.stringContaining('no loaded rule')]);
  });

  it('are in the audit trail, with what was said', async () => {
    const { found } = await serving.parts.store.documents.find('audit', {
      sort: ['sequence'],
      size: 1_000,
    });
    const said = found.map(({ body }) => body).filter(({ action }) => action.startsWith('exception.'));
    expect(said.map(({ action, who }) => `${who} ${action}`)).toEqual(
      expect.arrayContaining([
        'both exception.propose',
        'both exception.approve',
        'approver exception.approve',
        'analyst exception.end',
      ]),
    );
    expect(said[0]!.details).toMatchObject({ status: 201, why: 'rehearsal', where: 'event.dataset:samba.*' });
  });

  it('keep what they hide out of incidents, count it, and show it beside them', async () => {
    const rule = 'Member added to group named like an administrators group';
    const made = await propose({ rules: [rule], where: 'event.dataset:samba.* and source.ip:10.77.0.0/16' });
    const id = String(made.body['id']);
    await serving.call('approver', 'POST', `${all}/${id}/approve`, {});
    // The recorded events are older than the approval: the agreement of the test holds for their time.
    const { documents } = serving.parts.store;
    const stored = (await documents.get('exception', id))!;
    await documents.update('exception', id, { ...stored.body, from: '2026-01-01T00:00:00Z' }, stored.version);
    serving.wait(3_000);
    await serving.ingest(recorded('group'));

    const shown = (await serving.call('viewer', 'GET', `${all}/${id}`)).body;
    expect(shown).toMatchObject({ suppressed: 1, byRule: [{ title: rule, alerts: 1 }] });
    const listed = (await serving.call('viewer', 'GET', `/api/v1/alerts?exception=${id}`)).body['alerts'];
    const [hidden] = listed as Alert[];
    expect(hidden).toMatchObject({ state: 'suppressed', rule: { title: rule } });
    expect(hidden!.incident).toBeUndefined();
    const { found } = await documents.find('match', { where: equals('event.id', hidden!.events[0]!) });
    expect(found.map(({ body }) => body.exceptions)).toContainEqual([id]);
    const list = (await serving.call('viewer', 'GET', all)).body['exceptions'] as Record<string, unknown>[];
    expect(list.find((one) => one['id'] === id)).toMatchObject({ suppressed: 1 });

    const incidents = (await serving.call('viewer', 'GET', '/api/v1/incidents')).body['incidents'];
    const beside = await Promise.all(
      (incidents as Incident[]).map(
        async (one) => (await serving.call('viewer', 'GET', `/api/v1/incidents/${one.id}`)).body,
      ),
    );
    expect(beside.flatMap(({ alerts }) => alerts as Alert[]).map(({ state }) => state)).not.toContain(
      'suppressed',
    );
    expect(beside.flatMap(({ suppressed }) => suppressed)).toContainEqual({ exception: id, rule, alerts: 1 });
    await serving.call('analyst', 'POST', `${all}/${id}/end`, { reason: 'done' });
  });

  it('are announced by health and metrics before they end', async () => {
    const made = await propose({ until: new Date(serving.parts.now() + 3 * DAY_MS).toISOString() });
    await serving.call('approver', 'POST', `${all}/${String(made.body['id'])}/approve`, {});
    const health = (await serving.call('viewer', 'GET', '/api/v1/health')).body;
    expect(health['exceptions']).toMatchObject({ ending: [{ id: made.body['id'], days: 3 }] });
    const metrics = (await serving.call(undefined, 'GET', '/metrics')).text;
    expect(metrics).toContain('vigia_exceptions_ending 1');
    expect(metrics).toMatch(/vigia_exceptions_standing\{standing="proposed"\} 1/);
  });
});
