/**
 * Which fields the embedded store indexes by value, and the terms they get. A term is the lower-cased text of a value, cut:
 * equal values always share a term, so a look-up by term never misses one; values that only share a term are told apart by
 * the matcher. Events: the fields that hunts, correlation and erasure start from. Documents: `documentFields`, less the
 * long texts that nobody looks up.
 */
import { readField, segmentsOf } from '../../core/conditions/values.ts';
import { documentFields } from '../document-fields.ts';

/**
 * Fields by the key under which their terms are kept (`event_terms.field`). Who and where share one key: an event names the
 * same user, host and address several times, and a row for each would cost a third of the writing speed.
 */
const EVENT_FIELDS: readonly (readonly string[])[] = [
  ['event.dataset'],
  ['event.code'],
  ['event.action'],
  ['host.name', 'user.name', 'source.ip', 'related.user', 'related.ip', 'related.hosts'],
];

const TERM_LENGTH = 200;

/** Dates, counters and titles sort documents but select few of them: not worth a row per document. */
const NOT_LOOKED_UP = new Set([
  'alertCount',
  'eventCount',
  'created',
  'at',
  'event.at',
  'from',
  'to',
  'title',
  'datasets',
  'expires',
]);
const DOCUMENT_FIELDS = Object.keys(documentFields).filter((field) => !NOT_LOOKED_UP.has(field));

export const termOf = (text: string): string => text.toLowerCase().slice(0, TERM_LENGTH);

/** Answers the key of a field in the terms table, or undefined when the field is not indexed. */
export type FieldKey = (field: string) => string | number | undefined;

const eventKeys = new Map(
  EVENT_FIELDS.flatMap((fields, key) => fields.map((field) => [field, key] as const)),
);
export const eventFieldKey: FieldKey = (field) => eventKeys.get(field);
const documentKeys = new Set(DOCUMENT_FIELDS);
export const documentFieldKey: FieldKey = (field) => (documentKeys.has(field) ? field : undefined);

export interface Term {
  key: string | number;
  term: string;
}

const eventPaths = EVENT_FIELDS.map((fields, key) => ({ key, paths: fields.map(segmentsOf) }));
const documentPaths = DOCUMENT_FIELDS.map((key) => ({ key, paths: [segmentsOf(key)] }));

export const eventTerms = (event: object): Term[] => termsOf(event, eventPaths);
export const documentTerms = (body: object): Term[] => termsOf(body, documentPaths);

function termsOf(
  document: object,
  fields: readonly { key: string | number; paths: readonly (readonly string[])[] }[],
): Term[] {
  const terms: Term[] = [];
  for (const { key, paths } of fields) {
    const texts = new Set<string>();
    for (const path of paths) {
      for (const value of readField(document, path)?.values ?? [])
        texts.add(value.lower.slice(0, TERM_LENGTH));
    }
    for (const term of texts) terms.push({ key, term });
  }
  return terms;
}
