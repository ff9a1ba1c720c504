/** Lists of indicators over HTTP. Importing shows more; ending and removing shows less, and is for approvers. */
import type { FastifyInstance } from 'fastify';
import { INDICATOR_KINDS } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { spell } from '../../detections/index.ts';
import { TLPS } from '../../reports/index.ts';
import type { NewIndicator } from '../indicator-lists.ts';
import type { Parts } from '../parts.ts';

/** Of one call; the command sends longer lists in parts. */
const MOST_AT_ONCE = 5_000;

const text = { type: 'string', minLength: 1, maxLength: 2_048 } as const;
const time = { type: 'string', format: 'date-time' } as const;
const list = {
  type: 'object',
  required: ['list'],
  properties: {
    list: {
      type: 'string',
      pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
      description: 'Name of the list, as rules say it',
    },
  },
} as const;
const values = { type: 'array', minItems: 1, maxItems: MOST_AT_ONCE, items: text } as const;

export const indicatorRoutes = (parts: Parts) => async (app: FastifyInstance) => {
  const { indicators } = parts;

  app.get(
    '/api/v1/indicators',
    { schema: { summary: 'Lists of indicators, with how many count now' } },
    async () => ({ lists: await indicators.summaries() }),
  );

  app.get<{ Params: { list: string }; Querystring: { size?: number; after?: string } }>(
    '/api/v1/indicators/:list',
    {
      schema: {
        summary: 'The indicators of one list',
        params: list,
        querystring: {
          type: 'object',
          properties: { size: { type: 'integer', minimum: 1, maximum: 10_000 }, after: { type: 'string' } },
        },
      },
    },
    async ({ params, query }) => indicators.indicators(params.list, { size: 1_000, ...query }),
  );

  app.post<{ Params: { list: string }; Body: { indicators: NewIndicator[] } }>(
    '/api/v1/indicators/:list',
    {
      schema: {
        summary: 'Add indicators to a list; the list is made when it is new',
        params: list,
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['indicators'],
          properties: {
            indicators: {
              type: 'array',
              minItems: 1,
              maxItems: MOST_AT_ONCE,
              items: {
                type: 'object',
                additionalProperties: false,
                required: ['kind', 'value', 'source'],
                properties: {
                  kind: { enum: INDICATOR_KINDS },
                  value: text,
                  source: text,
                  expires: time,
                  tlp: { enum: TLPS },
                  note: text,
                },
              },
            },
          },
        },
      },
      config: { roles: ['analyst', 'responder', 'approver'], audit: 'indicators.import' },
    },
    async ({ params, body, identity }) => indicators.add(params.list, spelt(body.indicators), identity.user),
  );

  app.post<{ Params: { list: string }; Body: { values?: string[]; at?: string; reason: string } }>(
    '/api/v1/indicators/:list/expire',
    {
      schema: {
        summary: 'Indicators that do not count any more from a time on (now when left out)',
        params: list,
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['reason'],
          properties: { values, at: time, reason: text },
        },
      },
      config: { roles: ['approver'], audit: 'indicators.expire', audited: ['values', 'at', 'reason'] },
    },
    async ({ params, body, identity }) => {
      const at = new Date(body.at ?? parts.now()).toISOString();
      return { expired: await indicators.expire(params.list, at, identity.user, body.values), at };
    },
  );

  app.post<{ Params: { list: string }; Body: { values?: string[]; reason: string } }>(
    '/api/v1/indicators/:list/remove',
    {
      schema: {
        summary: 'Take indicators out of a list, or the whole list away',
        params: list,
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['reason'],
          properties: { values, reason: text },
        },
      },
      config: { roles: ['approver'], audit: 'indicators.remove', audited: ['values', 'reason'] },
    },
    async ({ params, body, identity }) => ({
      removed: await indicators.remove(params.list, identity.user, body.values),
    }),
  );
};

/** In the one spelling, whoever sends them; an indicator in another spelling would never be found. */
function spelt(given: readonly NewIndicator[]): NewIndicator[] {
  return given.map((one) => {
    const known = spell(one.value, one.kind);
    if (known) return { ...one, ...known };
    throw errors.usage(`${JSON.stringify(one.value)} is no ${one.kind}`);
  });
}
