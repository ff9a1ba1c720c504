/** Reads a list that the API gives in pages to its end: what a command shows or counts is whole. */
import type { Api } from './api.ts';

/** `everyOne<Run>(api, '/api/v1/runs', 'runs')`; `list` is the key under which a page holds its part. */
export async function everyOne<T>(
  api: Api,
  path: string,
  list: string,
  query = new URLSearchParams(),
): Promise<T[]> {
  const all: T[] = [];
  for (let next: string | undefined; ; ) {
    const asked = next === undefined ? query : new URLSearchParams([...query, ['after', next]]);
    const page = await api.get<Record<string, unknown>>(`${path}?${asked}`);
    all.push(...(page[list] as T[]));
    if (page['next'] === undefined) return all;
    next = String(page['next']);
  }
}
