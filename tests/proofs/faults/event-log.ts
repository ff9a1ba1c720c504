/** An event log (EVTX) that a program fills while it is read and the service is killed, as Windows does: in chunks, the last rewritten. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chunk, type ElementPart, file, text } from '../../../collectors/evtx/synthetic.ts';
import type { Event } from '../../../core/event.ts';
import { openBed } from '../bed.ts';
import { startVictim } from '../victim.ts';
import { type Telling, takeLines, type Workload } from '../workload.ts';
import { type Fault, finish, untilQuiet } from './fault.ts';

const STEPS = 200;
const SHORT_STEPS = 24;
const KILL_EVERY = 10;
const HEADER_BYTES = 4_096;
const CHUNK_BYTES = 65_536;
/** Leaves room for the template and for what surrounds the values of a record. */
const VALUE_BYTES = 56_000;
const RECORD_BYTES = 80;

const named = (name: string, value: string): ElementPart => ({ name, children: [{ text: value }] });
const datum = (name: string, hole: number): ElementPart => ({
  name: 'Data',
  attributes: { Name: { text: name } },
  children: [{ hole }],
});
const TEMPLATE: ElementPart = {
  name: 'Event',
  children: [
    {
      name: 'System',
      children: [
        { name: 'Provider', attributes: { Name: { text: 'Vigia-Proof' } } },
        named('EventID', '1000'),
        named('Channel', 'Application'),
        named('Computer', 'app1.example.test'),
      ],
    },
    { name: 'EventData', children: [datum('Line', 0), datum('Burst', 1)] },
  ],
};

const lineOf = ({ winlog }: Event): string => String(winlog?.event_data?.['Line'] ?? '');
const TELLING: Telling = { product: 'windows', field: 'Line', group: 'Burst', textOf: lineOf };

/** Appends records; the header says that the log is in use. */
function eventLog(path: string, work: Workload) {
  const descriptor = openSync(path, 'w');
  let chunks = 0;
  let first = 1;
  let open: string[] = [];
  let bytes = 0;
  const write = () => {
    const values = open.map((line) => [text(line), text(/^\S+ \S+ \S+ \S+ (\d+)/.exec(line)?.[1] ?? '')]);
    writeSync(
      descriptor,
      chunk(TEMPLATE, values, first),
      0,
      CHUNK_BYTES,
      HEADER_BYTES + chunks * CHUNK_BYTES,
    );
    writeSync(descriptor, file([], { count: chunks + 1, flags: 1 }), 0, HEADER_BYTES, 0);
  };
  return {
    append(count: number) {
      for (const line of takeLines(work, count)) {
        const size = RECORD_BYTES + 2 * line.length;
        if (bytes + size > VALUE_BYTES) {
          write();
          chunks += 1;
          first += open.length;
          [open, bytes] = [[], 0];
        }
        open.push(line);
        bytes += size;
      }
      write();
    },
    close: () => closeSync(descriptor),
  };
}

export const eventLogKilled: Fault = {
  name: 'a growing event log, kill -9 now and then',
  sources: 'EVTX',
  stores: ['embedded', 'elasticsearch'],
  async run({ store, events, isShort }) {
    const path = (folder: string) => join(folder, 'Application.evtx');
    const bed = await openBed(store, events, {
      written: 'later',
      source: (folder) => ({ collector: 'windows-evtx', files: [path(folder)] }),
      telling: TELLING,
    });
    const log = eventLog(path(bed.folder), bed.work);
    try {
      const steps = isShort ? SHORT_STEPS : STEPS;
      let victim = await startVictim(bed.settingsFile);
      let kills = 0;
      for (let step = 1; bed.work.written < events; step++) {
        log.append(Math.ceil(events / steps));
        await sleep(100);
        if (step % KILL_EVERY !== 0) continue;
        await victim.until(() => victim.state.checkpoints > 0);
        await victim.kill();
        kills += 1;
        victim = await startVictim(bed.settingsFile);
      }
      return await finish(bed, victim, kills, (_, one) => untilQuiet(one));
    } finally {
      log.close();
      await bed.close();
    }
  },
};
