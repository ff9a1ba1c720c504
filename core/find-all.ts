/** Every document that a query matches, page after page, so that nothing is cut off silently. */
import type { Documents, Kind } from './documents.ts';
import type { DocumentQuery, DocumentStore, Stored } from './store.ts';

const PAGE = 1_000;

/** `for await (const { body } of everyDocument(store.documents, 'run', { where }))` */
export async function* everyDocument<K extends Kind>(
  documents: Pick<DocumentStore, 'find'>,
  kind: K,
  query: Omit<DocumentQuery, 'size' | 'after'> = {},
): AsyncGenerator<Stored<Documents[K]>> {
  let after: string | undefined;
  do {
    const page = await documents.find(kind, {
      ...query,
      size: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    yield* page.found;
    after = page.next;
  } while (after !== undefined);
}

/** The same as one list, for what is known to be few. */
export const findAll = <K extends Kind>(
  documents: Pick<DocumentStore, 'find'>,
  kind: K,
  query: Omit<DocumentQuery, 'size' | 'after'> = {},
): Promise<Stored<Documents[K]>[]> => Array.fromAsync(everyDocument(documents, kind, query));
