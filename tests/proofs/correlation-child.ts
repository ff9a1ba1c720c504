/** The process that correlates the proof's matches and is killed meanwhile. What it had done is in the folder it is given. */
import { pino } from 'pino';
import { openDetection } from '../../server/detection.ts';
import type { Parts } from '../../server/parts.ts';
import { openRounds } from '../../server/roles/detect.ts';
import { openWorkload, type WorkloadRun } from './correlation-files.ts';
import { LATENESS_MS, TIMESPAN_MS } from './correlation-matches.ts';
import { proofStore } from './correlation-store.ts';

/** Batches that a round of a busy service finds. */
const BATCHES_AT_ONCE = 8;

const [folder] = process.argv.slice(2) as [string];
const { matches, keys, rules, alertsFile } = openWorkload(folder);
const proof = proofStore(matches, keys, alertsFile);
let nowMs = proof.nowMs();
const run: WorkloadRun = {
  matches: matches.count,
  wallMs: 0,
  cpuMs: 0,
  rssBefore: 0,
  rssMost: 0,
  pointsMost: 0,
  late: 0,
};

const parts = {
  store: proof.store,
  detection: await openDetection({ rules: [rules], placeholders: {}, shadow: [] }),
  settings: { correlation: { latenessMinutes: LATENESS_MS / 60_000 } },
  incidents: { raise: async () => ({ created: [], touched: [] }) },
  metrics: {
    count: (name: string, _labels: undefined, by: number) => {
      if (name === 'vigia_correlation_late_total') run.late += by;
    },
    set: (_name: string, _labels: undefined, points: number) => {
      run.pointsMost = Math.max(run.pointsMost, points);
    },
  },
  log: pino({ level: 'warn' }),
  now: () => nowMs,
  // The parts that detection uses.
} as unknown as Parts;

const rounds = openRounds(parts);
run.rssBefore = process.memoryUsage().rss;
process.send?.({ ready: true });
const started = performance.now();
const cpu = process.cpuUsage();
let isOver = false;
for (;;) {
  const isMore = await rounds.round(false);
  run.rssMost = Math.max(run.rssMost, process.memoryUsage().rss);
  if (isMore) continue;
  const published = proof.publish(BATCHES_AT_ONCE);
  if (published !== undefined) nowMs = published;
  else if (isOver) break;
  else {
    // Everything is read: the last windows have yet to end, and what is late to come.
    isOver = true;
    nowMs += LATENESS_MS + TIMESPAN_MS + 1;
  }
}
await rounds.close();
const used = process.cpuUsage(cpu);
run.wallMs = performance.now() - started;
run.cpuMs = (used.user + used.system) / 1_000;
process.send?.({ run });
process.disconnect?.();
