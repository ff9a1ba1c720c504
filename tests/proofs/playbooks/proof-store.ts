/** The store that the processes of one case share: a file that only one may open at a time, or an Elasticsearch. */
import type { Store } from '../../../core/store.ts';
import { openEmbedded } from '../../../store/embedded/open.ts';

export type StorePlace =
  | { readonly kind: 'embedded'; readonly file: string }
  | { readonly kind: 'elasticsearch'; readonly url: string; readonly prefix: string };

/** `now` is what leases are judged by. */
export async function openPlace(place: StorePlace, now: () => number): Promise<Store> {
  if (place.kind === 'embedded') return await openEmbedded({ file: place.file, now });
  // Its client takes a third of a second to load, in each of many processes that mostly do without.
  const { openElasticsearch } = await import('../../../store/elasticsearch/open.ts');
  return await openElasticsearch({ nodes: place.url, prefix: place.prefix, now });
}
