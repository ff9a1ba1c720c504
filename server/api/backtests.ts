/** Back-tests over HTTP: started, asked about, cancelled. They read events, so they are audited. */
import type { FastifyInstance } from 'fastify';
import type { BacktestRequest } from '../backtests.ts';
import type { Parts } from '../parts.ts';

/** All public rules as YAML are some 8 MB. */
const RULES_BYTES = 32 * 1_024 * 1_024;
const MOST_RULES = 20_000;

export const backtestRoutes = (parts: Parts) => async (app: FastifyInstance) => {
  const { backtests } = parts;
  const roles = ['analyst'] as const;
  const time = { type: 'string', format: 'date-time' };

  app.post<{ Body: BacktestRequest }>(
    '/api/v1/backtests',
    {
      bodyLimit: RULES_BYTES,
      schema: {
        summary: 'Start a back-test: how often would rules have matched stored events? Writes nothing',
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['from', 'to'],
          properties: {
            texts: {
              type: 'array',
              maxItems: MOST_RULES,
              description: 'Rules as YAML, that need not be loaded here',
              items: {
                type: 'object',
                additionalProperties: false,
                required: ['name', 'text'],
                properties: {
                  name: { type: 'string', maxLength: 1_000 },
                  text: { type: 'string', maxLength: 1_048_576 },
                },
              },
            },
            named: {
              type: 'array',
              maxItems: MOST_RULES,
              items: { type: 'string', maxLength: 300 },
              description: 'Ids or titles of loaded rules',
            },
            all: { type: 'boolean', description: 'Every loaded rule' },
            from: time,
            to: time,
          },
        },
      },
      config: { roles, audit: 'rules.backtest', audited: ['named', 'all', 'from', 'to'] },
    },
    async ({ body }, reply) => reply.code(202).send(await backtests.start(body)),
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/backtests/:id',
    { schema: { summary: 'Counts of a back-test, also while it runs' }, config: { roles } },
    async ({ params }) => backtests.get(params.id),
  );

  app.delete<{ Params: { id: string } }>(
    '/api/v1/backtests/:id',
    {
      schema: { summary: 'Cancel a back-test; its counts so far stay to be read' },
      config: { roles, audit: 'rules.backtest.cancel' },
    },
    async ({ params }) => backtests.cancel(params.id),
  );
};
