import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Incident, Run } from '../core/documents.ts';
import { attendToRuns } from './run-concerns.ts';
import { openServing, type Serving } from './testbench/serving.ts';

let serving: Serving;
beforeEach(async () => {
  serving = await openServing();
});
afterEach(() => serving.close());

const ask = async (who: string): Promise<Run> =>
  (await serving.call(who, 'POST', '/api/v1/runs', { flow: 'switch-off', input: { first: 'hall' } })).body[
    'run'
  ] as Run;
const incidents = async () =>
  (
    (await serving.call('analyst', 'GET', '/api/v1/incidents')).body as {
      incidents: { incident?: Incident }[];
    }
  ).incidents;

it('raises an incident of its own, critical and once, when somebody breaks the glass', async () => {
  const run = await ask('approver');
  const body = { planHash: run.planHash, reason: 'nobody answers' };
  const path = `/api/v1/runs/${run.number}/break-glass`;
  expect((await serving.call('responder', 'POST', path, body)).status).toBe(403);
  expect((await serving.call('approver', 'POST', path, body)).status).toBe(200);
  await serving.parts.settled();
  await attendToRuns(serving.parts);
  const { found } = await serving.parts.store.documents.find('incident', {});
  expect(found.map(({ body: { title, severity } }) => [severity, title])).toEqual([
    ['critical', expect.stringMatching(/[Bb]reak-glass/)],
  ]);
  const alerts = await serving.parts.store.documents.find('alert', {});
  expect(alerts.found.map(({ body: { kind, detail } }) => [kind, detail])).toEqual([
    [
      'own',
      expect.stringContaining('approver had it executed without the approvals it lacked: nobody answers'),
    ],
  ]);
  expect(await incidents()).toHaveLength(1);
  const audited = await serving.parts.store.documents.find('audit', {});
  expect(audited.found.map(({ body: entry }) => entry.action)).toContain('run.break-glass');
});

it('stops all playbooks for whoever sees it first, and lets only an approver release them', async () => {
  const stop = (who: string) =>
    serving.call(who, 'POST', '/api/v1/playbooks/stop-all', { reason: 'it hits the wrong hosts' });
  expect((await stop('viewer')).status).toBe(403);
  expect((await stop('analyst')).status).toBe(200);
  expect((await serving.call('viewer', 'GET', '/api/v1/playbooks/switch')).body['stopped']).toMatchObject({
    by: 'analyst',
    reason: 'it hits the wrong hosts',
  });
  const run = await ask('responder');
  await serving.call('approver', 'POST', `/api/v1/runs/${run.id}/approve`, { planHash: run.planHash });
  await serving.parts.settled();
  expect([await serving.parts.playbooks.run(run.id), serving.lamps.calls]).toMatchObject([
    { held: { why: 'stopped' } },
    [],
  ]);
  const release = (who: string) =>
    serving.call(who, 'POST', '/api/v1/playbooks/release', { reason: 'mended' });
  expect((await release('responder')).status).toBe(403);
  expect((await release('approver')).status).toBe(200);
  for (const { id } of await serving.parts.playbooks.unfinished()) serving.parts.execute(id);
  await serving.parts.settled();
  expect(serving.lamps.calls).toEqual(['hall off']);
});
