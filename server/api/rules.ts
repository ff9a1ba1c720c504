/** Rules over HTTP: can each of them fire, and what did each of them do. */
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../parts.ts';
import { coverRules } from '../rule-coverage.ts';
import { scorecard } from '../scorecard.ts';

const DAY_MS = 86_400_000;
/** Looked at when nobody says otherwise. */
const DAYS = 30;
const time = { type: 'string', format: 'date-time' } as const;

export const ruleRoutes = (parts: Parts) => async (app: FastifyInstance) => {
  app.get<{ Querystring: { days?: number } }>(
    '/api/v1/rules',
    {
      schema: {
        summary:
          'Every loaded rule: can it fire, from the sources configured and what came in the last days (30)',
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: { days: { type: 'integer', minimum: 1, maximum: 3_650 } },
        },
      },
    },
    async ({ query }) => ({
      ...(await coverRules(parts, query.days ?? DAYS)),
      refused: parts.detection.refused,
    }),
  );

  app.get<{ Querystring: { from?: string; to?: string } }>(
    '/api/v1/rules/scorecard',
    {
      schema: {
        summary:
          'Matches, alerts, incidents and verdicts of each rule; the last 30 days when no time is given',
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: { from: time, to: time },
        },
      },
      config: { roles: ['analyst', 'responder', 'approver', 'auditor'] },
    },
    async ({ query }) => {
      const to = query.to ?? new Date(parts.now()).toISOString();
      const from = query.from ?? new Date(Date.parse(to) - DAYS * DAY_MS).toISOString();
      return scorecard(parts, { from, to });
    },
  );
};
