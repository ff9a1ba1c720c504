/** Events and alerts over HTTP: the hunt, single events, alerts with their evidence. Reading events is audited. */
import type { FastifyInstance } from 'fastify';
import { parseQuery } from '../../core/conditions/query-line.ts';
import { and, equals } from '../../core/conditions/tree.ts';
import type { Alert } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { corrections } from '../../core/inventory-facts.ts';
import type { Parts } from '../parts.ts';

interface Search {
  query?: string;
  from?: string;
  to?: string;
  size?: number;
  after?: string;
  order?: 'oldest' | 'newest';
}

interface AlertQuery {
  incident?: string;
  level?: string;
  state?: Alert['state'];
  exception?: string;
  size?: number;
  after?: string;
}

export const eventRoutes = (parts: Parts) => async (app: FastifyInstance) => {
  const { store, inventory } = parts;

  app.post<{ Body: Search }>(
    '/api/v1/events/search',
    {
      schema: {
        summary: 'Hunt: events that a query line matches',
        body: {
          type: 'object',
          additionalProperties: false,
          properties: {
            query: {
              type: 'string',
              maxLength: 10_000,
              description: 'host.name:srv-app-07 and event.code:4662',
            },
            from: { type: 'string', format: 'date-time' },
            to: { type: 'string', format: 'date-time' },
            size: { type: 'integer', minimum: 1, maximum: 10_000 },
            after: { type: 'string' },
            order: { type: 'string', enum: ['oldest', 'newest'] },
          },
        },
      },
      config: {
        roles: ['viewer', 'analyst', 'responder', 'auditor'],
        audit: 'events.search',
        audited: ['query', 'from', 'to'],
      },
    },
    async ({ body }) => {
      const { query, size = 100, order = 'newest', ...rest } = body;
      const page = await store.events.read({
        ...rest,
        size,
        order,
        ...(query?.trim() ? { where: parseQuery(query) } : {}),
      });
      return { ...page, corrections: corrections(page.events, inventory()) };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/events/:id',
    {
      schema: { summary: 'One event' },
      config: { roles: ['viewer', 'analyst', 'responder', 'auditor'], audit: 'event.read' },
    },
    async ({ params }) => {
      const [event] = await store.events.get([params.id]);
      if (!event) throw errors.notFound('event', params.id);
      const correction = corrections([event], inventory())[event.event.id];
      return correction === undefined ? event : { ...event, correction };
    },
  );

  app.get<{ Querystring: AlertQuery }>(
    '/api/v1/alerts',
    {
      schema: {
        summary: 'Alerts, newest first',
        querystring: {
          type: 'object',
          properties: {
            incident: { type: 'string' },
            level: { type: 'string' },
            state: { type: 'string', enum: ['open', 'withdrawn', 'suppressed'] },
            exception: { type: 'string', description: 'What this exception covers' },
            size: { type: 'integer', minimum: 1, maximum: 1_000 },
            after: { type: 'string' },
          },
        },
      },
    },
    async ({ query }) => {
      const where = [
        ...(query.incident ? [equals('incident', query.incident)] : []),
        ...(query.level ? [equals('rule.level', query.level)] : []),
        ...(query.state ? [equals('state', query.state)] : []),
        ...(query.exception ? [equals('exception', query.exception)] : []),
      ];
      const page = await store.documents.find('alert', {
        ...(where.length > 0 ? { where: and(...where) } : {}),
        sort: ['-from'],
        size: query.size ?? 100,
        ...(query.after ? { after: query.after } : {}),
      });
      return { alerts: page.found.map(({ body }) => body), ...(page.next ? { next: page.next } : {}) };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/alerts/:id',
    { schema: { summary: 'One alert with the events behind it' }, config: { audit: 'alert.read' } },
    async ({ params }) => {
      const alert = await store.documents.get('alert', params.id);
      if (!alert) throw errors.notFound('alert', params.id);
      const events = await store.events.get(alert.body.events);
      return { alert: alert.body, events: events.filter((event) => event !== undefined) };
    },
  );
};
