/** Faults of files: rotated in every way while they are read and while nobody reads, many small ones that begin alike, lines in two halves. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bed, openBed } from '../bed.ts';
import { startVictim, type Victim } from '../victim.ts';
import { type Fault, type FaultContext, finish, type Outcome, untilTrue } from './fault.ts';
import { type LogWriter, logWriter } from './log-writer.ts';

const STEPS = 200;
const SHORT_STEPS = 24;
const SMALL_FILES = 20;
const HEAD = [
  '<38>1 2026-11-01T00:00:00Z app1 payd 1 - - payd 4.2 started',
  '<38>1 2026-11-01T00:00:00Z app1 payd 1 - - settings read',
];

/** Writes in steps; `between` hears the number of the step before it, and may replace the service. */
async function whileRead(
  { store, events, isShort }: FaultContext,
  open: (bed: Bed) => LogWriter,
  between: (
    writer: LogWriter,
    step: number,
    service: { victim: Victim; restart(): Promise<void> },
  ) => Promise<boolean>,
  atEnd?: (victim: Victim) => Promise<void>,
): Promise<Outcome> {
  const steps = isShort ? SHORT_STEPS : STEPS;
  const bed = await openBed(store, events, { written: 'later' });
  try {
    const writer = open(bed);
    const service = {
      victim: await startVictim(bed.settingsFile),
      async restart() {
        await service.victim.kill();
        service.victim = await startVictim(bed.settingsFile);
      },
    };
    let times = 0;
    // It has looked at the folder: from now on everything is its to read.
    await service.victim.until(() => service.victim.state.checkpoints > 0);
    for (let step = 1; !writer.isDone; step++) {
      writer.append(Math.ceil(events / steps));
      if (!writer.isDone && (await between(writer, step, service))) times += 1;
      await sleep(20);
    }
    await atEnd?.(service.victim);
    return await finish(bed, service.victim, times);
  } finally {
    await bed.close();
  }
}

const isEvery = (step: number, count: number) => step % count === count - 1;

export const renamed: Fault = {
  name: 'rotated by rename, killed now and then',
  sources: 'files',
  stores: ['embedded', 'elasticsearch'],
  run: (context) =>
    whileRead(
      context,
      ({ work }) => logWriter(work.file, work),
      async (writer, step, service) => {
        // The program goes on writing into the renamed file for a moment, as until it is told.
        if (isEvery(step, 8)) await service.restart();
        if (!isEvery(step, 4)) return false;
        writer.rename();
        return true;
      },
    ),
};

export const copied: Fault = {
  name: 'copytruncate, killed now and then',
  sources: 'files',
  stores: ['embedded', 'elasticsearch'],
  run: (context) =>
    whileRead(
      context,
      ({ work }) => logWriter(work.file, work),
      async (writer, step, service) => {
        if (isEvery(step, 8)) await service.restart();
        if (!isEvery(step, 4)) return false;
        writer.copyTruncate();
        return true;
      },
    ),
};

export const deleted: Fault = {
  name: 'deleted and made anew while read',
  sources: 'files',
  stores: ['embedded'],
  run: (context) =>
    whileRead(
      context,
      ({ work }) => logWriter(work.file, work),
      async (writer, step, service) => {
        if (!isEvery(step, 4)) return false;
        // Open at the reader, and then with lines in it that were not read yet.
        await service.victim.until(() => service.victim.state.read >= writer.written);
        writer.append(Math.ceil(context.events / STEPS));
        writer.delete();
        return true;
      },
      // Only the process that has a deleted file open can read its rest.
      (victim) => victim.until(() => victim.state.read >= context.events),
    ),
};

export const halved: Fault = {
  name: 'killed while a line is half written',
  sources: 'files',
  stores: ['embedded'],
  run: (context) =>
    whileRead(
      context,
      ({ work }) => logWriter(work.file, work),
      async (writer, step, service) => {
        if (!isEvery(step, 8)) return false;
        const line = writer.startLine();
        await untilTrue(() => service.victim.state.settled);
        await service.restart();
        line.finish();
        return true;
      },
    ),
};

export const alike: Fault = {
  name: `${SMALL_FILES} small files with equal heads, rotated, killed now and then`,
  sources: 'files',
  stores: ['embedded'],
  async run({ store, events, isShort }) {
    const names = Array.from({ length: SMALL_FILES }, (_, n) => `svc-${n}.log`);
    const bed = await openBed(store, events, {
      written: 'later',
      source: (folder) => ({ files: names.map((name) => join(folder, name)) }),
    });
    try {
      const writers = names.map((name) => logWriter(join(bed.folder, name), bed.work, HEAD));
      let victim = await startVictim(bed.settingsFile);
      await victim.until(() => victim.state.checkpoints >= SMALL_FILES);
      const steps = isShort ? SHORT_STEPS : STEPS;
      let times = 0;
      for (let step = 1; bed.work.written < bed.work.lines; step++) {
        for (const [n, writer] of writers.entries()) {
          writer.append(Math.ceil(events / steps / SMALL_FILES));
          if ((step + n) % 5 !== 0) continue;
          writer.rename();
          times += 1;
        }
        await sleep(20);
        if (!isEvery(step, 8)) continue;
        await victim.kill();
        victim = await startVictim(bed.settingsFile);
      }
      return await finish(bed, victim, times);
    } finally {
      await bed.close();
    }
  },
};
