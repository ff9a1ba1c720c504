/** Errors as the API answers them: ours say what they are and what to do; anything else says only that it happened. */
import { VigiaError } from '../../core/errors.ts';

export interface ErrorBody {
  error: { code: string; message: string; hint?: string; problems?: unknown };
}

export function answerTo(cause: unknown): { status: number; body: ErrorBody } {
  if (cause instanceof VigiaError) {
    const { code, message, hint, problems, status } = cause;
    const more = { ...(hint ? { hint } : {}), ...(problems.length > 0 ? { problems } : {}) };
    return { status, body: { error: { code, message, ...more } } };
  }
  // Fastify's own refusals (shape of a body, its size, too many calls) carry their status.
  const known = cause as { statusCode?: number; message?: string };
  if (known.statusCode && known.statusCode < 500) {
    const message = known.message ?? 'bad request';
    return { status: known.statusCode, body: { error: { code: 'request', message } } };
  }
  const message = 'an internal error; the log of the server has it';
  return { status: 500, body: { error: { code: 'bug', message } } };
}
