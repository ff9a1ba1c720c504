/** The very documents that Vigia makes of a file, for those that only match or only send: in memory, or written one a line. */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { prepare } from '../../../collectors/delivery/prepare.ts';
import { lineCutter } from '../../../collectors/reading/lines.ts';
import type { Origin } from '../../../collectors/run.ts';
import type { Event } from '../../../core/event.ts';
import type { NewEvent } from '../../../core/store.ts';

const PART_BYTES = 384 * 1_024;

/** Normalised, with the ids that delivery gives them. */
export async function* eventsOf(file: string, origin: Origin): AsyncGenerator<NewEvent[]> {
  const cutter = lineCutter(0, 1_048_576);
  const readMs = Date.now();
  const context = {
    readMs,
    retentionStartMs: 0,
    time: { anchor: new Date(readMs).toISOString(), zone: '0' },
    batch: 'bench/1/documents',
  };
  for await (const bytes of createReadStream(file, { highWaterMark: PART_BYTES })) {
    const records = cutter.push(bytes as Buffer).map((record) => ({ ...record, generation: 1 }));
    const { events, deadLetters } = prepare(records, origin, context);
    if (deadLetters.length > 0)
      throw new Error(`the input is not for ${origin.collector.id}: ${deadLetters[0]!.reason}`);
    yield events;
  }
}

/** Every line begins with `{"event":{"id":"`, so that whoever reads the id need not parse. */
export const ID_AT = 16;
export const ID_LENGTH = 32;

/** Writes the documents; gives the one partition that all of them belong to. */
export async function writeDocuments(file: string, origin: Origin, into: string): Promise<string> {
  const out = createWriteStream(into);
  const partitions = new Set<string>();
  for await (const events of eventsOf(file, origin)) {
    for (const { partition } of events) partitions.add(partition);
    const text = events.map(({ event }) => `${JSON.stringify(idFirst(event))}\n`).join('');
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
  if (partitions.size !== 1) throw new Error(`the documents lie in ${partitions.size} partitions`);
  return [...partitions][0]!;
}

const idFirst = ({ event: { id, ...event }, ...rest }: Event): object => ({
  event: { id, ...event },
  ...rest,
});
