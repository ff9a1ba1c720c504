/** Whether a failed call certainly had no effect: the other side said no, or was never reached. */

const NEVER_REACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'EAUTH']);

/** A server that answers HTTP 5xx may have done it all the same; one that answers 4xx, or SMTP 4xx and 5xx, has not. */
export function wasRefused(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code, status, responseCode } = at as { code?: unknown; status?: unknown; responseCode?: unknown };
    if (typeof code === 'string' && NEVER_REACHED.has(code)) return true;
    if (typeof responseCode === 'number' && responseCode >= 400) return true;
    if (at.name !== 'VigiaError' && typeof status === 'number') return status >= 400 && status < 500;
  }
  return false;
}
