/** Vigia's own audit trail as events: entries by kind, the chains followed once, a hole passed over aloud. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAudit } from '../core/audit.ts';
import type { Store } from '../core/store.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import { auditReader } from './reading/audit.ts';
import { run } from './run.ts';
import { vigiaAudit } from './vigia-audit.ts';

const NOW = Date.parse('2026-03-04T10:00:00Z');
const context = { source: 'vigia', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 0 };
const bytes = (value: object) => new TextEncoder().encode(JSON.stringify(value));
const entry = {
  writer: 'api',
  sequence: 7,
  at: '2026-03-04T10:00:00.000Z',
  who: 'mcosta',
  action: 'token.create',
  target: '/api/v1/tokens',
  details: { status: 201, address: '192.0.2.21', user: 'svc-new', roles: ['admin'], days: 30 },
};
function eventOf(change: object) {
  const made = vigiaAudit.normalise(bytes({ ...entry, ...change }), context);
  if ('reject' in made) throw new Error(made.reject);
  return made.event;
}

describe('an audit entry', () => {
  it('reads as written down', () => {
    expect(eventOf({})).toEqual({
      '@timestamp': '2026-03-04T10:00:00.000Z',
      event: {
        kind: 'event',
        module: 'vigia',
        dataset: 'vigia.audit',
        provider: 'api',
        action: 'token.create',
        category: ['api', 'iam'],
        type: ['admin', 'change'],
        outcome: 'success',
        sequence: 7,
        original: JSON.stringify(entry),
      },
      message: 'mcosta token.create /api/v1/tokens',
      user: { name: 'mcosta', target: { name: 'svc-new' } },
      url: { path: '/api/v1/tokens' },
      http: { response: { status_code: 201 } },
      source: { address: '192.0.2.21', ip: '192.0.2.21' },
      related: { user: ['mcosta', 'svc-new'], ip: ['192.0.2.21'] },
      vigia: {
        logsource: { product: 'vigia', service: 'audit' },
        audit: { target: '/api/v1/tokens', roles: ['admin'], days: 30 },
      },
    });
  });

  it('names the access that it is about, and how late that ended', () => {
    const details = { user: 'ana', system: 'payments', role: 'payments_admin', lateSeconds: 5_400 };
    const { vigia } = eventOf({ who: 'vigia', action: 'access.ended', target: 'ACC-2026-000017', details });
    expect(vigia).toMatchObject({
      audit: { access: 'ACC-2026-000017', system: 'payments', role: 'payments_admin', late_seconds: 5_400 },
    });
    expect(eventOf({ target: '/api/v1/access/ACC-2026-000018/approve' }).vigia).toMatchObject({
      audit: { access: 'ACC-2026-000018' },
    });
  });

  it.each([
    [
      { details: { status: 401 } },
      { outcome: 'failure', type: ['denied'], category: ['api', 'authentication'] },
    ],
    [{ details: { status: 403 } }, { outcome: 'failure', type: ['denied'], category: ['api'] }],
    [
      { action: 'events.search', details: { status: 200 } },
      { outcome: 'success', type: ['access'] },
    ],
    [
      { action: 'run.approve', details: { status: 409 } },
      { outcome: 'failure', type: ['change'] },
    ],
    [{ action: 'collectors.forget', details: {} }, { type: ['admin', 'change'] }],
  ])('%j is understood', (change, expected) => {
    expect(eventOf(change).event).toMatchObject(expected);
  });

  it('names run, incident and TLP', () => {
    const facts = (change: object) => eventOf(change).vigia?.['audit'];
    expect(facts({ target: '/api/v1/runs/RUN-2026-000001/approve' })).toMatchObject({
      run: 'RUN-2026-000001',
    });
    expect(facts({ details: { query: { tlp: 'TLP:RED' } } })).toMatchObject({ tlp: 'TLP:RED' });
    expect(facts({ target: '/api/v1/incidents/INC-2026-000004/close' })).toMatchObject({
      incident: 'INC-2026-000004',
    });
  });

  it.each([
    ['x', 'no JSON'],
    ['{"at":"2026-03-04"}', 'lacks writer, who, action, target'],
    [JSON.stringify({ ...entry, at: 'x' }), 'no time'],
  ])('%s is refused', (text, reason) => {
    expect(vigiaAudit.normalise(new TextEncoder().encode(text), context)).toEqual({
      reject: expect.stringContaining(reason),
    });
  });

  it('hides what somebody typed into a search', () => {
    const event = eventOf({ action: 'events.search', details: { query: 'password=Pl4nted' } });
    expect(JSON.stringify(event)).not.toContain('Pl4nted');
  });

  it.skipIf(!hasEcsReference())('conforms to ECS', () => {
    const problemsOf = ecsProblems();
    for (const change of [
      {},
      { details: { status: 401 } },
      { action: 'collectors.forget' },
      { action: 'run.plan' },
    ])
      expect(problemsOf(eventOf(change))).toEqual([]);
  });
});

describe('following the chains', () => {
  let folder: string;
  let store: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vigia-audit-'));
    store = await openEmbedded({ file: join(folder, 'vigia.db') });
    await store.migrate();
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const chain = (writer: string) =>
    openAudit({
      documents: store.documents,
      writer,
      key: new Uint8Array(32),
      heads: { read: async () => ({}), write: async () => undefined },
      now: () => NOW,
    });
  const warnings: string[] = [];
  const follow = () =>
    run(
      { id: 'vigia', collector: vigiaAudit, reader: auditReader(store.documents) },
      {
        store,
        evaluate: async () => ({ matches: [], alerts: [] }),
        now: () => NOW,
        retentionDays: 30,
        warn: (message) => warnings.push(message),
      },
      { signal: new AbortController().signal, until: 'end' },
    );
  const targets = async () =>
    (await store.events.read({ size: 2_000 })).events.map((event) => event.message).sort();

  it('gives every entry of every writer once, and makes none by reading', async () => {
    const [one, two] = [await chain('api'), await chain('cli')];
    for (let n = 0; n < 700; n++) await one.record({ who: 'a', action: 'x.y', target: `one ${n}` });
    await two.record({ who: 'b', action: 'x.y', target: 'two' });
    await follow();
    await one.record({ who: 'a', action: 'x.y', target: 'later' });
    await follow();
    await follow();
    expect(await targets()).toHaveLength(702);
    const counted = await store.documents.aggregate('audit', { groupBy: [], measure: { kind: 'count' } });
    expect(counted[0]!.value).toBe(702);
    const lines = await store.batches.ledger();
    expect(lines.reduce((sum, line) => sum + line.duplicate, 0)).toBe(0);
  });

  it('passes over a hole and says so', async () => {
    const one = await chain('api');
    for (let n = 1; n <= 3; n++) await one.record({ who: 'a', action: 'x.y', target: `${n}` });
    const second = (await store.documents.get('audit', 'api:000000000002'))!;
    await store.documents.delete('audit', second.id, second.version);
    await follow();
    expect(await targets()).toEqual(['a x.y 1', 'a x.y 3']);
    expect(warnings.at(-1)).toContain('entries 2 to 2 of api are missing');
  });
});
