/**
 * Proof `store-outage`: Elasticsearch is killed and started again while the service ingests; afterwards every line is stored
 * once, and the service's memory did not grow by more than its bounded queue while it waited.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { openBed } from './bed.ts';
import { mb, memoryOf } from './memory-of.ts';
import type { Proof } from './proof.ts';
import { startVictim } from './victim.ts';

const LINES = 200_000;
const OUTAGE_MS = 30_000;
/** One batch of the source, its events, matches and the bulk request made of them, and what the collector leaves behind. */
const GROWTH_BYTES = 200 * 1_024 * 1_024;

export const storeOutage: Proof = async ({ scale, events, say }) => {
  const lines = events ?? Math.max(5_000, Math.round(LINES * scale));
  const outageMs = Math.max(3_000, OUTAGE_MS * scale);
  const bed = await openBed('elasticsearch', lines);
  try {
    const server = bed.elasticsearch!;
    const victim = await startVictim(bed.settingsFile);
    await victim.until(() => victim.state.checkpoints >= 3);
    const before = victim.state.rss;
    await server.kill('SIGKILL');
    say(`Elasticsearch killed after ${victim.state.checkpoints} checkpoints`);
    await sleep(outageMs);
    const during = memoryOf(victim.process.pid!);
    await server.start();
    say(`Elasticsearch is back after ${Math.round(outageMs / 1_000)} s`);
    await victim.until(() => victim.state.newestMs === bed.work.lastMs && victim.state.settled);
    await victim.stop();
    const verdict = await bed.judge();
    const growth = Math.max(0, during - before);
    return {
      proof: 'store-outage',
      cases: 1,
      lost: verdict.lost,
      doubled: verdict.doubled,
      failed: verdict.alerts + verdict.ledger + verdict.incidentsWithout + (growth > GROWTH_BYTES ? 1 : 0),
      more: {
        lines,
        'outage s': Math.round(outageMs / 1_000),
        'memory before MB': mb(before),
        'memory at the end of the outage MB': mb(during),
        'most memory MB': mb(victim.state.rss),
      },
    };
  } finally {
    await bed.close();
  }
};
