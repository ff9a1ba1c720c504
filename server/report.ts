/** What `vigia health` and the console show: store, sources, rules, dead letters, open incidents. */
import { equals } from '../core/conditions/tree.ts';
import type { Parts } from './parts.ts';

export interface HealthReport {
  store: { kind: string; state: string; detail: string; events: number; bytes: number };
  rules: { loaded: number; refused: number; refusals: readonly string[] };
  sources: {
    id: string;
    collector: string;
    generation: number;
    lastAt: string;
    /** Datagrams lost before they were read, since this process listens for them. */
    lost?: { kernel: number; spool: number };
  }[];
  deadLetters: number;
  incidents: Record<string, number>;
  /** Exceptions that wait for a second person, and those that end soon. */
  exceptions: { proposed: string[]; ending: { id: string; days: number }[] };
}

export async function report({
  store,
  detection,
  exceptions,
  metrics,
  settings,
}: Parts): Promise<HealthReport> {
  const [health, size, checkpoints, dead, open, agreed] = await Promise.all([
    store.health(),
    store.size(),
    store.documents.find('checkpoint', { sort: ['source'], size: 10_000 }),
    store.documents.aggregate('dead-letter', {
      where: equals('state', 'waiting'),
      groupBy: ['source'],
      measure: { kind: 'count' },
    }),
    store.documents.aggregate('incident', {
      where: { op: 'not', of: equals('state', 'closed') },
      groupBy: ['severity'],
      measure: { kind: 'count' },
    }),
    exceptions.list(),
  ]);
  const lost = new Map<string, { kernel: number; spool: number }>();
  for (const { id } of settings.sources) {
    const kernel = await metrics.counted('vigia_udp_kernel_dropped_total', { source: id });
    const spool = await metrics.counted('vigia_spool_dropped_total', { source: id });
    // A source that also reads files calls its stream from the network so.
    if (kernel !== undefined && spool !== undefined)
      for (const stream of [id, `${id}/spool`]) lost.set(stream, { kernel, spool });
  }
  const standings = agreed.map((one) => ({ id: one.id, ...exceptions.standing(one) }));
  return {
    store: { kind: store.capabilities.name, ...health, ...size },
    rules: { loaded: detection.loaded, refused: detection.refused.length, refusals: detection.refused },
    sources: checkpoints.found.map(({ body }) => ({
      id: body.source,
      collector: body.collector,
      generation: body.generation,
      lastAt: body.at,
      ...(lost.has(body.source) ? { lost: lost.get(body.source)! } : {}),
    })),
    deadLetters: dead.reduce((sum, { value }) => sum + value, 0),
    exceptions: {
      proposed: standings.filter(({ standing }) => standing === 'proposed').map(({ id }) => id),
      ending: standings.flatMap(({ id, endsInDays: days }) => (days === undefined ? [] : [{ id, days }])),
    },
    incidents: Object.fromEntries(open.map(({ key: [severity], value }) => [severity ?? 'unknown', value])),
  };
}
