/** Field types of indices that other shippers fill: asked of the cluster, trusted only where they are the same everywhere. */
import type { Client } from '@elastic/elasticsearch';
import type { Condition } from '../../core/conditions/tree.ts';
import { errors } from '../../core/errors.ts';
import { fieldsOf } from '../condition-fields.ts';
import { remotely } from './connection.ts';
import type { FieldType, TypeOf } from './templates.ts';

/**
 * Keywords of others may keep letter case and null values are not marked there, so only addresses and numbers narrow the
 * search; everything else is decided by the matcher.
 */
const TRUSTED: Readonly<Record<string, FieldType>> = {
  ip: 'ip',
  long: 'double',
  integer: 'double',
  double: 'double',
};

/** A range on a field that is no date, or not there, would find nothing and say nothing. */
export async function dateFieldOrRefuse(
  client: Client,
  indices: readonly string[],
  field: string,
): Promise<void> {
  const answer = await remotely('read field types', () =>
    client.fieldCaps({
      index: [...indices],
      fields: [field],
      include_unmapped: true,
      ignore_unavailable: true,
    }),
  );
  // No index yet is no mistake.
  if ([answer.indices].flat().length === 0) return;
  const types = Object.keys(answer.fields[field] ?? { unmapped: {} });
  if (types.every((type) => type === 'date' || type === 'date_nanos')) return;
  throw errors.remote(
    'Elasticsearch',
    `read ${indices.join(',')} by ${field}`,
    `the field is ${types.join(' or ')} in some index, not a date`,
    'name a field in which every index keeps when an event arrived',
  );
}

export async function foreignTypes(
  client: Client,
  indices: readonly string[],
  condition: Condition,
): Promise<TypeOf> {
  const fields = fieldsOf(condition);
  if (fields.length === 0) return () => 'none';
  const answer = await remotely('read field types', () =>
    client.fieldCaps({ index: [...indices], fields, ignore_unavailable: true }),
  );
  return (field) => {
    const types = Object.entries(answer.fields[field] ?? {});
    const [only] = types;
    return types.length === 1 && only![1].searchable ? (TRUSTED[only![0]] ?? 'none') : 'none';
  };
}
