/**
 * Fields of documents that a store indexes: found fast, and allowed in `sort`. Everything else in a document can still be
 * asked for in a condition; the matcher then reads more documents. The Elasticsearch template says the same (a test compares).
 */
import { errors } from '../core/errors.ts';

/** `long` fields sort as numbers, the rest as text ignoring case. */
export const documentFields: Readonly<Record<string, 'keyword' | 'long'>> = {
  action: 'keyword',
  alertCount: 'long',
  at: 'keyword',
  by: 'keyword',
  collector: 'keyword',
  created: 'keyword',
  datasets: 'keyword',
  'entities.name': 'keyword',
  'entities.type': 'keyword',
  entry: 'keyword',
  'event.at': 'keyword',
  'event.dataset': 'keyword',
  'event.id': 'keyword',
  eventCount: 'long',
  events: 'keyword',
  exception: 'keyword',
  expires: 'keyword',
  'flow.id': 'keyword',
  from: 'keyword',
  generation: 'long',
  'group.key': 'keyword',
  groups: 'keyword',
  hash: 'keyword',
  id: 'keyword',
  incident: 'keyword',
  key: 'keyword',
  keys: 'keyword',
  kind: 'keyword',
  list: 'keyword',
  mergedInto: 'keyword',
  number: 'keyword',
  owner: 'keyword',
  planHash: 'keyword',
  requested: 'keyword',
  requestedBy: 'keyword',
  'rule.hash': 'keyword',
  'rule.id': 'keyword',
  'rule.level': 'keyword',
  run: 'keyword',
  sequence: 'long',
  severity: 'keyword',
  source: 'keyword',
  stage: 'keyword',
  state: 'keyword',
  step: 'long',
  system: 'keyword',
  tags: 'keyword',
  target: 'keyword',
  title: 'keyword',
  to: 'keyword',
  user: 'keyword',
  verdict: 'keyword',
  wakeAt: 'keyword',
  who: 'keyword',
  writer: 'keyword',
};

export interface SortField {
  field: string;
  descending: boolean;
  numeric: boolean;
}

/** Reads `['-severity', 'created']`; an unknown field is a usage error that lists the known ones. */
export function sortFields(sort: readonly string[] = []): SortField[] {
  return sort.map((text) => {
    const descending = text.startsWith('-');
    const field = descending ? text.slice(1) : text;
    const type = Object.hasOwn(documentFields, field) ? documentFields[field] : undefined;
    if (!type)
      throw errors.usage(
        `cannot sort by ${JSON.stringify(field)}`,
        `sort by one of: ${Object.keys(documentFields).join(', ')}`,
      );
    return { field, descending, numeric: type === 'long' };
  });
}
