/**
 * Proof `ingest-kill`: the service is killed (SIGKILL, from outside) after each write of a batch and at random moments while
 * it ingests a file; after the last restart every line is stored once, every alert exists once, the ledger balances.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WriteStage } from '../../collectors/run.ts';
import { openBed } from './bed.ts';
import type { Proof } from './proof.ts';
import { startVictim } from './victim.ts';

const LINES = 200_000;
const STAGES: readonly WriteStage[] = ['events', 'matches', 'alerts', 'dead-letters', 'batch', 'checkpoint'];
const RANDOM_KILLS = 20;
/** Twenty kills within this time each leave some of the file for the last run. */
const LONGEST_MS = 1_000;

export const ingestKill: Proof = async ({ scale, events, stores, say }) => {
  const result = {
    proof: 'ingest-kill',
    cases: 0,
    lost: 0,
    doubled: 0,
    failed: 0,
    more: {} as Record<string, number | string>,
  };
  const lines = events ?? Math.max(2_000, Math.round(LINES * scale));
  const randomKills = Math.max(2, Math.round(RANDOM_KILLS * Math.min(scale * 2.5, 1)));
  for (const store of stores) {
    const bed = await openBed(store, lines);
    try {
      for (const stage of STAGES) {
        if (await bed.isRead()) break;
        const victim = await startVictim(bed.settingsFile, { cut: { stage, after: 2 } });
        await victim.until(() => victim.state.cut || victim.state.newestMs === bed.work.lastMs);
        await victim.kill();
        result.cases += 1;
        say(`${store}: killed after writing ${stage}`);
      }
      for (let kill = 0; kill < randomKills && !(await bed.isRead()); kill++) {
        const victim = await startVictim(bed.settingsFile);
        // At least one batch of progress, so that the kills spread over the file; then any moment within the next batches.
        await victim.until(() => victim.state.checkpoints > 0);
        const moment = Math.random() * LONGEST_MS * scale;
        await sleep(moment);
        await victim.kill();
        result.cases += 1;
        say(
          `${store}: killed ${Math.round(moment)} ms into its work, ${victim.state.checkpoints} checkpoints on`,
        );
      }
      if (!(await bed.isRead())) {
        const victim = await startVictim(bed.settingsFile);
        await victim.until(() => victim.state.newestMs === bed.work.lastMs && victim.state.settled);
        await victim.stop();
      }
      const verdict = await bed.judge();
      result.lost += verdict.lost;
      result.doubled += verdict.doubled;
      result.failed += verdict.alerts + verdict.ledger + verdict.incidentsWithout;
      result.more[`${store}: lines`] = lines;
      result.more[`${store}: wrong alerts`] = verdict.alerts;
      result.more[`${store}: ledger difference`] = verdict.ledger;
    } finally {
      await bed.close();
    }
  }
  return result;
};
