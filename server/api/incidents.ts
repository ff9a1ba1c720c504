/** Incidents over HTTP: the queue, one incident with its timeline, and every change an analyst makes. */
import type { FastifyInstance } from 'fastify';
import { LEVELS, type Level } from '../../core/documents.ts';
import { type ChangeKind, type IncidentChange, VERDICTS } from '../../incidents/index.ts';
import { journalOf } from '../journal-of.ts';
import type { Parts } from '../parts.ts';
import { suppressedBeside } from '../suppressed-beside.ts';

const ANALYSTS = ['analyst', 'responder'] as const;
const STATES = ['open', 'new', 'acknowledged', 'contained', 'waiting', 'closed', 'all'] as const;

const id = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', description: 'Number (INC-2026-000001) or id' } },
} as const;
const text = { type: 'string', minLength: 1, maxLength: 10_000 } as const;
const version = {
  type: 'string',
  description: 'Version the change is based on; refused when somebody else was faster',
} as const;
const time = { type: 'string', format: 'date-time' } as const;

/** What each change takes besides the version; the incident feature decides when it is allowed. */
const CHANGES: { [K in ChangeKind]: { properties: Record<string, unknown>; required: string[] } } = {
  acknowledge: { properties: {}, required: [] },
  assign: { properties: { to: { type: ['string', 'null'], maxLength: 200 } }, required: ['to'] },
  note: { properties: { text }, required: ['text'] },
  severity: { properties: { severity: { enum: LEVELS }, reason: text }, required: ['severity', 'reason'] },
  wait: { properties: { until: time, reason: text }, required: ['until'] },
  wake: { properties: {}, required: [] },
  contain: { properties: { reason: text }, required: [] },
  close: { properties: { verdict: { enum: VERDICTS }, reason: text }, required: ['verdict', 'reason'] },
  reopen: { properties: { reason: text }, required: ['reason'] },
  'impact-ended': { properties: { at: time, reason: text }, required: ['at'] },
  'breach-known': { properties: { at: time, reason: text }, required: ['at'] },
  notified: { properties: { step: text, at: time, reason: text }, required: ['step', 'at'] },
  significance: {
    properties: { decided: { type: 'boolean' }, reason: text },
    required: ['decided', 'reason'],
  },
};

interface ListQuery {
  state?: (typeof STATES)[number];
  severity?: Level;
  owner?: string;
  sort?: 'priority' | 'newest';
  size?: number;
  after?: string;
}

export const incidentRoutes = (parts: Parts) => async (app: FastifyInstance) => {
  const { incidents } = parts;

  app.get<{ Querystring: ListQuery }>(
    '/api/v1/incidents',
    {
      schema: {
        summary: 'Incidents, worst first',
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: {
            state: { type: 'string', enum: STATES },
            severity: { type: 'string', enum: LEVELS, description: 'This level and above' },
            owner: { type: 'string' },
            sort: { type: 'string', enum: ['priority', 'newest'] },
            size: { type: 'integer', minimum: 1, maximum: 1_000 },
            after: { type: 'string' },
          },
        },
      },
    },
    async ({ query: { state = 'all', ...query } }) => {
      const page = await incidents.list({ ...query, ...(state === 'all' ? {} : { state }) });
      return {
        incidents: page.incidents.map(({ body, version }) => ({ ...body, version })),
        ...(page.next === undefined ? {} : { next: page.next }),
      };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/incidents/:id',
    {
      schema: { summary: 'One incident with alerts, timeline, clocks and runs', params: id },
      config: { audit: 'incident.read' },
    },
    async ({ params }) => {
      const { incident } = await incidents.show(params.id, { maxEvents: 1 });
      const { runs, journal } = await journalOf(parts, incident.id);
      return {
        ...(await incidents.show(params.id, { journal })),
        runs,
        clocks: incidents.clocks(incident),
        suppressed: await suppressedBeside(parts, incident),
      };
    },
  );

  for (const kind of Object.keys(CHANGES) as ChangeKind[]) {
    const { properties, required } = CHANGES[kind];
    app.post<{ Params: { id: string }; Body: Record<string, unknown> & { version?: string } }>(
      `/api/v1/incidents/:id/${kind}`,
      {
        schema: {
          summary: `${kind} an incident`,
          params: id,
          body: {
            type: 'object',
            additionalProperties: false,
            required,
            properties: { ...properties, version },
          },
        },
        config: { roles: ANALYSTS, audit: `incident.${kind}` },
      },
      async ({ params, identity, body: { version: expected, ...input } }) => {
        // The schema above is the shape of this change.
        const change = { kind, ...input } as IncidentChange;
        const changed = await incidents.change(params.id, change, {
          by: identity.user,
          ...(expected ? { version: expected } : {}),
        });
        return { incident: changed.body, version: changed.version };
      },
    );
  }

  app.post<{ Params: { id: string }; Body: { into: string; reason: string; version?: string } }>(
    '/api/v1/incidents/:id/merge',
    {
      schema: {
        summary: 'make it part of another',
        params: id,
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['into', 'reason'],
          properties: { into: text, reason: text, version },
        },
      },
      config: { roles: ANALYSTS, audit: 'incident.merge' },
    },
    async ({ params, identity, body: { into, ...why } }) => {
      const merged = await incidents.merge(params.id, into, { by: identity.user, ...why });
      return { incident: merged.body, version: merged.version };
    },
  );

  app.post<{ Params: { id: string }; Body: { reason: string; version?: string } }>(
    '/api/v1/incidents/:id/split',
    {
      schema: {
        summary: 'take it out of the incident it was merged into',
        params: id,
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['reason'],
          properties: { reason: text, version },
        },
      },
      config: { roles: ANALYSTS, audit: 'incident.split' },
    },
    async ({ params, identity, body }) => {
      const alone = await incidents.split(params.id, { by: identity.user, ...body });
      return { incident: alone.body, version: alone.version };
    },
  );
};
