/** Exceptions as documents: proposed, decided and ended over the store, each change by one person with a line of history. */
import { and, equals } from '../conditions/tree.ts';
import type { Exception } from '../documents.ts';
import { errors, VigiaError } from '../errors.ts';
import { findAll } from '../find-all.ts';
import type { DocumentStore } from '../store.ts';
import { approved, ended, endsInDays, type Proposal, proposed, refused, standingOf } from './lifecycle.ts';
import type { ExceptionPolicy } from './policy.ts';

export { type Covering, covering, NO_EXCEPTIONS, type Subject } from './covering.ts';
export { endsInDays, type Proposal, type Standing, standingOf } from './lifecycle.ts';
export { type ExceptionPolicy, readExceptionPolicy } from './policy.ts';

/** What an exception has hidden so far: exact, counted in the store. */
export interface Suppressed {
  alerts: number;
  byRule: { rule: string; alerts: number }[];
}

export interface Exceptions {
  propose(proposal: Proposal, by: string): Promise<Exception>;
  /** Refused for the person who proposed it. */
  approve(id: string, by: string): Promise<Exception>;
  refuse(id: string, by: string, reason: string): Promise<Exception>;
  end(id: string, by: string, reason: string): Promise<Exception>;
  get(id: string): Promise<Exception>;
  /** All, the newest first. */
  list(): Promise<Exception[]>;
  /** By exception id. */
  suppressed(): Promise<Map<string, number>>;
  suppressedBy(id: string): Promise<Suppressed>;
  standing(exception: Exception): { standing: ReturnType<typeof standingOf>; endsInDays?: number };
}

export interface ExceptionsOptions {
  documents: DocumentStore;
  policy: ExceptionPolicy;
  /** Epoch milliseconds. */
  now(): number;
}

export function exceptions({ documents, policy, now }: ExceptionsOptions): Exceptions {
  /** Again and again until nobody wrote in between; each try judges what is stored. */
  async function change(id: string, next: (exception: Exception) => Exception): Promise<Exception> {
    for (;;) {
      const stored = await documents.get('exception', id);
      if (!stored) throw errors.notFound('exception', id);
      const body = next(stored.body);
      try {
        await documents.update('exception', id, body, stored.version);
        return body;
      } catch (cause) {
        if (!(cause instanceof VigiaError) || cause.code !== 'conflict') throw cause;
      }
    }
  }
  const counted = (where: Parameters<typeof and>[0], groupBy: string) =>
    documents.aggregate('alert', {
      where: and(equals('state', 'suppressed'), where),
      groupBy: [groupBy],
      measure: { kind: 'count' },
    });

  return {
    async propose(proposal, by) {
      const year = new Date(now()).getUTCFullYear();
      const draft = proposed('', proposal, by, now(), policy);
      const number = await documents.nextNumber(`exception-${year}`);
      const exception = { ...draft, id: `EXC-${year}-${String(number).padStart(6, '0')}` };
      await documents.create('exception', exception.id, exception);
      return exception;
    },
    approve: (id, by) => change(id, (exception) => approved(exception, by, now())),
    refuse: (id, by, reason) => change(id, (exception) => refused(exception, by, reason, now())),
    end: (id, by, reason) => change(id, (exception) => ended(exception, by, reason, now())),
    async get(id) {
      const stored = await documents.get('exception', id);
      if (!stored) throw errors.notFound('exception', id);
      return stored.body;
    },
    async list() {
      return (await findAll(documents, 'exception', { sort: ['-id'] })).map(({ body }) => body);
    },
    async suppressed() {
      const buckets = await counted({ op: 'exists', field: 'exception' }, 'exception');
      // Keys of an aggregation are in lower case; ids of exceptions are not.
      return new Map(buckets.map(({ key, value }) => [(key[0] ?? '').toUpperCase(), value]));
    },
    async suppressedBy(id) {
      const buckets = await counted(equals('exception', id), 'rule.id');
      return {
        alerts: buckets.reduce((sum, { value }) => sum + value, 0),
        byRule: buckets.map(({ key, value }) => ({ rule: key[0] ?? '', alerts: value })),
      };
    },
    standing(exception) {
      const days = endsInDays(exception, now(), policy);
      return {
        standing: standingOf(exception, now()),
        ...(days === undefined ? {} : { endsInDays: days }),
      };
    },
  };
}
