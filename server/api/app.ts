/** The HTTP API: Fastify, JSON, an OpenAPI document made from the schemas, tokens with roles, everything audited. */
import { readFileSync } from 'node:fs';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Role } from '../../core/documents.ts';
import { errors, VigiaError } from '../../core/errors.ts';
import type { Parts } from '../parts.ts';
import type { Identity } from '../tokens.ts';
import { eventRoutes } from './events.ts';
import { incidentRoutes } from './incidents.ts';
import { operationRoutes } from './operations.ts';
import { reportRoutes } from './reports.ts';
import { runRoutes } from './runs.ts';

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
  }
  interface FastifyContextConfig {
    /** Who may call; left out = anybody with a token; `public` = without one. */
    roles?: readonly Role[] | 'public';
    /** Recorded in the audit trail under this name; every changing route has one. */
    audit?: string;
  }
}

export interface ApiOptions {
  /** Identity of calls without a token: only for calls inside the process, never for a listening server. */
  local?: Identity;
}

/** A request body larger than this is refused; records come through collectors, not through the API. */
const BODY_BYTES = 2 * 1_024 * 1_024;
const CALLS_PER_MINUTE = 1_200;

export async function buildApi(parts: Parts, options: ApiOptions = {}): Promise<FastifyInstance> {
  const { settings } = parts;
  const tls = settings.api.tls;
  const app = Fastify({
    bodyLimit: BODY_BYTES,
    trustProxy: false,
    ajv: { customOptions: { allErrors: true, coerceTypes: 'array', removeAdditional: false } },
    ...(tls ? { https: { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) } } : {}),
  }) as unknown as FastifyInstance;
  await app.register(helmet);
  if (!options.local) await app.register(rateLimit, { max: CALLS_PER_MINUTE, timeWindow: '1 minute' });
  await app.register(swagger, {
    openapi: {
      info: {
        title: 'Vigia',
        description: 'Security operations: incidents, runs, events, reports.',
        version: parts.version,
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
  });

  app.decorateRequest('identity', null as unknown as Identity);
  app.addHook('onRequest', async (request) => {
    const allowed = request.routeOptions.config?.roles;
    if (allowed === 'public') return;
    request.identity = await identify(request.headers.authorization);
    if (allowed && !request.identity.roles.some((role) => role === 'admin' || allowed.includes(role))) {
      throw errors.refused(
        `${request.identity.user} lacks the role for this: one of ${allowed.join(', ')}`,
        'ask an administrator for a token with that role',
      );
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    const action = request.routeOptions.config?.audit;
    if (!action) return;
    await parts.audit.record({
      who: request.identity?.user ?? 'unknown',
      action,
      target: request.url.split('?')[0] ?? '',
      details: { status: reply.statusCode },
    });
  });
  app.setErrorHandler(async (cause, _request, reply) => {
    const { status, body } = answerTo(cause);
    if (status >= 500) parts.log.error({ err: cause }, 'request failed');
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler(async (request, reply) =>
    reply
      .code(404)
      .send({
        error: { code: 'not-found', message: `no route ${request.method} ${request.url.split('?')[0]}` },
      }),
  );

  async function identify(header: string | undefined): Promise<Identity> {
    if (header?.startsWith('Bearer ')) return parts.tokens.identify(header.slice(7));
    if (options.local) return options.local;
    throw errors.unauthenticated('a token is needed: Authorization: Bearer vigia_…');
  }

  for (const routes of [operationRoutes, incidentRoutes, eventRoutes, runRoutes, reportRoutes])
    await app.register(routes(parts));
  await app.ready();
  return app;
}

interface ErrorBody {
  error: { code: string; message: string; hint?: string; problems?: unknown };
}

/** Errors of ours say what they are; anything else says only that it happened. */
function answerTo(cause: unknown): { status: number; body: ErrorBody } {
  if (cause instanceof VigiaError) {
    const { code, message, hint, problems, status } = cause;
    return {
      status,
      body: {
        error: { code, message, ...(hint ? { hint } : {}), ...(problems.length > 0 ? { problems } : {}) },
      },
    };
  }
  const known = cause as { statusCode?: number; message?: string };
  if (known.statusCode && known.statusCode < 500) {
    return {
      status: known.statusCode,
      body: { error: { code: 'request', message: known.message ?? 'bad request' } },
    };
  }
  return {
    status: 500,
    body: { error: { code: 'bug', message: 'an internal error; the log of the server has it' } },
  };
}
