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
  const said = audited.flatMap((field) => (body[field] === undefined ? [] : [[field, brief(body[field])]]));
  const query = Object.entries((request.query ?? {}) as Record<string, unknown>);
  try {
    await audit.record({
      who: request.identity?.user ?? 'unknown',
      action,
      target: request.url.split('?')[0] ?? '',
      details: {
        status: reply.statusCode,
        address: request.ip,
        ...Object.fromEntries(said),
        ...(query.length > 0
          ? { query: Object.fromEntries(query.map(([name, value]) => [name, brief(value)])) }
          : {}),
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

const MAX_TEXT = 2_000;
const MAX_ITEMS = 20;

/** Refused calls are recorded too, so the value may be anything, of any size and depth. */
function brief(value: unknown): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (Array.isArray(value))
    return value.slice(0, MAX_ITEMS).map((item) => (Array.isArray(item) ? '[…]' : brief(item)));
  return typeof value === 'object' && value !== null ? '{…}' : value;
}
