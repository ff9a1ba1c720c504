/** Faults of the service itself: killed from outside after each write of a batch and at random moments, and a clock that jumps back. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpacked, unpackedFile } from '../../testbed/unpacked.ts';
import { openBed } from '../bed.ts';
import { ingestKill } from '../ingest-kill.ts';
import { mb } from '../memory-of.ts';
import { startVictim } from '../victim.ts';
import { type Fault, finish, memoryGrowth } from './fault.ts';
import { logWriter } from './log-writer.ts';

export const killed: Fault = {
  name: 'kill -9 after each write of a batch, and at random moments',
  sources: 'files',
  stores: ['embedded', 'elasticsearch'],
  async run({ store, events, say }) {
    const { cases, lost, doubled, failed } = await ingestKill({ scale: 1, events, stores: [store], say });
    return { times: cases, lost, doubled, failed };
  },
};

const fakeTime = () => unpackedFile('libfaketime', 'usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1');

export const clockBack: Fault = {
  name: 'clock jumps back an hour, killed behind it',
  sources: 'files',
  stores: ['embedded', 'elasticsearch'],
  cannot: () => unpacked(['libfaketime']),
  async run({ store, events, say }) {
    const bed = await openBed(store, events, { written: 'later' });
    const offset = join(bed.folder, 'clock');
    const env = {
      LD_PRELOAD: fakeTime(),
      FAKETIME_TIMESTAMP_FILE: offset,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    };
    try {
      writeFileSync(offset, '+0s\n');
      const writer = logWriter(bed.work.file, bed.work);
      writer.append(Math.ceil(events / 3));
      let victim = await startVictim(bed.settingsFile, { env });
      await victim.until(() => victim.state.checkpoints >= 3);
      writeFileSync(offset, '-1h\n');
      say(`${store}: the clock is an hour back`);
      writer.append(Math.ceil(events / 3));
      writer.rename();
      await victim.until(() => victim.state.checkpoints >= 4);
      await victim.kill();
      victim = await startVictim(bed.settingsFile, { env });
      writer.append(events);
      return await finish(bed, victim, 1);
    } finally {
      await bed.close();
    }
  },
};

export const undisturbed: Fault = {
  name: 'none: memory at 90 % of the run against 30 %',
  sources: 'files',
  stores: ['embedded', 'elasticsearch'],
  async run({ store, events, isShort }) {
    const bed = await openBed(store, events);
    try {
      const victim = await startVictim(bed.settingsFile);
      const outcome = await finish(bed, victim, 0);
      const growth = memoryGrowth(victim);
      return {
        ...outcome,
        // A short run has not met the first full collection of the heap.
        failed: outcome.failed + (!isShort && growth > 1.1 ? 1 : 0),
        note: `memory × ${growth.toFixed(2)}, at most ${mb(victim.state.rss)} MB`,
      };
    } finally {
      await bed.close();
    }
  },
};
