/** Reports over HTTP: written on the server's side, returned as the paths and the content. */
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../parts.ts';

export const reportRoutes = (parts: Parts) => async (app: FastifyInstance) => {
  app.get('/api/v1/reports', { schema: { summary: 'Documents that can be exported' } }, async () => ({
    reports: parts.reports.list(),
  }));

  app.get<{
    Params: { type: string; incident: string };
    Querystring: { format?: 'pdf' | 'json'; tlp?: string };
  }>(
    '/api/v1/reports/:type/:incident',
    {
      schema: {
        summary: 'One document about one incident',
        querystring: {
          type: 'object',
          properties: { format: { enum: ['pdf', 'json'] }, tlp: { type: 'string' } },
        },
      },
      config: { roles: ['analyst', 'responder', 'auditor'], audit: 'report.export' },
    },
    async ({ params, query }, reply) => {
      const { format = 'pdf', tlp } = query;
      const file = await parts.reports.render(params.type, params.incident, {
        format,
        ...(tlp ? { tlp } : {}),
      });
      return reply
        .type(format === 'pdf' ? 'application/pdf' : 'application/json')
        .header('content-disposition', `attachment; filename="${file.name}"`)
        .send(file.content);
    },
  );
};
