/** The document part of the embedded store, on the caller's thread. */
import { always } from '../../core/conditions/tree.ts';
import type { Documents, Kind } from '../../core/documents.ts';
import type { DocumentStore, Stored } from '../../core/store.ts';
import { decodeAfter, encodeAfter } from '../after.ts';
import { sortFields } from '../document-fields.ts';
import { pageSize } from '../page-size.ts';
import { isOdd } from './condition-sql.ts';
import type { DocumentItem, StoredText } from './document-operations.ts';
import { documentTerms } from './terms.ts';
import type { Thread } from './thread.ts';

export function embeddedDocuments(thread: Thread): DocumentStore {
  return {
    async get(kind, id) {
      const found = await thread.call('getDocument', { kind, id });
      return found && parse<typeof kind>(found);
    },
    async create(kind, id, body) {
      const [outcome] = await thread.call('createDocuments', { kind, items: [prepare(id, body)] });
      return outcome!;
    },
    createMany: (kind, items) =>
      thread.call('createDocuments', { kind, items: items.map(({ id, body }) => prepare(id, body)) }),
    update: (kind, id, body, version) =>
      thread.call('updateDocument', { kind, item: prepare(id, body), version }),
    delete: (kind, id, version) => thread.call('deleteDocument', { kind, id, version }),
    async find(kind, query) {
      const { found, next } = await thread.call('findDocuments', {
        kind,
        condition: query.where ?? always,
        sort: sortFields(query.sort),
        size: pageSize(query.size),
        after:
          query.after === undefined
            ? undefined
            : decodeAfter<{ place: [] }>(
                query.after,
                ({ place }) => Array.isArray(place) && place.length === (query.sort?.length ?? 0) + 1,
              ).place,
      });
      return {
        found: found.map((text) => parse<typeof kind>(text)),
        ...(next ? { next: encodeAfter({ place: next }) } : {}),
      };
    },
    aggregate: (kind, { where = always, groupBy, measure }) =>
      thread.call('aggregateDocuments', { kind, condition: where, groupBy, measure }),
    nextNumber: (counter) => thread.call('nextNumber', counter),
  };
}

function prepare(id: string, body: object): DocumentItem {
  const text = JSON.stringify(body);
  return { id, odd: isOdd(text), body: text, terms: documentTerms(body) };
}

/** The kind under which a document is stored says what it is. */
const parse = <K extends Kind>({ id, version, body }: StoredText): Stored<Documents[K]> => ({
  id,
  version,
  body: JSON.parse(body) as Documents[K],
});
