/** What every route answers when all is well, and how changes of several people meet. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Alert, Incident, Run } from '../../core/documents.ts';
import type { LedgerLine } from '../../core/store.ts';
import { openServing, recorded, type Serving } from '../testbench/serving.ts';

let serving: Serving;
let incident: Incident & { version: string };
beforeAll(async () => {
  serving = await openServing();
  await serving.ingest(recorded('group'), recorded('dsdb'));
  incident = (await incidents())[0]!;
});
afterAll(() => serving.close());

const get = (url: string, who = 'auditor') => serving.call(who, 'GET', url);
const post = (url: string, payload: unknown, who = 'analyst') => serving.call(who, 'POST', url, payload);
const incidents = async () =>
  (await get('/api/v1/incidents')).body['incidents'] as (Incident & { version: string })[];
const at = (change: string) => `/api/v1/incidents/${incident.number}/${change}`;

describe('operators', () => {
  it('see that the process is alive and ready', async () => {
    expect((await serving.call(undefined, 'GET', '/health')).body).toMatchObject({ status: 'ok' });
    const ready = await serving.call(undefined, 'GET', '/ready');
    expect([ready.status, ready.body]).toMatchObject([200, { store: { kind: 'embedded', state: 'ok' } }]);
  });

  it('scrape metrics that agree with the store', async () => {
    const { text, headers } = await serving.call(undefined, 'GET', '/metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toMatch(/^vigia_events_stored_total\{source="dc1-group"\} 36$/m);
    expect(text).toMatch(/^vigia_incidents_open\{severity="\w+"\} [1-9]/m);
    expect(text).toMatch(/^vigia_rules_loaded\{state="loaded"\} [1-9]/m);
  });

  it('read health and a ledger that balances', async () => {
    const health = (await get('/api/v1/health')).body as {
      sources: { id: string }[];
      store: { events: number };
    };
    expect(health.sources.map(({ id }) => id)).toEqual(['dc1-dsdb', 'dc1-group']);
    const lines = (await get('/api/v1/ledger')).body['ledger'] as LedgerLine[];
    const sum = (field: 'read' | 'stored' | 'evaluated') => lines.reduce((all, line) => all + line[field], 0);
    expect([sum('read'), sum('stored'), sum('evaluated')]).toEqual([225, 225, 225]);
    expect(health.store.events).toBe(225);
  });

  it('find an OpenAPI document that describes every route with its body', async () => {
    const { body } = await serving.call(undefined, 'GET', '/openapi.json');
    const document = body as {
      openapi: string;
      paths: Record<
        string,
        Record<string, { summary?: string; parameters?: { in: string; name: string }[] }>
      >;
    };
    expect(document.openapi).toMatch(/^3\./);
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, one] of Object.entries(methods)) {
        expect(one.summary, `${method} ${path}`).toBeTruthy();
        const named = (one.parameters ?? [])
          .filter((given) => given.in === 'path')
          .map(({ name }) => `{${name}}`);
        expect(named, `${method} ${path}`).toEqual(path.match(/\{\w+\}/g) ?? []);
      }
    }
    expect(document.paths['/api/v1/incidents/{id}/close']).toHaveProperty('post.requestBody');
  });
});

describe('analysts', () => {
  it('list incidents worst first, and page through them', async () => {
    const all = await incidents();
    expect(all.length).toBeGreaterThan(1);
    const seen: string[] = [];
    let after = '';
    do {
      const page = await get(`/api/v1/incidents?size=1${after ? `&after=${encodeURIComponent(after)}` : ''}`);
      seen.push(...(page.body['incidents'] as Incident[]).map(({ id }) => id));
      after = String(page.body['next'] ?? '');
    } while (after);
    expect(seen).toEqual(all.map(({ id }) => id));
  });

  it('open one with its alerts, timeline, runs and clocks', async () => {
    const { body } = await get(`/api/v1/incidents/${incident.number}`);
    expect(body).toMatchObject({ incident: { id: incident.id }, runs: [] });
    expect((body['alerts'] as Alert[]).length).toBe(incident.alertCount);
    expect(body['timeline']).toHaveProperty('entries');
    expect(body['clocks']).not.toEqual([]);
  });

  it('follow an alert to the events behind it', async () => {
    const { alerts } = (await get(`/api/v1/alerts?incident=${incident.id}&size=1`)).body as {
      alerts: Alert[];
    };
    const { body } = await get(`/api/v1/alerts/${alerts[0]!.id}`);
    const events = body['events'] as { event: { id: string } }[];
    expect(events.map(({ event }) => event.id)).toEqual(alerts[0]!.events);
    const one = await get(`/api/v1/events/${events[0]!.event.id}`);
    expect(one.body).toEqual(events[0]);
  });

  it('hunt with a query line', async () => {
    const found = await post('/api/v1/events/search', { query: 'event.dataset:samba.group', size: 5 });
    expect(found.status).toBe(200);
    const events = found.body['events'] as { event: { dataset: string } }[];
    expect(events.map(({ event }) => event.dataset)).toEqual(Array(5).fill('samba.group'));
    expect(found.body['next']).toBeTruthy();
  });

  it('work an incident from new to closed and open it again', async () => {
    const states: unknown[] = [];
    for (const [change, payload] of [
      ['acknowledge', {}],
      ['assign', { to: 'rita' }],
      ['note', { text: 'called the owner' }],
      ['severity', { severity: 'critical', reason: 'payroll' }],
      ['wait', { until: new Date(Date.now() + 60_000).toISOString() }],
      ['wake', {}],
      ['contain', {}],
      ['significance', { decided: false, reason: 'an exercise' }],
      ['notified', { step: 'initial-notification', at: new Date(Date.now() - 1_000).toISOString() }],
      ['close', { verdict: 'exercise', reason: 'drill' }],
      ['reopen', { reason: 'not a drill' }],
    ] as const) {
      const { status, body } = await post(at(change), payload);
      states.push([change, status, (body['incident'] as Incident | undefined)?.state]);
    }
    expect(states).toEqual([
      ['acknowledge', 200, 'acknowledged'],
      ['assign', 200, 'acknowledged'],
      ['note', 200, 'acknowledged'],
      ['severity', 200, 'acknowledged'],
      ['wait', 200, 'waiting'],
      ['wake', 200, 'acknowledged'],
      ['contain', 200, 'contained'],
      ['significance', 200, 'contained'],
      ['notified', 200, 'contained'],
      ['close', 200, 'closed'],
      ['reopen', 200, 'acknowledged'],
    ]);
  });

  it('merge two incidents and take them apart again', async () => {
    const [into, from] = await incidents();
    const merged = await post(`/api/v1/incidents/${from!.number}/merge`, {
      into: into!.number,
      reason: 'same hand',
    });
    expect(merged.body).toMatchObject({ incident: { id: into!.id } });
    const split = await post(`/api/v1/incidents/${from!.number}/split`, { reason: 'another hand' });
    expect([split.status, split.body]).toMatchObject([200, { incident: { id: from!.id } }]);
  });

  it('are told when somebody else was faster', async () => {
    const { version } = (await incidents()).find(({ id }) => id === incident.id)!;
    expect((await post(at('note'), { text: 'mine', version })).status).toBe(200);
    const late = await post(at('note'), { text: 'yours', version });
    expect([late.status, late.body]).toMatchObject([409, { error: { code: 'conflict' } }]);
    expect(late.text).toContain('read it again');
    expect((await get(`/api/v1/incidents/${incident.number}`)).text).not.toContain('yours');
  });

  it('learn which changes a state allows', async () => {
    const answer = await post(at('reopen'), { reason: 'x' });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('possible now:')]);
  });

  it('export the report of an incident', async () => {
    const listed = await get('/api/v1/reports');
    expect(listed.body['reports']).toMatchObject([{ id: 'initial-notification' }]);
    const path = `/api/v1/reports/initial-notification/${incident.number}`;
    expect((await get(`${path}?format=json`)).status).toBe(200);
    const pdf = await get(path);
    expect(pdf.headers).toMatchObject({ 'content-type': 'application/pdf' });
    expect(String(pdf.headers['content-disposition'])).toMatch(/^attachment; filename="[\w.-]+\.pdf"$/);
    expect(pdf.text.slice(0, 5)).toBe('%PDF-');
  });
});

describe('responders', () => {
  const ask = { flow: 'switch-off', input: { first: 'hall' } };
  const request = async (payload: object = ask) =>
    (await post('/api/v1/runs', payload, 'responder')).body['run'] as Run;

  it('see what a playbook would do, without doing it', async () => {
    expect((await get('/api/v1/flows')).body['flows']).toMatchObject([
      { id: 'evening-round' },
      { id: 'light-show' },
      { id: 'switch-off' },
    ]);
    const planned = await post('/api/v1/runs/plan', ask, 'responder');
    expect(planned.body['steps']).toMatchObject([{ plan: { changes: ['~ hall goes off'] } }]);
    expect(serving.lamps.calls).toEqual([]);
  });

  it('have a run done once another person approves exactly its plan', async () => {
    const run = await request({ ...ask, incident: incident.number });
    const approve = (who: string, planHash: string) =>
      post(`/api/v1/runs/${run.number}/approve`, { planHash }, who);
    expect((await approve('approver', 'another')).status).toBe(403);
    expect((await approve('approver', run.planHash)).status).toBe(200);
    await serving.parts.settled();
    expect(serving.lamps.calls).toEqual(['hall off']);
    const shown = await get(`/api/v1/runs/${run.number}`);
    expect(shown.body).toMatchObject({ run: { state: 'done', incident: incident.id } });
    expect((shown.body['journal'] as object[]).length).toBeGreaterThan(3);
    expect((await get(`/api/v1/incidents/${incident.number}`)).body['runs']).toMatchObject([{ id: run.id }]);

    const undone = await post(`/api/v1/runs/${run.number}/undo`, { reason: 'it was dark' }, 'approver');
    expect(undone.body).toMatchObject({ run: { state: 'undone' } });
    expect(serving.lamps.lamps.get('hall')).toMatchObject({ on: true });
  });

  it('cannot approve what they asked for, whatever their roles', async () => {
    await serving.person('boss', ['admin']);
    const run = (await post('/api/v1/runs', ask, 'boss')).body['run'] as Run;
    const answer = await post(`/api/v1/runs/${run.number}/approve`, { planHash: run.planHash }, 'boss');
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('a second person')]);
  });

  it('refuse, skip, resume and abandon', async () => {
    const refused = await request();
    const refusal = await post(`/api/v1/runs/${refused.number}/refuse`, { reason: 'not now' }, 'approver');
    expect(refusal.body).toMatchObject({ run: { state: 'refused' } });

    const stuck = await request({ flow: 'switch-off', input: { first: 'hall', second: 'stairs' } });
    serving.lamps.fault = 'before';
    await post(`/api/v1/runs/${stuck.number}/approve`, { planHash: stuck.planHash }, 'approver');
    await serving.parts.settled();
    delete serving.lamps.fault;
    expect((await post(`/api/v1/runs/${stuck.number}/skip`, { reason: 'x' }, 'responder')).status).toBe(400);
    const skipped = await post(
      `/api/v1/runs/${stuck.number}/skip`,
      { reason: 'by hand', step: 0 },
      'responder',
    );
    expect(skipped.body).toMatchObject({ run: { steps: [{ outcome: 'skipped' }, {}] } });
    const resumed = await post(`/api/v1/runs/${stuck.number}/resume`, undefined, 'responder');
    expect(resumed.body).toMatchObject({ run: { state: 'done' } });
    const late = await post(`/api/v1/runs/${stuck.number}/abandon`, { reason: 'enough' }, 'responder');
    expect([late.status, late.text]).toEqual([403, expect.stringContaining('is done')]);
  });

  it('list runs page by page', async () => {
    const all = (await get('/api/v1/runs')).body['runs'] as Run[];
    const first = await get('/api/v1/runs?size=1');
    const second = await get(`/api/v1/runs?size=1&after=${encodeURIComponent(String(first.body['next']))}`);
    const numbers = [first, second].flatMap(({ body }) => (body['runs'] as Run[]).map((run) => run.number));
    expect(numbers).toEqual(all.slice(0, 2).map((run) => run.number));
  });

  it('answer what a step asks a person, with evidence that is kept', async () => {
    const asked = await post('/api/v1/runs', { flow: 'light-show', input: { byHand: 'hall' } });
    const { number } = asked.body['run'] as Run;
    const answer = (payload: object, who = 'responder') =>
      post(
        `/api/v1/runs/${number}/answer`,
        { step: 0, done: true, text: 'pulled the plug', ...payload },
        who,
      );
    await serving.parts.settled();
    expect((await answer({}, 'analyst')).status).toBe(403);
    expect((await answer({ evidence: { name: 'a.png', content: 'no base64!' } })).status).toBe(400);
    const given = await answer({
      evidence: { name: 'a.png', content: Buffer.from('dark').toString('base64') },
    });
    expect([given.status, (given.body['run'] as Run).state]).toEqual([200, 'done']);
    const { found } = await serving.parts.store.documents.find('evidence', {});
    expect(found.map(({ body }) => [body.by, body.name, body.size])).toEqual([['responder', 'a.png', 4]]);
  });
});

describe('a store that is gone', () => {
  it('makes the process not ready, while it still tells that it lives', async () => {
    const lost = await openServing();
    await lost.parts.store.close();
    expect((await lost.call(undefined, 'GET', '/health')).status).toBe(200);
    expect((await lost.call(undefined, 'GET', '/ready')).status).toBe(503);
    expect((await lost.call(undefined, 'GET', '/metrics')).status).toBe(200);
    await lost.app.close();
  });
});
