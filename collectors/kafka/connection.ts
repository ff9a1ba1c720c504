/** How brokers are reached, and their errors in our words. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type BaseOptions, GenericError, MultipleErrors, ProtocolError } from '@platformatic/kafka';
import { errors, type VigiaError } from '../../core/errors.ts';

export interface Connection {
  /** `host:port` of some of them; they name the others. */
  brokers: readonly string[];
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
  sasl?: {
    mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
    user: string;
    /** Asked for each login, so that a rotated secret is taken without a restart. */
    password: () => string;
  };
}

const CONNECT_MS = 10_000;
const ANSWER_MS = 30_000;

/** `[::1]:9092` is `::1`. */
const hostOf = (broker: string) => broker.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');

/** Options of the client library. It tries nothing again by itself where we wait with more patience. */
export function clientOptions({ brokers, tls, sasl }: Connection, retries: number): BaseOptions {
  return {
    clientId: 'vigia',
    bootstrapBrokers: [...brokers],
    ...{ connectTimeout: CONNECT_MS, timeout: ANSWER_MS, retries, retryDelay: 500 },
    ...(tls
      ? {
          tls: {
            ...(tls.caFile ? { ca: readFileSync(tls.caFile) } : {}),
            ...(tls.certFile ? { cert: readFileSync(tls.certFile) } : {}),
            ...(tls.keyFile ? { key: readFileSync(tls.keyFile) } : {}),
          },
          // Servers with several certificates are told whom we mean; an address is no name.
          tlsServerName: brokers.every((broker) => !isIP(hostOf(broker))),
        }
      : {}),
    ...(sasl ? { sasl: { mechanism: sasl.mechanism, username: sasl.user, password: sasl.password } } : {}),
  };
}

/** The words of the protocol for what went wrong: `OFFSET_OUT_OF_RANGE`; of every error within. */
export function protocolWords(cause: unknown): string[] {
  if (cause instanceof ProtocolError) return [cause.apiId];
  const within = cause instanceof MultipleErrors || cause instanceof AggregateError ? cause.errors : [];
  return [...within, ...(cause instanceof Error && cause.cause ? [cause.cause] : [])].flatMap(protocolWords);
}

/** Asking again does not help: somebody must change a right or a secret. */
const isRefusal = (cause: unknown): boolean =>
  protocolWords(cause).some((word) => /AUTHORIZATION_FAILED|SASL_AUTHENTICATION_FAILED/.test(word)) ||
  (cause instanceof GenericError && cause.code === 'PLT_KFK_AUTHENTICATION') ||
  (cause instanceof MultipleErrors && cause.errors.some(isRefusal)) ||
  (cause instanceof Error && cause.cause !== undefined && isRefusal(cause.cause));

export function asOurs(operation: string, cause: unknown): VigiaError {
  const words = [...new Set(protocolWords(cause))].join(', ');
  const why = new Error(words || deepest(cause).message, { cause });
  return isRefusal(cause)
    ? errors.refused(`Kafka refuses to ${operation}: ${why.message}`, 'look at user, secret and rights')
    : errors.remote('Kafka', operation, why);
}

/** What lies at the bottom says most: "connect ECONNREFUSED 127.0.0.1:9092". */
function deepest(cause: unknown): Error {
  const one = cause as Error & { errors?: unknown[] };
  const within = one.cause ?? one.errors?.[0];
  return within instanceof Error ? deepest(within) : one;
}
