/** What a schema cannot say about settings: names that must exist or be unique, addresses, what needs TLS. */
import type { Problem } from '../core/errors.ts';
import { isLoopback } from './loopback.ts';
import type { Settings } from './settings.ts';
import { type At, checkSource } from './source-meaning.ts';

/** Takes settings that the schema may have found wrong: nothing about their shape is sure. */
export function checkMeaning(settings: Partial<Settings> | null, at: At): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const sources: unknown = settings?.sources;
  for (const [index, source] of (Array.isArray(sources) ? sources : []).entries()) {
    if (typeof source !== 'object' || source === null) continue;
    const inside: At = (pointer) => at(['sources', String(index), ...pointer]);
    problems.push(...checkSource(source, inside, seen, settings?.targets));
  }
  problems.push(...checkIndices(settings ?? {}, at));
  const api = settings?.api;
  if (typeof api?.host === 'string' && !isLoopback(api.host) && !api.tls) {
    problems.push({
      ...at(['api', 'host']),
      message: `${api.host} is not loopback and there is no TLS`,
      hint: 'add api.tls with certFile and keyFile',
    });
  }
  return problems;
}

function checkIndices({ indices, store }: Partial<Settings>, at: At): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const listed: unknown = indices;
  for (const [index, one] of (Array.isArray(listed) ? listed : []).entries()) {
    const id: unknown = (one as { id?: unknown } | null)?.id;
    if (typeof id === 'string' && seen.has(id))
      problems.push({
        ...at(['indices', String(index), 'id']),
        message: `id ${JSON.stringify(id)} is used twice`,
        hint: 'ids of evaluations are unique',
      });
    if (typeof id === 'string') seen.add(id);
  }
  if (Array.isArray(listed) && listed.length > 0 && store?.kind !== 'elasticsearch')
    problems.push({
      ...at(['indices']),
      message: 'the embedded store has no index patterns',
      hint: 'use store: {kind: elasticsearch, …}, or leave "indices" out',
    });
  return problems;
}
