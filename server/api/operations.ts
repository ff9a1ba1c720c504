/** What operators look at: who am I, health, readiness, metrics, ledger, dead letters, tokens, audit trail, the API's own description. */
import type { FastifyInstance } from 'fastify';
import { type Condition, equals } from '../../core/conditions/tree.ts';
import type { Role } from '../../core/documents.ts';
import { deadLetterCounts } from '../dead-letter-counts.ts';
import { refreshGauges } from '../gauges.ts';
import type { Parts } from '../parts.ts';
import { retryAll } from '../retry-dead-letters.ts';
import { ROLES } from '../tokens.ts';

export const operationRoutes = (parts: Parts) => async (app: FastifyInstance) => {
  const { store, metrics, tokens } = parts;

  app.get(
    '/health',
    { schema: { summary: 'Is the process alive?' }, config: { roles: 'public' } },
    async () => ({ status: 'ok', version: parts.version }),
  );

  app.get(
    '/ready',
    { schema: { summary: 'Can it do its work? 503 when the store is down' }, config: { roles: 'public' } },
    async (_request, reply) => {
      const health = await store.health();
      return reply
        .code(health.state === 'down' ? 503 : 200)
        .send({ store: { kind: store.capabilities.name, ...health } });
    },
  );

  app.get(
    '/metrics',
    { schema: { summary: 'Prometheus metrics' }, config: { roles: 'public' } },
    async (_request, reply) => {
      await refreshGauges(parts);
      return reply.type(metrics.contentType).send(await metrics.exposition());
    },
  );

  app.get('/openapi.json', { schema: { hide: true }, config: { roles: 'public' } }, async () =>
    app.swagger(),
  );

  app.get(
    '/api/v1/me',
    { schema: { summary: 'Who the token says you are' } },
    async ({ identity }) => identity,
  );

  app.get(
    '/api/v1/health',
    { schema: { summary: 'Store, sources, ledger of the last day, rules' } },
    async () => parts.report(),
  );

  app.get<{ Querystring: { from?: string; to?: string } }>(
    '/api/v1/ledger',
    {
      schema: {
        summary: 'Per source and hour: read = stored + duplicate + dead-lettered; stored = evaluated',
        querystring: { type: 'object', properties: { from: { type: 'string' }, to: { type: 'string' } } },
      },
    },
    async ({ query }) => ({ ledger: await store.batches.ledger(query) }),
  );

  app.get<{ Querystring: { source?: string; size?: number; after?: string } }>(
    '/api/v1/dead-letters',
    {
      schema: {
        summary: 'Records that could not become events, with the reason',
        querystring: {
          type: 'object',
          properties: {
            source: { type: 'string' },
            size: { type: 'integer', minimum: 1, maximum: 1_000 },
            after: { type: 'string' },
          },
        },
      },
      config: { roles: ['analyst', 'responder', 'auditor'], audit: 'dead-letters.read' },
    },
    async ({ query }) => {
      const where: { where?: Condition } = query.source ? { where: equals('source', query.source) } : {};
      const page = await store.documents.find('dead-letter', {
        ...where,
        sort: ['-at'],
        size: query.size ?? 100,
        ...(query.after ? { after: query.after } : {}),
      });
      const counts = await deadLetterCounts(parts, where.where);
      return {
        deadLetters: page.found.map(({ body }) => body),
        counts,
        total: counts.reduce((sum, { count }) => sum + count, 0),
        ...(page.next ? { next: page.next } : {}),
      };
    },
  );

  app.post<{ Body: { source?: string } }>(
    '/api/v1/dead-letters/retry',
    {
      schema: {
        summary: 'Deliver waiting dead letters anew, as the settings now say how to read them',
        body: {
          type: 'object',
          additionalProperties: false,
          properties: { source: { type: 'string' } },
        },
      },
      config: { roles: ['responder', 'admin'], audit: 'dead-letters.retry', audited: ['source'] },
    },
    async ({ body }) => retryAll(parts, body.source),
  );

  app.get(
    '/api/v1/tokens',
    { schema: { summary: 'Tokens, without their secrets' }, config: { roles: ['admin', 'auditor'] } },
    async () => ({
      tokens: await tokens.list(),
    }),
  );

  app.post<{ Body: { user: string; roles: Role[]; days?: number } }>(
    '/api/v1/tokens',
    {
      schema: {
        summary: 'Make a token; it is shown once',
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['user', 'roles'],
          properties: {
            user: { type: 'string', pattern: '^[A-Za-z0-9._@-]{1,64}$' },
            roles: { type: 'array', minItems: 1, items: { enum: ROLES } },
            days: { type: 'integer', minimum: 1, maximum: 365 },
          },
        },
      },
      config: { roles: ['admin'], audit: 'token.create', audited: ['user', 'roles', 'days'] },
    },
    async ({ body }, reply) =>
      reply.code(201).send(await tokens.create(body.user, body.roles, body.days ?? 30)),
  );

  app.delete<{ Params: { id: string } }>(
    '/api/v1/tokens/:id',
    { schema: { summary: 'Revoke a token' }, config: { roles: ['admin'], audit: 'token.revoke' } },
    async ({ params }, reply) => {
      await tokens.revoke(params.id);
      return reply.code(204).send();
    },
  );

  app.get(
    '/api/v1/audit/verify',
    { schema: { summary: 'Is the audit trail whole?' }, config: { roles: ['auditor', 'admin'] } },
    async ({ identity }) => {
      const report = await parts.verifyAudit();
      const writers = report.problems.map(({ writer }) => writer);
      if (writers.length > 0)
        await parts.audit.record({
          who: identity.user,
          action: 'audit.damage-found',
          target: writers.join(', '),
          details: { problems: writers.length },
        });
      return report;
    },
  );
};
