/** Writes who did what into the audit trail before the answer leaves: what cannot be recorded is not answered. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { errors } from '../../core/errors.ts';
import type { Parts } from '../parts.ts';

export async function recordCall(
  { audit }: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { audit: action, audited = [] } = request.routeOptions.config;
  if (!action || request.isRecorded) return;
  request.isRecorded = true;
  const body = (request.body ?? {}) as Record<string, unknown>;
  const said = audited.flatMap((field) => (body[field] === undefined ? [] : [[field, body[field]]]));
  const query = request.query as Record<string, unknown>;
  try {
    await audit.record({
      who: request.identity?.user ?? 'unknown',
      action,
      target: request.url.split('?')[0] ?? '',
      details: {
        status: reply.statusCode,
        ...Object.fromEntries(said),
        ...(Object.keys(query ?? {}).length > 0 ? { query } : {}),
      },
    });
  } catch (cause) {
    throw errors.remote(
      'audit trail',
      `recording ${action}`,
      cause,
      'nothing is answered unrecorded; try again',
    );
  }
}
