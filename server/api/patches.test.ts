/** Patching through the API: a host is looked at, tasks follow what is known, a wave becomes a run, the run has a report. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Alert, PatchHost, PatchTask, Role, Run } from '../../core/documents.ts';
import { need } from '../../tests/testbed/need.ts';
import { compose } from '../compose.ts';
import type { Parts } from '../parts.ts';
import { readSettings, shipped } from '../settings.ts';
import { buildApi } from './app.ts';

const host = await need('host');

const NOW = Date.parse('2026-11-24T09:00:00Z');
/** `web2` does not answer: nobody listens on the port of Vigia's own machine. */
const wave = (unreachable: string, hosts = '[web1, web2]') =>
  `waves:\n  - { id: web, title: Web, canary: web1, hosts: ${hosts}, window: servers, notice_hours: 48, tell: the service desk, unreachable: ${unreachable} }\n`;

host.describe('patching over HTTP', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-patches-'));
  const policiesFolder = join(folder, 'policies');
  let parts: Parts;
  let app: FastifyInstance;
  let tokens: Record<string, string>;

  beforeAll(async () => {
    cpSync(shipped('policies'), policiesFolder, { recursive: true });
    await host.component.run(['apt-get', '-q', 'update']);
    const own = { ...host.component.settings, timeoutMs: 60_000 };
    const settings = {
      ...readSettings(undefined, { VIGIA_STATE: join(folder, 'state') }),
      targets: { web1: own, web2: { ...own, host: '127.0.0.1', port: 1 } },
    };
    parts = await compose(settings, {
      now: () => NOW,
      log: pino({ level: 'silent' }),
      playbooks: { policiesFolder },
    });
    app = await buildApi(parts);
    tokens = {};
    for (const role of ['viewer', 'analyst', 'approver'] as const satisfies Role[])
      tokens[role] = (await parts.tokens.create(role, [role], 1)).token;
  }, 60_000);
  afterAll(async () => {
    await app?.close();
    await parts?.close();
    rmSync(folder, { recursive: true });
  });

  const call = async <T>(who: string, method: 'GET' | 'POST', path: string, payload?: object) => {
    const answer = await app.inject({
      method,
      url: `/api/v1/patches/${path}`,
      headers: { authorization: `Bearer ${tokens[who]}` },
      ...(payload ? { payload } : {}),
    });
    return {
      status: answer.statusCode,
      body: JSON.parse(answer.payload) as T & { error: { message: string; hint?: string } },
    };
  };
  const policy = (from: RegExp, to: string) => {
    const file = join(policiesFolder, 'patching.yml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  };
  const tasks = async () => (await call<{ tasks: PatchTask[] }>('viewer', 'GET', 'tasks')).body.tasks;
  const taskOf = async (id: string) => (await tasks()).find((task) => task.id === id);

  it('looks at hosts, keeps what it found, and says which one does not answer', async () => {
    const { body } = await call<{ hosts: PatchHost[] }>('analyst', 'POST', 'scan', {});
    const [web1, web2] = body.hosts;
    expect(web1?.seen?.updates.map(({ name, source }) => [name, source])).toEqual([
      ['libssl3', 'openssl'],
      ['nginx-common', 'nginx'],
      ['nginx', 'nginx'],
      ['openssl', 'openssl'],
    ]);
    expect(web1?.seen?.installed.length).toBeGreaterThan(50);
    expect(web2).toEqual({
      host: 'web2',
      failure: { at: expect.any(String), message: expect.stringMatching(/^web2 \(127/) },
    });
    expect((await call<{ hosts: PatchHost[] }>('viewer', 'GET', 'hosts')).body.hosts).toEqual(body.hosts);
    expect((await call('viewer', 'POST', 'scan', {})).status).toBe(403);
    expect((await call('analyst', 'POST', 'scan', { hosts: ['web9'] })).body.error.message).toMatch(
      /no ssh target called "web9"/,
    );
  });

  it('makes a task an emergency when an incident is about what it mends, and the incident severe', async () => {
    expect((await taskOf('web1/libssl3'))?.priority).toBe('routine');
    const to = (await taskOf('web1/libssl3'))!.to;
    const osv = {
      id: 'DEBIAN-CVE-2026-1111',
      affected: [
        {
          package: { ecosystem: 'Debian:12', name: 'openssl' },
          ranges: [{ events: [{ introduced: '0' }, { fixed: to }] }],
        },
      ],
    };
    const learnt = await call('analyst', 'POST', 'advisories', {
      name: 'osv.json',
      content: JSON.stringify([osv, { id: 'X', affected: [] }]),
    });
    expect(learnt.body).toEqual({ read: 1, skipped: 1 });
    expect(await taskOf('web1/libssl3')).toMatchObject({ priority: 'high', why: ['mends CVE-2026-1111'] });
    expect((await taskOf('web1/nginx'))?.priority).toBe('routine');

    const alert: Alert = {
      id: 'a1',
      kind: 'event',
      rule: { id: 'r', title: 'A web shell', level: 'low', hash: 'h', tags: ['cve.2026-1111'] },
      from: '2026-11-24T08:00:00.000Z',
      to: '2026-11-24T08:00:00.000Z',
      created: '2026-11-24T08:00:00.000Z',
      events: [],
      eventCount: 0,
      datasets: [],
      entities: [{ type: 'host', name: 'web7' }],
      state: 'open',
      history: [],
    };
    await parts.store.documents.create('alert', alert.id, alert);
    const { created } = await parts.incidents.raise([alert]);
    await parts.patchTasks.settle();
    const incident = async () => (await parts.store.documents.get('incident', created[0]!))!.body;
    expect((await taskOf('web1/openssl'))?.priority).toBe('emergency');
    expect((await tasks())[0]?.why[0]).toBe(`${(await incident()).number} is about CVE-2026-1111`);
    expect((await incident()).severity).toBe('high');

    const kev = {
      vulnerabilities: [{ cveID: 'CVE-2026-1111', dateAdded: '2026-11-23', vulnerabilityName: 'x' }],
    };
    await call('analyst', 'POST', 'advisories', { name: 'kev.json', content: JSON.stringify(kev) });
    expect((await incident()).severity).toBe('critical');
    const notes = (await incident()).notes.map(({ text }) => text);
    expect(notes).toEqual(['not mended yet: CVE-2026-1111 on web1 (libssl3), web1 (openssl)']);
    await parts.patchTasks.settle();
    expect((await incident()).notes).toHaveLength(1);
    expect((await taskOf('web1/openssl'))?.history.map(({ from, to: now }) => [from, now])).toEqual([
      ['routine', 'high'],
      ['high', 'emergency'],
    ]);
  });

  it('plans no wave with a host that does not answer, unless the policy leaves it out', async () => {
    policy(/^waves: \[\]$/m, wave('stop'));
    const stopped = await call('analyst', 'POST', 'waves/web/plan', {});
    expect([stopped.status, stopped.body.error.message]).toEqual([
      503,
      expect.stringMatching(/^wave web: looking at its hosts failed: web2/),
    ]);
    policy(/unreachable: stop \}/, 'unreachable: leave-out }');
    const planned = await call<{ steps: Run['steps']; leftOut: { host: string }[] }>(
      'analyst',
      'POST',
      'waves/web/plan',
      {},
    );
    expect(planned.body.leftOut.map(({ host: name }) => name)).toEqual(['web2']);
    expect(planned.body.steps.map(({ name }) => name)).toEqual([
      'Tell who must know',
      'Take out of its cluster: web1',
      'Install updates: web1',
      'Restart what is stale: web1',
      'Bring back into its cluster: web1',
      'Check that it works: web1',
    ]);
  });

  it('starts a wave that gives its notice, and reports on it', async () => {
    const { body } = await call<{ run: Run }>('analyst', 'POST', 'waves/web/start', {});
    const { run } = body;
    // Tuesday morning and 48 hours: not this evening, but Thursday.
    expect(run).toMatchObject({
      state: 'waiting',
      input: { hosts: ['web1'], notBefore: '2026-11-26T09:00:00.000Z' },
    });
    expect(run.input['packages']).toHaveLength(4);
    expect(run.expires).toBe('2026-11-27T06:00:00.000Z');
    const { report, text } = (
      await call<{ report: object; text: string }>('viewer', 'GET', `runs/${run.number}`)
    ).body;
    expect(report).toMatchObject({ hosts: [{ host: 'web1', result: 'untouched' }] });
    expect(text).toMatch(
      /^# RUN-2026-000001: [\s\S]*## web1: untouched[\s\S]*not begun +Install updates: web1/,
    );
  });

  it('takes in the report of a Windows host, and says what is wrong with one', async () => {
    const report = {
      host: 'app1',
      at: '2026-11-24T01:00:00Z',
      installed: [{ id: 'KB1', on: '2026-11-01' }],
      missing: { id: 'KB2', title: 'Security Update', severity: 'Critical' },
      reboot: true,
    };
    const taken = await call<{ host: PatchHost }>('analyst', 'POST', 'reports', {
      name: 'app1.json',
      content: `\uFEFF${JSON.stringify(report)}`,
    });
    expect(taken.body.host.seen).toMatchObject({ manager: 'windows', reboot: ['the report says so'] });
    expect(await taskOf('app1/KB2')).toMatchObject({ priority: 'high', to: 'Security Update' });
    const bad = await call('analyst', 'POST', 'reports', {
      name: 'x.json',
      content: '{"host": "a b", "missing": [{}]}',
    });
    expect(bad.body.error.message).toMatch(
      /no host name[\s\S]*"at" is no time[\s\S]*"missing" number 1 has no "id"/,
    );
  });
});
