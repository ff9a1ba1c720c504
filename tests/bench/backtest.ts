/** Bench `backtest`: all active public rules over five million stored events on a real Elasticsearch; storing them is not counted. */
import { backtest, type DetectionRule, loadRules } from '../../detections/index.ts';
import { openElasticsearch } from '../../store/elasticsearch/open.ts';
import { recordedEvents } from '../proofs/equal-answers-corpus.ts';
import { storable } from '../proofs/equal-answers-stores.ts';
import { activeFolders } from '../reference/rule.ts';
import { startElasticsearch } from '../testbed/elasticsearch.ts';
import { type Bench, repeat } from './measure.ts';

/** `VIGIA_BENCH_EVENTS` stores fewer. */
const EVENTS = Number(process.env['VIGIA_BENCH_EVENTS'] ?? 5_000_000);
const BATCH = 2_000;
const DATASET = 'bench.backtest';
const SPAN = { from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' };

export const backtestAll: Bench = async (options) => {
  const server = await startElasticsearch({ javaOptions: [] });
  const store = await openElasticsearch({ nodes: server.url });
  try {
    await store.migrate();
    await fill(store, options.say);
    await fetch(`${server.url}/_refresh`, { method: 'POST' });
    const rules = loadRules(activeFolders()).rules.filter(
      (rule): rule is DetectionRule => rule.kind === 'rule',
    );
    return await repeat('backtest', options, async () => {
      const cpu = process.cpuUsage();
      const { signal } = new AbortController();
      const run = backtest({ store, rules, ...SPAN, signal, now: () => performance.now() });
      const result = await run.finished;
      const used = process.cpuUsage(cpu);
      if (!result.complete || result.cost.decided !== EVENTS)
        throw new Error(`${result.cost.decided} of ${EVENTS} events were read`);
      return {
        rules: rules.length,
        events: EVENTS,
        'events fetched': result.cost.fetched,
        matches: result.rules.reduce((sum, { matches }) => sum + matches, 0),
        'rules that match': result.rules.filter(({ matches }) => matches > 0).length,
        seconds: Math.round(result.cost.seconds * 10) / 10,
        'own CPU s': Math.round((used.user + used.system) / 1e5) / 10,
        'memory MB': Math.round(process.memoryUsage().rss / 1_048_576),
      };
    });
  } finally {
    await store.close();
    await server.stop();
  }
};

/** The recorded events again and again, spread evenly over the span. */
async function fill(store: Awaited<ReturnType<typeof openElasticsearch>>, say: (line: string) => void) {
  const recorded = recordedEvents().map(({ event }) => event);
  const startMs = Date.parse(SPAN.from);
  const stepMs = (Date.parse(SPAN.to) - startMs) / EVENTS;
  const started = performance.now();
  for (let first = 0; first < EVENTS; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, EVENTS - first) }, (_, index) => {
      const number = first + index;
      const atMs = startMs + Math.floor(number * stepMs);
      const content = { ...recorded[number % recorded.length]!, '@timestamp': new Date(atMs).toISOString() };
      return { partition: `vigia-events-${DATASET}-2026.11`, event: storable(content, DATASET, number) };
    });
    // A request that was sent again after its answer was lost finds its own events.
    for (const { outcome } of await store.events.append(batch))
      if (outcome !== 'stored' && outcome !== 'duplicate')
        throw new Error(`an event was not stored: ${outcome}`);
    if (first % (BATCH * 50) === 0)
      say(`${first + batch.length} stored, ${Math.round((performance.now() - started) / 1_000)} s`);
  }
}
