/**
 * Bench `scale`: measures here what an audit event costs Vigia and Elasticsearch, and computes from it what 1 GB to 10 TB a day
 * need: a simulated day in the collecting processes, arithmetic for the cluster. docs/sizing.md explains each step.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startElasticsearch } from '../testbed/elasticsearch.ts';
import { writeInput } from './delivery/inputs.ts';
import { type Bed, counted, RULES, runVigia } from './delivery.ts';
import { type Bench, type BenchOptions, repeat } from './measure.ts';
import { clusterFor, type Node, type PerEvent } from './scale/cluster.ts';
import { dayCurve } from './scale/day.ts';
import { processesFor } from './scale/simulate.ts';

const RECORDS = 200_000;
const NODE: Node = { cores: 16, diskBytes: 8e12 };
const DATASETS = 20;

/** How long what comes is kept: the more it is, the shorter (docs/sizing.md says why). */
const VOLUMES: readonly { name: string; bytesPerDay: number; sources: number; days: number }[] = [
  { name: '1 GB', bytesPerDay: 1e9, sources: 50, days: 400 },
  { name: '10 GB', bytesPerDay: 10e9, sources: 200, days: 400 },
  { name: '100 GB', bytesPerDay: 100e9, sources: 500, days: 400 },
  { name: '1 TB', bytesPerDay: 1e12, sources: 2_000, days: 180 },
  { name: '10 TB', bytesPerDay: 10e12, sources: 10_000, days: 90 },
];

interface Measured extends PerEvent {
  /** Of ours, all rules matching, in seconds per million. */
  collectCpuS: number;
}

export const scale: Bench = (options) =>
  repeat('scale', options, async () => {
    const event = await measure(options);
    const figures: Record<string, number> = {
      'bytes of a record': event.rawBytes,
      'bytes of it in Elasticsearch': event.storedBytes,
      'CPU s per million, Vigia with all rules': event.collectCpuS,
      'CPU s per million, Elasticsearch': event.indexCpuS,
    };
    for (const volume of VOLUMES) Object.assign(figures, need(volume, event));
    return figures;
  });

export function need(
  { name, bytesPerDay, sources, days }: (typeof VOLUMES)[number],
  event: Measured,
): Record<string, number> {
  const peak = Math.max(...dayCurve());
  const cluster = clusterFor(bytesPerDay, { event, node: NODE, days, datasets: DATASETS, peak });
  const eventsPerS = cluster.eventsPerDay / 86_400;
  const day = processesFor({ sources, eventsPerS, perProcess: 1e6 / event.collectCpuS });
  const figures: Record<string, number> = {
    'events/s, mean': eventsPerS,
    'events/s, busiest minute': eventsPerS * peak,
    'collecting processes': day.processes,
    'busy share of their cores': day.busy,
    'flood: longest wait s': day.floodLagS,
    'flood: minutes until drained': day.drainedMinutes,
    'days kept': days,
    copies: cluster.copies,
    'datasets that need days': cluster.daily,
    'shards of the largest partition': cluster.largestShards,
    'new shards a day, without copies': cluster.shardsPerDay,
    'GB on disk at the end of retention': (cluster.storedBytesPerDay * days * cluster.copies) / 1e9,
    'Elasticsearch nodes, by CPU': cluster.nodesByCpu,
    'Elasticsearch nodes, by disk': cluster.nodesByDisk,
    'Elasticsearch nodes': cluster.nodes,
    'shards on a node': cluster.shardsPerNode,
  };
  return Object.fromEntries(
    Object.entries(figures).map(([figure, value]) => [`${name} a day: ${figure}`, rounded(value)]),
  );
}

async function measure({ scale, say }: BenchOptions): Promise<Measured> {
  const records = Math.round(RECORDS * scale);
  const folder = mkdtempSync(join(tmpdir(), 'vigia-bench-'));
  const server = await startElasticsearch({ javaOptions: [], heapMb: 1_024 });
  try {
    const file = join(folder, 'input');
    const rawBytes = await writeInput('audit', records, file);
    const bed: Bed = { server, folder, file, name: 'audit', records, say };
    const figures = await counted(bed, 'vigia', () => runVigia(bed, 'scale', RULES));
    return {
      rawBytes,
      storedBytes: (await storedBytes(server.url)) / records,
      collectCpuS: figures['audit, vigia: CPU s per million']!,
      indexCpuS: figures["audit, vigia: Elasticsearch's CPU s per million"]!,
    };
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

async function storedBytes(url: string): Promise<number> {
  await fetch(`${url}/scale-events-*/_forcemerge?max_num_segments=1`, { method: 'POST' });
  const answer = await fetch(`${url}/scale-events-*/_stats/store`);
  const stats = (await answer.json()) as { _all: { primaries: { store: { size_in_bytes: number } } } };
  return stats._all.primaries.store.size_in_bytes;
}

const rounded = (value: number): number => (value < 10 ? Math.round(value * 100) / 100 : Math.round(value));
