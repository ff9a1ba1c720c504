/**
 * The process that bench `delivery` measures: reads one file to its end and delivers it to Elasticsearch as the service does,
 * with these rules or with none. What it cost is counted from the moment it is ready, its memory from the start.
 */
import { run, type Source } from '../../../collectors/run.ts';
import type { Evaluate } from '../../../core/evaluate.ts';
import { compose } from '../../../server/compose.ts';
import { deliveryOf } from '../../../server/roles/collect.ts';
import { readSettings } from '../../../server/settings.ts';
import { sourcesOf } from '../../../server/sources.ts';
import type { ProcessCost } from './cost.ts';
import { eventsOf } from './documents.ts';

export interface VigiaTask {
  kind: 'deliver' | 'match';
  url: string;
  prefix: string;
  state: string;
  collector: string;
  file: string;
  /** Folders of rules; none at all when empty. */
  rules: readonly string[];
}

const task = JSON.parse(process.argv[2]!) as VigiaTask;
process.env['VIGIA_LOG'] = 'error';
const parts = await compose({
  ...readSettings(undefined, {}),
  state: task.state,
  retentionDays: 36_500,
  rules: [...task.rules],
  store: { kind: 'elasticsearch', nodes: [task.url], prefix: task.prefix },
});
const [source] = await sourcesOf({ id: 'bench', collector: task.collector, files: [task.file] }, task.state);
const cost =
  task.kind === 'deliver' ? await delivered(source!) : await matched(source!, parts.detection.evaluate);
await parts.close();
process.stdout.write(`${JSON.stringify(cost)}\n`);

async function delivered(from: Source): Promise<ProcessCost> {
  let events = 0;
  const delivery = deliveryOf(parts, {
    observe: ({ stored }) => void (events += stored),
    ...(task.rules.length === 0 ? { evaluate: async () => ({ matches: [], alerts: [] }) } : {}),
  });
  const before = process.cpuUsage();
  const started = performance.now();
  await run(from, delivery, { signal: new AbortController().signal, until: 'end' });
  const seconds = (performance.now() - started) / 1_000;
  return { events, seconds, cpuS: secondsOf(process.cpuUsage(before)), peakMb: peakMb() };
}

/** The matcher alone, over the same events: reading and normalising are not counted. */
async function matched(from: Source, evaluate: Evaluate): Promise<ProcessCost> {
  const cost: ProcessCost = { events: 0, seconds: 0, cpuS: 0, peakMb: 0 };
  for await (const prepared of eventsOf(task.file, from)) {
    const events = prepared.map(({ event }) => event);
    const before = process.cpuUsage();
    const started = performance.now();
    await evaluate(events);
    cost.seconds += (performance.now() - started) / 1_000;
    cost.cpuS += secondsOf(process.cpuUsage(before));
    cost.events += events.length;
  }
  return { ...cost, peakMb: peakMb() };
}

function secondsOf({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}

function peakMb(): number {
  return process.resourceUsage().maxRSS / 1_024;
}
