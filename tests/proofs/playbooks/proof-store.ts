/** The store that the processes of one case share: a file that only one may open at a time, or an Elasticsearch. */
import type { Store } from '../../../core/store.ts';
import { openElasticsearch } from '../../../store/elasticsearch/open.ts';
import { openEmbedded } from '../../../store/embedded/open.ts';

export type StorePlace =
  | { readonly kind: 'embedded'; readonly file: string }
  | { readonly kind: 'elasticsearch'; readonly url: string; readonly prefix: string };

/** `now` is what leases are judged by. */
export const openPlace = (place: StorePlace, now: () => number): Promise<Store> =>
  place.kind === 'embedded'
    ? openEmbedded({ file: place.file, now })
    : openElasticsearch({ nodes: place.url, prefix: place.prefix, now });
