/** The kill switch over HTTP: whoever sees it first stops all playbooks, an approver lets them go on. */
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../parts.ts';

const turning = {
  type: 'object',
  additionalProperties: false,
  required: ['reason'],
  properties: { reason: { type: 'string', minLength: 1, maxLength: 2_000 } },
};

export const killSwitchRoutes = (parts: Parts) => async (app: FastifyInstance) => {
  const { playbooks } = parts;
  app.get(
    '/api/v1/playbooks/switch',
    { schema: { summary: 'The kill switch: who stopped all playbooks, if somebody did' } },
    async () => ({ stopped: (await playbooks.stopped()) ?? null }),
  );

  app.post<{ Body: { reason: string } }>(
    '/api/v1/playbooks/stop-all',
    {
      schema: { summary: 'Stop all playbooks: nothing more is sent to any target', body: turning },
      config: {
        roles: ['analyst', 'responder', 'approver'],
        audit: 'playbooks.stop-all',
        audited: ['reason'],
      },
    },
    async ({ body, identity }) => ({
      stopped: await playbooks.stopAll({ by: identity.user, reason: body.reason }),
    }),
  );
  app.post<{ Body: { reason: string } }>(
    '/api/v1/playbooks/release',
    {
      schema: { summary: 'Let all playbooks go on where they were', body: turning },
      config: { roles: ['approver'], audit: 'playbooks.release', audited: ['reason'] },
    },
    async ({ body, identity }) => {
      await playbooks.release({ by: identity.user, reason: body.reason });
      return { stopped: null };
    },
  );
};
