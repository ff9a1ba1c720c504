/** Keeps what people agreed on (exceptions) and shared (indicators) at hand for detection: looked at again after two seconds. */
import { and } from '../core/conditions/tree.ts';
import type { Documents } from '../core/documents.ts';
import { covering, type ExceptionPolicy } from '../core/exceptions/index.ts';
import { everyDocument, findAll } from '../core/find-all.ts';
import { sameSystem } from '../core/grants.ts';
import type { Store } from '../core/store.ts';
import { type IndicatorSet, indicatorSet, type Known } from '../detections/index.ts';
import { indicatorsOf } from './indicator-lists.ts';

/** A person who approves an exception or imports a list sees it hold after so long. */
const FRESH_MS = 2_000;

export interface KnowledgeOptions {
  store: Pick<Store, 'documents'>;
  exceptions: ExceptionPolicy;
  now: () => number;
  /** Every name under which events may mean a system that a grant names. */
  namesOf?: (system: string) => readonly string[];
}

/** Nothing is read before somebody asks: most commands never do. Throws when the store does not answer; the caller waits for it. */
export function knowledge({
  store: { documents },
  exceptions,
  now,
  namesOf = (system) => [system],
}: KnowledgeOptions): () => Promise<Known> {
  let known: Promise<Known> | undefined;
  let readMs = 0;
  let lists = new Map<string, { revision: number; set: IndicatorSet }>();
  return () => {
    if (known !== undefined && Math.abs(now() - readMs) < FRESH_MS) return known;
    readMs = now();
    const reading = read();
    reading.catch(() => {
      if (known === reading) known = undefined;
    });
    known = reading;
    return reading;
  };

  async function read(): Promise<Known> {
    const agreed = await findAll(documents, 'exception');
    lists = await readLists();
    const current = lists;
    const managed = await managedSystems();
    return {
      exceptions: covering(
        agreed.map(({ body }) => body),
        exceptions,
        now,
      ),
      lists: (name) => current.get(name)?.set,
      grants: (from, to) => during('grant', from, to),
      deeds: (from, to) => during('deed', from, to),
      isManaged: (system) => managed.some((name) => sameSystem(name, system)),
    };
  }

  async function during<K extends 'grant' | 'deed'>(
    kind: K,
    from: string,
    to: string,
  ): Promise<Documents[K][]> {
    const where = and({ op: 'range', field: 'from', lte: to }, { op: 'range', field: 'to', gt: from });
    return (await findAll(documents, kind, { where })).map(({ body }) => body);
  }

  async function managedSystems(): Promise<string[]> {
    const found = await documents.aggregate('grant', { groupBy: ['system'], measure: { kind: 'count' } });
    return [...new Set(found.flatMap(({ key: [system] }) => (system ? namesOf(system) : [])))];
  }

  /** Only lists that changed are read again; a batch that is evaluated meanwhile waits, so that no event misses the new list. */
  async function readLists(): Promise<typeof lists> {
    const next: typeof lists = new Map();
    for await (const { body } of everyDocument(documents, 'indicator-list')) {
      const { list, revision } = body;
      const before = lists.get(list);
      const isSame = before?.revision === revision;
      next.set(
        list,
        isSame
          ? before!
          : { revision, set: indicatorSet(await Array.fromAsync(indicatorsOf(documents, list))) },
      );
    }
    return next;
  }
}
