/** Rules over the API: which can fire, what each did, and shadow mode from the settings to the audit trail. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { equals } from '../core/conditions/tree.ts';
import { findAll } from '../core/find-all.ts';
import type { RuleCoverage } from '../detections/index.ts';
import { compose } from './compose.ts';
import { importOnce } from './import-once.ts';
import type { Parts } from './parts.ts';
import { coverRules } from './rule-coverage.ts';
import { type Score, scorecard } from './scorecard.ts';
import { readSettings, type Settings } from './settings.ts';
import { openServing, recorded, type Serving } from './testbench/serving.ts';

const ADDED = 'Member added to privileged group';
const SUMMIT = 'New account given privileged group within an hour';
const range = { from: '2026-01-01T00:00:00.000Z', to: '2027-01-01T00:00:00.000Z' };

describe('over recorded events', () => {
  let serving: Serving;
  beforeAll(async () => {
    serving = await openServing();
    await serving.ingest(recorded('group'), recorded('dsdb'));
  });
  afterAll(() => serving.close());

  it('rules say whether they can fire, and what they wait for', async () => {
    const { body } = await serving.call('viewer', 'GET', '/api/v1/rules?days=3650');
    const rules = body['rules'] as RuleCoverage[];
    const of = (title: string) => rules.find((rule) => rule.title === title)!;
    expect(of(ADDED)).toMatchObject({ state: 'can-fire', datasets: ['samba.group'], alerts: true });
    expect(of(ADDED).needs).toEqual([expect.stringMatching(/dsdb_group_json_audit:5/)]);
    expect(of('Service ticket given')).toMatchObject({
      state: 'source-not-configured',
      reason: 'no source is configured that gives samba.kdc',
    });
    expect(of('Trust with another domain created or changed').state).toBe('can-fire');
    expect(rules.filter(({ state }) => state === 'field-never-seen').length).toBeGreaterThan(0);
    expect((body['datasets'] as { dataset: string }[]).map(({ dataset }) => dataset)).toEqual([
      'samba.dsdb',
      'samba.group',
    ]);
  });

  it('a window in which nothing came makes sources silent, or not configured', async () => {
    const later = { ...serving.parts, now: () => Date.parse('2027-06-01T00:00:00Z') };
    const states = new Set((await coverRules(later, 1)).rules.map(({ state }) => state));
    expect([...states]).toEqual(['source-not-configured']);
  });

  it('the scorecard counts matches, alerts, incidents and verdicts', async () => {
    const card = async () =>
      (
        (await serving.call('analyst', 'GET', `/api/v1/rules/scorecard?from=${range.from}&to=${range.to}`))
          .body['rules'] as Score[]
      ).find(({ title }) => title === ADDED)!;
    const before = await card();
    expect(before.matches).toBeGreaterThan(0);
    expect(before.alerts).toEqual({ open: before.matches });
    expect(before).toMatchObject({ incidents: 2, verdicts: { undecided: 2 }, cost: 'not measured' });
    expect(before.precision).toBeUndefined();
    expect(before.lastFired).toMatch(/^2026-11-21T/);
    const alerts = await findAll(serving.parts.store.documents, 'alert', {
      where: equals('rule.id', before.id),
    });
    const incidents = [...new Set(alerts.map(({ body }) => body.incident))];
    expect(incidents).toHaveLength(2);
    for (const [at, verdict] of ['true-positive', 'false-positive'].entries())
      await serving.call('analyst', 'POST', `/api/v1/incidents/${incidents[at]}/close`, {
        verdict,
        reason: 'looked at',
      });
    expect(await card()).toMatchObject({
      verdicts: { 'true-positive': 1, 'false-positive': 1 },
      precision: { right: 1, decided: 2 },
    });
  });

  it('is for those who work with alerts', async () => {
    expect((await serving.call('viewer', 'GET', '/api/v1/rules/scorecard')).status).toBe(403);
    expect((await serving.call('auditor', 'GET', '/api/v1/rules/scorecard')).status).toBe(200);
    expect((await serving.call('viewer', 'GET', '/api/v1/rules?days=0')).status).toBe(400);
  });
});

describe('shadow mode', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigia-shadow-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const open = (shadow: Settings['shadow']): Promise<Parts> =>
    compose(
      { ...readSettings(undefined, { VIGIA_STATE: folder }), retentionDays: 3_650, shadow },
      { log: pino({ level: 'silent' }) },
    );
  const acts = async (parts: Parts) =>
    (await parts.store.documents.find('audit', { sort: ['sequence'] })).found
      .map(({ body }) => body)
      .filter(({ action }) => action.startsWith('rule.'))
      .map(({ action, details }) => `${action}: ${details['title']}`);

  it('keeps matches, makes no alert, counts what it would have made; entering and leaving are recorded once', async () => {
    const why = 'looked at until May';
    const shadowed = await open([
      { rules: ['member_added_to_privileged_group', SUMMIT], why, since: '2026-05-01' },
      { rules: ['no such rule'], why },
    ]);
    expect(shadowed.detection.refused).toEqual(['shadow mode: no loaded rule is "no such rule"']);
    const files = [recorded('group'), recorded('dsdb')];
    const watch = { signal: new AbortController().signal, progress: () => undefined };
    await importOnce(shadowed, files, watch);
    const of = async (parts: Parts, title: string) =>
      (await scorecard(parts, range)).rules.find((rule) => rule.title === title)!;
    const added = await of(shadowed, ADDED);
    expect(added.matches).toBeGreaterThan(0);
    expect(added).toMatchObject({
      alerts: {},
      shadow: { why, since: '2026-05-01', wouldAlert: added.matches },
    });
    const summit = await of(shadowed, SUMMIT);
    expect(summit.alerts).toEqual({});
    expect(summit.shadow?.wouldAlert).toBeGreaterThan(0);
    expect(await acts(shadowed)).toEqual([`rule.shadow: ${ADDED}`, `rule.shadow: ${SUMMIT}`]);
    await shadowed.close();

    const again = await open([{ rules: [SUMMIT], why }]);
    expect(await acts(again)).toEqual([
      `rule.shadow: ${ADDED}`,
      `rule.shadow: ${SUMMIT}`,
      `rule.alerts-again: ${ADDED}`,
    ]);
    await again.close();
    const same = await open([{ rules: [SUMMIT], why }]);
    expect(await acts(same)).toHaveLength(3);
    await same.close();
  });
});
