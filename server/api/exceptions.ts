/** Exceptions over HTTP: what is agreed, what it has hidden, and the two people that an agreement takes. */
import type { FastifyInstance } from 'fastify';
import { equals } from '../../core/conditions/tree.ts';
import type { Entity, Exception } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import type { Parts } from '../parts.ts';

const text = { type: 'string', minLength: 1, maxLength: 2_000 } as const;
const time = { type: 'string', minLength: 10, maxLength: 40 } as const;
const id = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', description: 'EXC-2026-000001' } },
} as const;
const PROPOSERS = ['analyst', 'responder', 'approver'] as const;
const ENTITY_TYPES: readonly Entity['type'][] = [
  'user',
  'host',
  'address',
  'group',
  'database',
  'process',
  'file',
];
/** How many of the alerts that it covers are shown with an exception; the count is exact. */
const SHOWN = 20;

interface Proposed {
  rules?: string[];
  where?: string;
  entities?: Entity[];
  why: string;
  from?: string;
  until: string;
  ticket?: string;
}

export const exceptionRoutes = (parts: Parts) => async (app: FastifyInstance) => {
  const { exceptions, store } = parts;
  const withStanding = (exception: Exception) => ({ ...exception, ...exceptions.standing(exception) });

  app.get(
    '/api/v1/exceptions',
    { schema: { summary: 'Exceptions, the newest first, with how many alerts each has suppressed' } },
    async () => {
      const suppressed = await exceptions.suppressed();
      return {
        exceptions: (await exceptions.list()).map((one) => ({
          ...withStanding(one),
          suppressed: suppressed.get(one.id) ?? 0,
        })),
      };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/exceptions/:id',
    {
      schema: { summary: 'One exception with the alerts that it covers', params: id },
      config: { audit: 'exception.read' },
    },
    async ({ params }) => {
      const exception = await exceptions.get(params.id);
      const { alerts, byRule } = await exceptions.suppressedBy(exception.id);
      const { found } = await store.documents.find('alert', {
        where: equals('exception', exception.id),
        sort: ['-from'],
        size: SHOWN,
      });
      return {
        exception: withStanding(exception),
        suppressed: alerts,
        byRule: byRule.map(({ rule, alerts: count }) => ({
          rule,
          title: parts.detection.rule(rule)?.title ?? rule,
          alerts: count,
        })),
        alerts: found.map(({ body }) => body),
      };
    },
  );

  app.post<{ Body: Proposed }>(
    '/api/v1/exceptions',
    {
      schema: {
        summary: 'Propose an exception; it takes effect when a second person approves',
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['why', 'until'],
          properties: {
            rules: {
              type: 'array',
              maxItems: 100,
              items: text,
              description: 'Ids or titles of loaded rules; every rule when left out',
            },
            where: {
              type: 'string',
              maxLength: 10_000,
              description: 'user.name:svc-scan and host.name:srv-*',
            },
            entities: {
              type: 'array',
              maxItems: 20,
              items: {
                type: 'object',
                additionalProperties: false,
                required: ['type', 'name'],
                properties: { type: { enum: ENTITY_TYPES }, name: text },
              },
            },
            why: text,
            from: time,
            until: time,
            ticket: text,
          },
        },
      },
      config: {
        roles: PROPOSERS,
        audit: 'exception.propose',
        audited: ['rules', 'where', 'why', 'from', 'until', 'ticket'],
      },
    },
    async ({ body, identity }, reply) => {
      const { rules = [], where, entities = [], ...rest } = body;
      const scope = { rules: rules.map(ruleOf), entities, ...(where === undefined ? {} : { where }) };
      return reply.code(201).send(withStanding(await exceptions.propose({ ...rest, scope }, identity.user)));
    },
  );

  app.post<{ Params: { id: string } }>(
    '/api/v1/exceptions/:id/approve',
    {
      schema: { summary: 'Approve an exception that somebody else proposed', params: id },
      config: { roles: ['approver'], audit: 'exception.approve' },
    },
    async ({ params, identity }) => withStanding(await exceptions.approve(params.id, identity.user)),
  );

  for (const [kind, roles, summary] of [
    ['refuse', ['approver'], 'Refuse a proposed exception, with the reason'],
    ['end', PROPOSERS, 'End an exception before its time, with the reason'],
  ] as const)
    app.post<{ Params: { id: string }; Body: { reason: string } }>(
      `/api/v1/exceptions/:id/${kind}`,
      {
        schema: {
          summary,
          params: id,
          body: {
            type: 'object',
            additionalProperties: false,
            required: ['reason'],
            properties: { reason: text },
          },
        },
        config: { roles, audit: `exception.${kind}`, audited: ['reason'] },
      },
      async ({ params, identity, body }) =>
        withStanding(await exceptions[kind](params.id, identity.user, body.reason)),
    );

  function ruleOf(named: string): { id: string; title: string } {
    const rule = parts.detection.rule(named);
    if (rule) return { id: rule.id, title: rule.title };
    throw errors.usage(
      `no loaded rule has the id or title ${JSON.stringify(named)}`,
      'see "vigia rules list"; an exception of a misspelt rule would hide nothing',
    );
  }
};
