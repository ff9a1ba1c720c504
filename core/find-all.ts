/** Reads every document that a query finds, page after page. */
import type { Documents, Kind } from './documents.ts';
import type { DocumentQuery, DocumentStore, Stored } from './store.ts';

const PAGE = 1_000;

export async function findAll<K extends Kind>(
  documents: DocumentStore,
  kind: K,
  query: Omit<DocumentQuery, 'after' | 'size'>,
): Promise<Stored<Documents[K]>[]> {
  const all: Stored<Documents[K]>[] = [];
  let after: string | undefined;
  do {
    const page = await documents.find(kind, {
      ...query,
      size: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    all.push(...page.found);
    after = page.next;
  } while (after !== undefined);
  return all;
}
