/** A privilege for a time through the API: who may ask and decide, what was done with it, and its end after an outage. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Access, Role } from '../../core/documents.ts';
import { findAll } from '../../core/find-all.ts';
import { type DatabaseBed, databaseBed } from '../../tests/proofs/database-bed.ts';
import { need } from '../../tests/testbed/need.ts';
import { compose } from '../compose.ts';
import { importOnce } from '../import-once.ts';
import type { Parts } from '../parts.ts';
import { advanceDue } from '../roles/advance-access.ts';
import { readSettings } from '../settings.ts';
import { buildApi } from './app.ts';

const postgres = await need('postgres');
const HOUR = 3_600_000;

postgres.describe('privileged access over the API', () => {
  let bed: DatabaseBed;
  let folder: string;
  let parts: Parts;
  let app: FastifyInstance;
  let waited = 0;
  const tokens: Record<string, string> = {};

  async function open(): Promise<void> {
    const settings = readSettings(undefined, { VIGIA_STATE: folder });
    parts = await compose(
      { ...settings, targets: { payments: { ...bed.target, names: ['db1'], handover: folder } } },
      { now: () => Date.now() + waited, log: pino({ level: 'silent' }) },
    );
    app = await buildApi(parts);
  }
  const close = async () => {
    await app.close();
    await parts.close();
  };
  const call = async (who: string, method: 'GET' | 'POST', url: string, payload?: object) => {
    const headers = { authorization: `Bearer ${tokens[who]}` };
    const answer = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
    return { status: answer.statusCode, body: answer.json() };
  };
  const get = async (id: string): Promise<Access> =>
    (await call('olga', 'GET', `/api/v1/access/${id}`)).body.access;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigia-access-api-'));
    bed = await databaseBed(postgres.component, 'api');
    await bed.pg.query('CREATE ROLE "api-admin" NOLOGIN');
    await bed.pg.query('CREATE TABLE api_pensions (n int)');
    await bed.pg.query('GRANT ALL ON api_pensions TO "api-admin"');
    await open();
    const people: [string, Role][] = [
      ['api-ana', 'viewer'],
      ['rita', 'responder'],
      ['olga', 'approver'],
      ['nuno', 'auditor'],
    ];
    for (const [user, role] of people) tokens[user] = (await parts.tokens.create(user, [role], 30)).token;
  });
  afterAll(async () => {
    if (app !== undefined) await close();
    await bed?.close();
    await rm(folder, { recursive: true });
  });
  const ask = { system: 'payments', role: 'api-admin', why: 'index rebuild', ticket: 'CHG-7', minutes: 60 };

  it('is asked for by the person who needs it, and decided by nobody of the two', async () => {
    const ana = await bed.person('api-ana');
    expect((await call('nuno', 'POST', '/api/v1/access', ask)).status).toBe(403);
    const { status, body } = await call('api-ana', 'POST', '/api/v1/access', ask);
    expect([status, body.access.state]).toEqual([201, 'waiting']);
    const { id, planHash } = body.access as Access;
    for (const [who, hash, code] of [
      ['api-ana', planHash, /gets it and cannot decide/],
      ['rita', planHash, /lacks the role approver/],
      ['olga', 'f'.repeat(64), /another plan than the one you saw/],
    ] as const) {
      const refused = await call(who, 'POST', `/api/v1/access/${id}/approve`, { planHash: hash });
      expect([refused.status, refused.body.error.message]).toEqual([403, expect.stringMatching(code)]);
    }
    const approved = await call('olga', 'POST', `/api/v1/access/${id}/approve`, { planHash });
    expect(approved.body.access).toMatchObject({ state: 'active', given: { outcome: 'proven' } });
    await bed.person('api-cai');
    const short = { ...ask, account: 'api-cai' };
    const brief = (await call('rita', 'POST', '/api/v1/access', short)).body.access as Access;
    await call('olga', 'POST', `/api/v1/access/${brief.id}/approve`, { planHash: brief.planHash });
    await call('rita', 'POST', `/api/v1/access/${brief.id}/end`, { reason: 'done' });
    expect(await get(brief.id)).toMatchObject({ state: 'ended' });
    const leak = { postgresql: 'payments', roles: ['api-cai'], application: 'pensions' };
    const run = await parts.playbooks.start('database-credential-compromise', leak, 'rita');
    const person = { by: 'olga', roles: ['approver'] } as const;
    await parts.playbooks.approve(run.id, { ...person, planHash: run.planHash });
    const { steps } = await parts.playbooks.execute(run.id);
    expect(steps.map(({ outcome }) => outcome)).toEqual(['proven', 'proven', 'proven', undefined]);
    const session = await bed.session(ana);
    await session.client.query('SET ROLE "api-admin"');
    await session.client.query('INSERT INTO api_pensions VALUES (41), (42)');

    await importOnce(
      parts,
      [{ id: 'db1', collector: 'postgresql', host: 'db1', files: [postgres.component.logFile] }],
      { signal: new AbortController().signal, progress: () => undefined },
    );
    const { use } = (await call('olga', 'GET', `/api/v1/access/${id}/use`)).body;
    const statements = use.events.map(
      (event: { vigia: { postgresql: { statement?: string } } }) => event.vigia.postgresql.statement,
    );
    expect(statements).toContain('INSERT INTO api_pensions VALUES (41), (42)');
    expect(use.events.map((event: { user: { name: string } }) => event.user.name)).toEqual(
      use.events.map(() => 'api-ana'),
    );
    expect(use.count).toBe(use.events.length);
    const outside = (await findAll(parts.store.documents, 'alert'))
      .filter(({ body }) => body.rule.title === 'Database powers used outside any grant')
      .map(({ body }) => body.detail);
    // Of the bed, which makes its roles without asking anybody. Vigia gave, took away and changed, too: it wrote that down.
    expect(outside).toContain('no grant covers postgres on db1 at that time');
    expect(outside).not.toContain('no grant covers svc-vigia-api on db1 at that time');

    waited += 2 * HOUR;
    await close();
    waited += HOUR;
    await open();
    await advanceDue(parts);
    await session.ended;
    const ended = await get(id);
    expect(ended).toMatchObject({
      state: 'ended',
      ended: { proof: { right: { outcome: 'proven' }, sessions: { outcome: 'proven' } } },
    });
    expect(ended.ended!.lateMs).toBeGreaterThanOrEqual(2 * HOUR);
    const left = await bed.pg.query(`SELECT pg_has_role('api-ana', 'api-admin', 'MEMBER') AS is`);
    expect(left.rows).toEqual([{ is: false }]);
    const trail = await findAll(parts.store.documents, 'audit', { sort: ['sequence'] });
    const told = trail
      .map(({ body: entry }) => entry.action)
      .filter((action) => action.startsWith('access.'));
    expect(told).toEqual([
      'access.request',
      'access.request',
      'access.approve',
      'access.approve',
      'access.approve',
      'access.given',
      'access.approve',
      'access.request',
      'access.given',
      'access.approve',
      'access.ended',
      'access.end',
      'access.use.read',
      'access.ended',
    ]);
    const text = JSON.stringify([trail, await findAll(parts.store.documents, 'journal')]);
    expect(text).not.toContain(bed.secret);
    expect(text).not.toContain(ana.password);

    const verdict = { verdict: 'in-order', text: 'two rows, as the change says' };
    expect((await call('api-ana', 'POST', `/api/v1/access/${id}/review`, verdict)).status).toBe(403);
    await call('olga', 'POST', `/api/v1/access/${id}/review`, verdict);
    expect((await get(id)).review).toMatchObject({ by: 'olga', verdict: 'in-order' });
    const journal = (await call('olga', 'GET', `/api/v1/access/${id}`)).body.journal;
    expect(journal.map(({ sequence }: { sequence: number }) => sequence)).toEqual(
      journal.map((_: unknown, index: number) => index + 1),
    );
  });

  it('is given back by its holder, and refused with a reason', async () => {
    await bed.person('api-bea');
    const wanted = { ...ask, account: 'api-bea' };
    const first = (await call('api-ana', 'POST', '/api/v1/access', wanted)).body.access as Access;
    await call('olga', 'POST', `/api/v1/access/${first.id}/approve`, { planHash: first.planHash });
    const back = await call('api-ana', 'POST', `/api/v1/access/${first.id}/end`, { reason: 'done' });
    expect(back.body.access).toMatchObject({ state: 'ended', takenBack: { by: 'api-ana', reason: 'done' } });
    const second = (await call('api-ana', 'POST', '/api/v1/access', wanted)).body.access as Access;
    await call('olga', 'POST', `/api/v1/access/${second.id}/refuse`, { reason: 'no window' });
    const third = (await call('api-ana', 'POST', '/api/v1/access', wanted)).body.access as Access;
    await call('rita', 'POST', `/api/v1/access/${third.id}/end`, { reason: 'not needed' });
    const { access } = (await call('rita', 'GET', '/api/v1/access?system=payments')).body;
    expect(access.slice(0, 3).map(({ state }: Access) => state)).toEqual(['withdrawn', 'refused', 'ended']);
  });

  it.each([
    [{ minutes: 481 }, 403, /allows at most 480 minutes/],
    [{ minutes: 0 }, 400, /minutes/],
    [{ system: 'nowhere' }, 400, /no target called "nowhere"/],
    [{ role: 'bad\u0007role' }, 400, /role/],
    [{ role: 'api-nothing' }, 404, /does not exist/],
    [{ notBefore: 'tomorrow at noon' }, 400, /is no time/],
  ])('is not asked for with %j', async (change, status, message) => {
    const answer = await call('rita', 'POST', '/api/v1/access', { ...ask, account: 'api-ana', ...change });
    expect([answer.status, answer.body.error.message]).toEqual([status, expect.stringMatching(message)]);
  });
});
