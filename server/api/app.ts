/** The HTTP API: Fastify, JSON, an OpenAPI document made from the schemas, tokens with roles, everything audited. */
import { readFileSync } from 'node:fs';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Role } from '../../core/documents.ts';
import { errors, VigiaError } from '../../core/errors.ts';
import type { Parts } from '../parts.ts';
import type { Identity } from '../tokens.ts';
import { answerTo } from './answer-to.ts';
import { recordCall } from './audited.ts';
import { routes } from './routes.ts';
import { validation } from './validation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before any handler runs; absent only on public routes and refused calls. */
    identity: Identity;
    /** True once the call stands in the audit trail; an answer that fails is sent twice. */
    isRecorded: boolean;
  }
  interface FastifyContextConfig {
    /** Who may call; left out = anybody with a token; `public` = without one. */
    roles?: readonly Role[] | 'public';
    /** Recorded in the audit trail under this name; every changing route has one. */
    audit?: string;
    /** Fields of the body that the entry repeats; never secrets. */
    audited?: readonly string[];
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
    // Addresses that cannot be read never reach a route.
    frameworkErrors(cause, _request, reply) {
      const { status, body } = answerTo(cause);
      // The types of a reply without a route allow nothing.
      void (reply as FastifyReply).code(status).send(body);
    },
    ...(tls ? { https: { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) } } : {}),
  }) as unknown as FastifyInstance;
  app.setValidatorCompiler(validation);
  await app.register(helmet);
  if (!options.local) {
    await app.register(rateLimit, { global: false, max: CALLS_PER_MINUTE, timeWindow: '1 minute' });
    // Before tokens are looked at, so that guessing them is slow too.
    app.addHook('onRequest', app.rateLimit());
  }
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
  app.decorateRequest('isRecorded', false);
  app.addHook('onRequest', async (request) => {
    const allowed = request.routeOptions.config?.roles;
    if (allowed === 'public') return;
    const { user, roles } = await identify(request.headers.authorization);
    request.identity = { user, roles };
    if (allowed && !roles.some((role) => role === 'admin' || allowed.includes(role))) {
      throw errors.refused(
        `${user} lacks the role for this: one of ${allowed.join(', ')}`,
        'ask an administrator for a token with that role',
      );
    }
  });
  app.addHook('onSend', (request, reply) => recordCall(parts, request, reply));
  app.setErrorHandler(async (cause, _request, reply) => {
    const { status, body } = answerTo(cause);
    if (cause instanceof VigiaError && status >= 500) parts.log.error(`request failed: ${cause.message}`);
    else if (status >= 500) parts.log.error({ err: cause }, 'request failed');
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler(async (request, reply) =>
    reply.code(404).send({
      error: { code: 'not-found', message: `no route ${request.method} ${request.url.split('?')[0]}` },
    }),
  );

  async function identify(header: string | undefined): Promise<Identity> {
    if (header?.startsWith('Bearer ')) return parts.tokens.identify(header.slice(7));
    if (options.local) return options.local;
    throw errors.unauthenticated('a token is needed: Authorization: Bearer vigia_…');
  }

  for (const group of routes) await app.register(group(parts));
  await app.ready();
  return app;
}
