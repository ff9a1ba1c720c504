/** Patching over HTTP: what hosts are behind by, waves as runs, tasks with their priority, the report of a run. */
import type { FastifyInstance } from 'fastify';
import { equals } from '../../core/conditions/tree.ts';
import { errors } from '../../core/errors.ts';
import { isApproved, readUpdateReport, waveReport, waveReportText } from '../../playbooks/index.ts';
import type { Parts } from '../parts.ts';

const text = { type: 'string', minLength: 1, maxLength: 256 } as const;
const params = { type: 'object', required: ['id'], properties: { id: text } } as const;
const file = {
  type: 'object',
  additionalProperties: false,
  required: ['name', 'content'],
  properties: { name: text, content: { type: 'string', maxLength: 16_777_216 } },
} as const;
const READERS = ['viewer', 'analyst', 'responder', 'approver', 'auditor'] as const;
const ASKERS = ['analyst', 'responder', 'approver'] as const;
const FLOW = 'patch-wave';

export const patchRoutes = (parts: Parts) => async (app: FastifyInstance) => {
  const { patching, playbooks, store } = parts;

  app.get(
    '/api/v1/patches/hosts',
    { schema: { summary: 'What each host is behind by, as last looked at' }, config: { roles: READERS } },
    async () => ({ hosts: await patching.hosts() }),
  );

  app.post<{ Body: { hosts?: string[] } }>(
    '/api/v1/patches/scan',
    {
      schema: {
        summary: 'Look at hosts now, over SSH; changes nothing there',
        body: {
          type: 'object',
          additionalProperties: false,
          properties: { hosts: { type: 'array', maxItems: 1_000, items: text } },
        },
      },
      config: { roles: ASKERS, audit: 'patch.scan', audited: ['hosts'] },
    },
    async ({ body }) => {
      const hosts = await patching.scan(body.hosts);
      await parts.patchTasks.settle();
      return { hosts };
    },
  );

  app.post<{ Body: { name: string; content: string } }>(
    '/api/v1/patches/reports',
    {
      schema: { summary: 'Import the update report of a Windows host', body: file },
      config: { roles: ASKERS, audit: 'patch.import', audited: ['name'] },
      bodyLimit: 20_000_000,
    },
    async ({ body }) => {
      const host = readUpdateReport(body.content, body.name);
      await patching.keep(host);
      await parts.patchTasks.settle();
      return { host };
    },
  );

  app.get(
    '/api/v1/patches/waves',
    { schema: { summary: 'The waves of the policy' }, config: { roles: READERS } },
    async () => ({ waves: patching.waves() }),
  );

  app.post<{ Params: { id: string } }>(
    '/api/v1/patches/waves/:id/plan',
    {
      schema: { summary: 'What a wave would do now; changes nothing', params },
      config: { roles: ASKERS, audit: 'patch.plan' },
    },
    async ({ params: { id } }) => {
      const { input, left } = await patching.wave(id);
      return { ...(await playbooks.plan(FLOW, input)), leftOut: left };
    },
  );

  app.post<{ Params: { id: string } }>(
    '/api/v1/patches/waves/:id/start',
    {
      schema: { summary: 'Ask for a run of a wave; it waits for approval and for its window', params },
      config: { roles: ASKERS, audit: 'patch.request' },
    },
    async ({ params: { id }, identity }, reply) => {
      const { input, left } = await patching.wave(id);
      const run = await playbooks.start(FLOW, input, identity.user);
      if (isApproved(run)) parts.execute(run.id);
      return reply.code(201).send({ run, leftOut: left });
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/patches/runs/:id',
    {
      schema: { summary: 'The report of a run of patching, host by host, with evidence', params },
      config: { roles: READERS },
    },
    async ({ params: { id } }) => {
      const { found } = await store.documents.find('run', { where: equals('number', id), size: 1 });
      const run = found[0]?.body ?? (await store.documents.get('run', id))?.body;
      if (run === undefined) throw errors.notFound('run', id);
      const report = waveReport(run, await playbooks.journal(run.id));
      return { report, text: waveReportText(report) };
    },
  );

  app.get<{ Querystring: { state?: 'open' | 'exempt' | 'done' } }>(
    '/api/v1/patches/tasks',
    {
      schema: {
        summary: 'Patch tasks, the most urgent first',
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: { state: { type: 'string', enum: ['open', 'exempt', 'done'] } },
        },
      },
      config: { roles: READERS },
    },
    async ({ query: { state } }) => ({ tasks: await parts.patchTasks.list(state) }),
  );

  app.post<{ Body: { name: string; content: string } }>(
    '/api/v1/patches/advisories',
    {
      schema: {
        summary: 'Import advisories (OSV) or a list of exploited vulnerabilities (KEV), as JSON',
        body: file,
      },
      config: { roles: ASKERS, audit: 'patch.advisories', audited: ['name'] },
      bodyLimit: 20_000_000,
    },
    async ({ body }) => {
      const counted = await parts.patchTasks.learn(body.content, body.name);
      await parts.patchTasks.settle();
      return counted;
    },
  );
};
