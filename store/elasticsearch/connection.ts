/** The official client with our settings, and its failures as errors that say what to do. */
import { Client, errors as clientErrors } from '@elastic/elasticsearch';
import { errors, VigiaError } from '../../core/errors.ts';

export interface ConnectionOptions {
  nodes: string | readonly string[];
  auth?: { apiKey: string } | { username: string; password: string };
  /** The certification authority of the cluster, PEM. */
  ca?: string;
  /** Longest time for one request; 30 s when left out. */
  requestTimeoutMs?: number;
}

export function connect({ nodes, auth, ca, requestTimeoutMs = 30_000 }: ConnectionOptions): Client {
  return new Client({
    nodes: typeof nodes === 'string' ? [nodes] : [...nodes],
    ...(auth ? { auth } : {}),
    ...(ca === undefined ? {} : { tls: { ca } }),
    requestTimeout: requestTimeoutMs,
    maxRetries: 3,
    compression: false,
  });
}

/** HTTP status of a failure; undefined when there was no answer. */
export const statusOf = (cause: unknown): number | undefined =>
  cause instanceof clientErrors.ResponseError ? cause.statusCode : undefined;

/** The error type that Elasticsearch names. */
export const typeOfFailure = (cause: unknown): string | undefined =>
  cause instanceof clientErrors.ResponseError
    ? (cause.body as { error?: { type?: string } } | undefined)?.error?.type
    : undefined;

/** No answer, or one that says "later": repeating the same request may help. */
export function isPassing(cause: unknown): boolean {
  const status = statusOf(cause);
  if (status !== undefined) return status === 429 || status === 502 || status === 503 || status === 504;
  return cause instanceof clientErrors.ConnectionError || cause instanceof clientErrors.TimeoutError;
}

/** Runs a request; whatever fails becomes `errors.remote` with a hint. */
export async function remotely<T>(operation: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (cause) {
    throw remoteError(operation, cause);
  }
}

export function remoteError(operation: string, cause: unknown): VigiaError {
  if (cause instanceof VigiaError) return cause;
  const status = statusOf(cause);
  // Not the client's own error: it carries the request, with documents in it.
  const reason = Object.assign(new Error(messageOf(cause)), { status });
  return errors.remote('Elasticsearch', operation, reason, HINTS[status ?? 'none']);
}

/** The HTTP status behind an error that `remotely` made. */
export const statusBehind = (error: unknown): number | undefined =>
  error instanceof VigiaError ? (error.cause as { status?: number } | undefined)?.status : undefined;

const HINTS: Record<string | number, string> = {
  none: 'check that the cluster runs and is reachable from here; the call may be repeated',
  401: 'the user or API key is unknown or has expired',
  403: 'the user lacks a privilege on this index, or the cluster has made it read-only because a disk is full',
  404: 'an index or template is missing; start "vigia serve" once, it creates them',
  429: 'the cluster is overloaded; the call may be repeated',
};

/** Type and reason of the server, without the whole body: it may quote documents. */
function messageOf(cause: unknown): string {
  const failure =
    cause instanceof clientErrors.ResponseError
      ? (cause.body as { error?: { type?: string; reason?: string } })?.error
      : undefined;
  if (failure?.type) return `${statusOf(cause)} ${failure.type}: ${(failure.reason ?? '').slice(0, 300)}`;
  return cause instanceof Error ? `${cause.name}: ${cause.message.slice(0, 300)}` : String(cause);
}
