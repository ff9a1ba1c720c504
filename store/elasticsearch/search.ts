/** Searching: whole answers or none, and consistent pages over a point in time. */
import type { Client, estypes } from '@elastic/elasticsearch';
import { errors } from '../../core/errors.ts';
import { remotely, statusBehind } from './connection.ts';

export type Hit = estypes.SearchHit<object>;

/** A search that fails rather than answer from some of the shards. */
export async function search(
  client: Client,
  request: estypes.SearchRequest,
): Promise<estypes.SearchResponse<object>> {
  const answer = await remotely('search', () =>
    client.search<object>({ track_total_hits: false, allow_partial_search_results: false, ...request }),
  );
  if (answer.timed_out || answer._shards.failed > 0) {
    throw errors.remote(
      'Elasticsearch',
      'search',
      `only part of the answer came (${answer._shards.failed} shards failed)`,
      'the call may be repeated',
    );
  }
  return answer;
}

/** How long a page may take to be asked for after the one before. */
const KEEP_ALIVE = '3m';

export async function openView(client: Client, index: string): Promise<string> {
  const view = await remotely('open a point in time', () =>
    client.openPointInTime({ index, keep_alive: KEEP_ALIVE, ignore_unavailable: true }),
  );
  return view.id;
}

export async function closeView(client: Client, id: string): Promise<void> {
  // Already gone is closed, too.
  await remotely('close a point in time', () => client.closePointInTime({ id }, { ignore: [404] }));
}

export interface ViewPlace {
  view: string;
  after?: estypes.SortResults;
}

/** The next hits of a view, with its newest id. */
export async function searchView(
  client: Client,
  place: ViewPlace,
  request: Pick<estypes.SearchRequest, 'query' | 'sort' | 'size' | 'aggs' | '_source'>,
): Promise<{ hits: Hit[]; view: string }> {
  try {
    const answer = await search(client, {
      ...request,
      pit: { id: place.view, keep_alive: KEEP_ALIVE },
      ...(place.after ? { search_after: sendable(place.after) } : {}),
    });
    return { hits: answer.hits.hits, view: answer.pit_id ?? place.view };
  } catch (cause) {
    if (statusBehind(cause) !== 404) throw cause;
    throw errors.usage(
      'this view has expired',
      `begin again with the first page; ask for the next page within ${KEEP_ALIVE}`,
    );
  }
}

/** Missing numbers sort as the largest or smallest 64-bit integer, which JavaScript cannot hold: send them as text. */
export const sendable = (sort: estypes.SortResults): estypes.SortResults =>
  sort.map((value) =>
    typeof value === 'number' && Math.abs(value) >= 2 ** 63
      ? value > 0
        ? '9223372036854775807'
        : '-9223372036854775808'
      : value,
  );
