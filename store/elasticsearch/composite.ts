/** Complete counts by Elasticsearch itself, page by page; never a top N. */
import type { Client, estypes } from '@elastic/elasticsearch';
import type { Bucket } from '../../core/store.ts';
import { type Aggregation, byKey } from '../aggregate.ts';
import type { Query } from './condition-dsl.ts';
import { search } from './search.ts';
import type { TypeOf } from './templates.ts';

const PAGE = 5_000;

type Composite = Record<string, { terms: { field: string; missing_bucket?: boolean } }>;

/**
 * Undefined when the index does not hold what is asked for: a field that is not indexed by its text, or values that are not
 * indexed. The caller then counts the documents themselves.
 */
export async function compositeBuckets(
  client: Client,
  index: string,
  query: Query,
  { groupBy, measure }: Aggregation,
  typeOf: TypeOf,
): Promise<Bucket[] | undefined> {
  if (groupBy.length === 0 || groupBy.some((field) => typeOf(field) !== 'keyword')) return undefined;
  // Sums over keywords and distinct numbers written in two ways are counted from the documents.
  if (
    measure.kind === 'distinct'
      ? typeOf(measure.field) !== 'keyword'
      : measure.kind !== 'count' && !isNumber(measure.field, typeOf)
  )
    return undefined;
  const fields = [...groupBy, ...(measure.kind === 'count' ? [] : [measure.field])];
  if (await hasUnindexed(client, index, query, fields)) return undefined;

  const sources: Composite[] = groupBy.map((field, i) => ({
    [`g${i}`]: { terms: { field, missing_bucket: true } },
  }));
  if (measure.kind === 'distinct')
    sources.push({ value: { terms: { field: measure.field, missing_bucket: true } } });
  const aggs =
    measure.kind === 'count' || measure.kind === 'distinct'
      ? {}
      : { aggs: { value: { [measure.kind]: { field: measure.field } } } };
  const buckets = new Map<string, Bucket>();
  let after: Record<string, estypes.FieldValue> | undefined;
  do {
    const answer = await search(client, {
      index,
      ignore_unavailable: true,
      size: 0,
      query,
      aggs: { groups: { composite: { size: PAGE, sources, ...(after ? { after } : {}) }, ...aggs } },
    });
    const page = answer.aggregations?.['groups'] as CompositePage | undefined;
    for (const found of page?.buckets ?? []) {
      const key = groupBy.map((_, i) => found.key[`g${i}`] ?? null);
      const name = JSON.stringify(key);
      const bucket = buckets.get(name) ?? { key, value: 0 };
      if (measure.kind === 'count') bucket.value = found.doc_count;
      else if (measure.kind === 'distinct') bucket.value += found.key['value'] === null ? 0 : 1;
      else bucket.value = found.value?.value ?? 0;
      buckets.set(name, bucket);
    }
    after = page?.after_key;
  } while (after);
  return [...buckets.values()].sort(byKey);
}

interface CompositePage {
  after_key?: Record<string, estypes.FieldValue>;
  buckets: { key: Record<string, string | null>; doc_count: number; value?: { value: number | null } }[];
}

const isNumber = (field: string, typeOf: TypeOf): boolean =>
  typeOf(field) === 'long' || typeOf(field) === 'double';

/** Over-long or malformed values, or values beyond the field limit, or text in a number field. */
async function hasUnindexed(
  client: Client,
  index: string,
  query: Query,
  fields: readonly string[],
): Promise<boolean> {
  const names = fields.flatMap((field) =>
    field.split('.').map((_, i, parts) => parts.slice(0, i + 1).join('.')),
  );
  const answer = await search(client, {
    index,
    ignore_unavailable: true,
    size: 0,
    track_total_hits: 1,
    query: { bool: { filter: [query, { terms: { _ignored: names } }] } },
  });
  const { total } = answer.hits;
  return (typeof total === 'number' ? total : (total?.value ?? 0)) > 0;
}
