/** Makes an index that several processes may make at once; mapping and other settings come from its template. */
import type { Client, estypes } from '@elastic/elasticsearch';
import { remotely, typeOfFailure } from './connection.ts';

/** False when it was there, or somebody else made it meanwhile. */
export async function createIndex(
  client: Client,
  index: string,
  settings: estypes.IndicesIndexSettings = {},
): Promise<boolean> {
  try {
    await client.indices.create({ index, settings });
    return true;
  } catch (cause) {
    if (typeOfFailure(cause) === 'resource_already_exists_exception') return false;
    return await remotely(`create index ${index}`, () => Promise.reject(cause));
  }
}
