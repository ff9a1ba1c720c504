/** Privileged access over HTTP: ask, approve, refuse, take back, review, and what was done with it. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Ask } from '../../access/index.ts';
import { and, equals } from '../../core/conditions/tree.ts';
import type { Access, Role } from '../../core/documents.ts';
import { loadPolicies } from '../../playbooks/index.ts';
import type { Parts } from '../parts.ts';
import { shipped } from '../settings.ts';
import { rolesOf } from './roles-of.ts';

const EVERYBODY = ['viewer', 'analyst', 'responder', 'approver'] as const;
const params = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', maxLength: 40, description: 'ACC-2026-000001' } },
} as const;
const text = { type: 'string', minLength: 1, maxLength: 2_000 } as const;
/** Names reach targets: bounded, and without control characters. */
const name = {
  type: 'string',
  minLength: 1,
  maxLength: 256,
  pattern: '^[^\\u0000-\\u001f\\u007f]+$',
} as const;
const session = { type: 'string', pattern: '^[0-9a-f-]{8,64}$' } as const;
const object = (required: readonly string[], properties: Record<string, object>) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
});

const ask = object(['system', 'role', 'why', 'minutes'], {
  who: { ...name, description: 'The person who gets it; who calls when left out' },
  system: { ...name, description: 'Target, as the settings name it' },
  role: { ...name, description: 'Group of a directory, role of a database, account of a host' },
  account: {
    ...name,
    description: 'Account of the person on the target; the name of the person when left out',
  },
  why: text,
  ticket: text,
  minutes: { type: 'integer', minimum: 1, maximum: 43_200 },
  notBefore: { type: 'string', minLength: 10, maxLength: 40 },
  key: { type: 'string', minLength: 1, maxLength: 10_000, description: 'Public key, for a host' },
});
const reasoned = object(['reason'], { reason: text });
type Decision = FastifyRequest<{ Params: { id: string }; Body: { reason: string } }>;

export const privilegedAccessRoutes = (parts: Parts) => async (app: FastifyInstance) => {
  const { access, store } = parts;

  app.post<{ Body: Ask }>(
    '/api/v1/access',
    {
      schema: { summary: 'Ask for a privilege for a time; it waits for approval', body: ask },
      config: {
        roles: EVERYBODY,
        audit: 'access.request',
        audited: ['who', 'system', 'role', 'account', 'why', 'ticket', 'minutes', 'notBefore'],
      },
    },
    async ({ body, identity }, reply) =>
      reply.code(201).send({ access: await access.request(body, identity.user) }),
  );

  app.get<{ Querystring: { state?: string; who?: string; system?: string; size?: number; after?: string } }>(
    '/api/v1/access',
    {
      schema: {
        summary: 'Privileged access, newest first',
        querystring: object([], {
          state: name,
          who: name,
          system: name,
          size: { type: 'integer', minimum: 1, maximum: 1_000 },
          after: { type: 'string' },
        }),
      },
    },
    async ({ query: { size = 1_000, after, ...wanted } }) => {
      const where = Object.entries(wanted).map(([field, value]) => equals(field, value));
      const { found, next } = await store.documents.find('access', {
        ...(where.length > 0 ? { where: and(...where) } : {}),
        sort: ['-requested'],
        size,
        ...(after === undefined ? {} : { after }),
      });
      return { access: found.map(({ body }) => body), ...(next ? { next } : {}) };
    },
  );

  app.get(
    '/api/v1/access/standing',
    {
      schema: {
        summary: 'Who has a privilege for good, and who does not use it; asks directories and databases now',
      },
      config: { roles: ['responder', 'approver', 'auditor'], audit: 'access.standing' },
    },
    async () => access.standing(loadPolicies(shipped('policies')).privilegedGroups),
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/access/:id',
    { schema: { summary: 'One access with its journal', params } },
    async ({ params: { id } }) => ({ access: await access.get(id), journal: await access.journal(id) }),
  );

  app.get<{ Params: { id: string }; Querystring: { size?: number; after?: string } }>(
    '/api/v1/access/:id/use',
    {
      schema: {
        summary: 'What was done with it: the collected events of its account while it lasted, oldest first',
        params,
        querystring: object([], {
          size: { type: 'integer', minimum: 1, maximum: 1_000 },
          after: { type: 'string' },
        }),
      },
      config: { audit: 'access.use.read' },
    },
    async ({ params: { id }, query }) => ({ use: await access.use(id, query) }),
  );

  app.post<{ Params: { id: string }; Body: { planHash: string } }>(
    '/api/v1/access/:id/approve',
    {
      schema: {
        summary: 'Approve exactly this plan; the last approval gives it',
        params,
        body: object(['planHash'], { planHash: text }),
      },
      config: { roles: EVERYBODY, audit: 'access.approve', audited: ['planHash'] },
    },
    async ({ params: { id }, body: { planHash }, identity }) => {
      const person = { by: identity.user, roles: rolesOf(identity.roles), planHash };
      const { state } = await access.approve(id, person);
      return { access: state === 'approved' ? await access.advance(id) : await access.get(id) };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/access/:id/gateway',
    {
      schema: { summary: 'Where the recorded sessions of its holder lead', params },
      config: { roles: EVERYBODY, audit: 'access.gateway' },
    },
    async ({ params: { id }, identity }) => ({ gateway: await access.gateway(id, identity.user) }),
  );

  app.post<{ Params: { id: string }; Body: { id: string; file: string } }>(
    '/api/v1/access/:id/recordings',
    {
      schema: {
        summary: 'Say that a recorded session begins',
        params,
        body: object(['id', 'file'], { id: session, file: text }),
      },
      config: { roles: EVERYBODY, audit: 'access.session-started', audited: ['id', 'file'] },
    },
    async ({ params: { id }, body, identity }, reply) =>
      reply.code(201).send({ access: await access.recordingStarted(id, identity.user, body) }),
  );

  app.post<{ Params: { id: string; session: string }; Body: { bytes: number; sha256: string } }>(
    '/api/v1/access/:id/recordings/:session',
    {
      schema: {
        summary: 'Say how a recorded session ended: size and hash of the file',
        params: {
          type: 'object',
          required: ['id', 'session'],
          properties: { ...params.properties, session },
        },
        body: object(['bytes', 'sha256'], {
          bytes: { type: 'integer', minimum: 0 },
          sha256: { type: 'string', pattern: '^[0-9a-f]{64}$' },
        }),
      },
      config: { roles: EVERYBODY, audit: 'access.session-ended', audited: ['bytes', 'sha256'] },
    },
    async ({ params: { id, session: one }, body, identity }) => ({
      access: await access.recordingEnded(id, identity.user, one, body),
    }),
  );

  const decision = (
    kind: string,
    summary: string,
    roles: readonly Role[],
    decide: (id: string, person: { by: string; roles: readonly Role[]; reason: string }) => Promise<Access>,
  ) =>
    app.post<{ Params: { id: string }; Body: { reason: string } }>(
      `/api/v1/access/:id/${kind}`,
      {
        schema: { summary, params, body: reasoned },
        config: { roles, audit: `access.${kind}`, audited: ['reason'] },
      },
      async ({ params: { id }, body, identity }: Decision) => ({
        access: await decide(id, { by: identity.user, roles: rolesOf(identity.roles), reason: body.reason }),
      }),
    );

  decision('refuse', 'Refuse to approve, with the reason', EVERYBODY, (id, person) =>
    access.refuse(id, person),
  );
  decision(
    'end',
    'End it before its time: take it from the target and end what is open',
    EVERYBODY,
    async (id, person) => {
      await access.takeBack(id, person);
      return await access.advance(id);
    },
  );

  app.post<{ Params: { id: string }; Body: { verdict: 'in-order' | 'misused'; text: string } }>(
    '/api/v1/access/:id/review',
    {
      schema: {
        summary: 'Say whether what was done with it is in order',
        params,
        body: object(['verdict', 'text'], { verdict: { enum: ['in-order', 'misused'] }, text }),
      },
      config: { roles: EVERYBODY, audit: 'access.review', audited: ['verdict'] },
    },
    async ({ params: { id }, body, identity }) => ({
      access: await access.review(id, { by: identity.user, roles: rolesOf(identity.roles), ...body }),
    }),
  );
};
