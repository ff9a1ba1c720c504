/** Playbook runs over HTTP: plan, ask, approve, refuse, answer, resume, skip, undo. The last approval starts the run. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { and, equals } from '../../core/conditions/tree.ts';
import type { Role, Run } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { type IncidentRef, isApproved, MAX_EVIDENCE_BYTES, REVIEW } from '../../playbooks/index.ts';
import type { Parts } from '../parts.ts';
import { attendToRuns } from '../run-concerns.ts';
import { findRun } from './find-run.ts';
import { rolesOf } from './roles-of.ts';

const RESPONDERS = ['responder', 'approver'] as const;
const params = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', description: 'Number (RUN-2026-000001) or id' } },
} as const;
const text = { type: 'string', minLength: 1, maxLength: 2_000 } as const;
const reasoned = {
  type: 'object',
  additionalProperties: false,
  required: ['reason'],
  properties: { reason: text, step: { type: 'integer', minimum: 0 } },
};

interface Ask {
  flow: string;
  input: Record<string, unknown>;
  incident?: string;
  /** Hash of the plan that the requester looked at. */
  seen?: string;
}
const ask = {
  type: 'object',
  additionalProperties: false,
  required: ['flow', 'input'],
  properties: { flow: text, input: { type: 'object' }, incident: text, seen: text },
};
interface Given {
  step: number;
  done: boolean;
  text: string;
  /** `content` in Base64. */
  evidence?: { name: string; content: string };
}
const given = {
  type: 'object',
  additionalProperties: false,
  required: ['step', 'done', 'text'],
  properties: {
    step: { type: 'integer', minimum: 0 },
    done: { type: 'boolean' },
    text,
    evidence: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'content'],
      properties: {
        name: { type: 'string', minLength: 1, maxLength: 256 },
        content: {
          type: 'string',
          description: 'The file in Base64',
          pattern: '^[A-Za-z0-9+/]*={0,2}$',
          maxLength: Math.ceil(MAX_EVIDENCE_BYTES / 3) * 4,
        },
      },
    },
  },
};
type Decision = FastifyRequest<{ Params: { id: string }; Body: { reason: string; step?: number } }>;

export const runRoutes = (parts: Parts) => async (app: FastifyInstance) => {
  const { playbooks, incidents, store } = parts;

  const incidentOf = async (reference: string | undefined): Promise<IncidentRef | undefined> =>
    reference === undefined ? undefined : (await incidents.show(reference, { maxEvents: 1 })).incident;

  const find = (reference: string): Promise<Run> => findRun(store, reference);

  app.get('/api/v1/flows', { schema: { summary: 'Playbooks that people can start' } }, async () => ({
    // The review of a broken glass begins by itself.
    flows: playbooks.flows().filter(({ id }) => id !== REVIEW),
  }));

  app.post<{ Body: Ask }>(
    '/api/v1/runs/plan',
    {
      schema: { summary: 'What a playbook would do; changes nothing', body: ask },
      config: { roles: ['analyst', ...RESPONDERS], audit: 'run.plan', audited: ['flow', 'incident'] },
    },
    async ({ body }) => playbooks.plan(body.flow, body.input, await incidentOf(body.incident)),
  );

  app.post<{ Body: Ask }>(
    '/api/v1/runs',
    {
      schema: { summary: 'Ask for a run; it waits for approval', body: ask },
      config: { roles: ['analyst', ...RESPONDERS], audit: 'run.request', audited: ['flow', 'incident'] },
    },
    async ({ body, identity }, reply) => {
      const incident = await incidentOf(body.incident);
      const run = await playbooks.start(body.flow, body.input, identity.user, {
        ...(incident ? { incident } : {}),
        ...(body.seen ? { seen: body.seen } : {}),
      });
      // Flows that change nothing may need nobody's consent.
      if (isApproved(run)) parts.execute(run.id);
      return reply.code(201).send({ run });
    },
  );

  app.get<{ Querystring: { state?: string; incident?: string; size?: number; after?: string } }>(
    '/api/v1/runs',
    {
      schema: {
        summary: 'Runs, newest first',
        querystring: {
          type: 'object',
          additionalProperties: false,
          properties: {
            state: text,
            incident: text,
            size: { type: 'integer', minimum: 1, maximum: 1_000 },
            after: { type: 'string' },
          },
        },
      },
    },
    async ({ query: { size = 1_000, after, ...wanted } }) => {
      const where = Object.entries(wanted).map(([field, value]) => equals(field, value));
      const { found, next } = await store.documents.find('run', {
        ...(where.length > 0 ? { where: and(...where) } : {}),
        sort: ['-requested'],
        size,
        ...(after === undefined ? {} : { after }),
      });
      return { runs: found.map(({ body }) => body), ...(next ? { next } : {}) };
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/v1/runs/:id',
    { schema: { summary: 'One run with its journal', params } },
    async (request) => {
      const run = await find(request.params.id);
      return { run, journal: await playbooks.journal(run.id) };
    },
  );

  app.post<{ Params: { id: string }; Body: { planHash: string } }>(
    '/api/v1/runs/:id/approve',
    {
      schema: {
        summary: 'Approve exactly this plan',
        params,
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['planHash'],
          properties: { planHash: text },
        },
      },
      config: { roles: ['approver'], audit: 'run.approve', audited: ['planHash'] },
    },
    async ({ params: { id }, body, identity }) => {
      const run = await playbooks.approve((await find(id)).id, {
        by: identity.user,
        roles: rolesOf(identity.roles),
        planHash: body.planHash,
      });
      if (run.state === 'waiting' && isApproved(run)) parts.execute(run.id);
      return { run };
    },
  );

  app.post<{ Params: { id: string }; Body: Given }>(
    '/api/v1/runs/:id/answer',
    {
      schema: { summary: 'Answer what a step asks a person, with evidence', params, body: given },
      config: { roles: RESPONDERS, audit: 'run.answer', audited: ['step', 'done'] },
    },
    async ({ params: { id }, body: { step, done, text: said, evidence }, identity }) => {
      const person = { by: identity.user, roles: rolesOf(identity.roles) };
      const content = evidence && Buffer.from(evidence.content, 'base64');
      const file = evidence && content ? { evidence: { name: evidence.name, content } } : {};
      const run = await playbooks.answer((await find(id)).id, step, person, { done, text: said, ...file });
      return { run };
    },
  );

  const decision = (
    name: string,
    roles: readonly Role[],
    decide: (id: string, request: Decision) => Promise<Run>,
  ) =>
    app.post<{ Params: { id: string }; Body: { reason: string; step?: number } }>(
      `/api/v1/runs/:id/${name}`,
      {
        schema: { summary: `${name} a run, with the reason`, params, body: reasoned },
        config: { roles, audit: `run.${name}` },
      },
      async (request) => ({ run: await decide((await find(request.params.id)).id, request) }),
    );
  const person = ({ identity, body }: Decision) => ({
    by: identity.user,
    roles: rolesOf(identity.roles),
    reason: body.reason,
  });

  app.post<{ Params: { id: string }; Body: { planHash: string; reason: string } }>(
    '/api/v1/runs/:id/break-glass',
    {
      schema: {
        summary:
          'Execute exactly this plan without the approvals it lacks; raises a critical alert, owes a review',
        params,
        body: {
          type: 'object',
          additionalProperties: false,
          required: ['planHash', 'reason'],
          properties: { planHash: text, reason: text },
        },
      },
      config: { roles: RESPONDERS, audit: 'run.break-glass', audited: ['planHash', 'reason'] },
    },
    async ({ params: { id }, body, identity }) => {
      const run = await playbooks.breakGlass((await find(id)).id, {
        by: identity.user,
        roles: rolesOf(identity.roles),
        ...body,
      });
      if (run.state === 'waiting' && isApproved(run)) parts.execute(run.id);
      // Told at once; where that fails the respond role tells it.
      await attendToRuns(parts).catch((cause: unknown) =>
        parts.log.error({ err: cause }, 'telling a break-glass run'),
      );
      return { run };
    },
  );

  decision('refuse', ['approver'], (id, request) => playbooks.refuse(id, person(request)));
  decision('abandon', RESPONDERS, (id, request) => playbooks.abandon(id, person(request)));
  decision('undo', ['approver'], (id, request) => playbooks.undo(id, person(request)));
  decision('skip', RESPONDERS, async (id, request) => {
    if (request.body.step === undefined)
      throw errors.usage('"step" is missing', 'name the step to skip, counted from 0');
    return playbooks.skip(id, request.body.step, person(request));
  });

  app.post<{ Params: { id: string } }>(
    '/api/v1/runs/:id/resume',
    {
      schema: { summary: 'Go on with an interrupted run', params },
      config: { roles: RESPONDERS, audit: 'run.resume' },
    },
    async ({ params: { id }, identity }) => ({
      run: await playbooks.resume((await find(id)).id, identity.user),
    }),
  );
};
