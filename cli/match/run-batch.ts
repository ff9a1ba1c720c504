/** Matches one batch: the part of `vigia match` that a worker thread does. */
import { readFileSync } from 'node:fs';
import { flatten } from '../../collectors/evtx/flatten.ts';
import { readEvtx } from '../../collectors/evtx/reader.ts';
import {
  type Engine,
  type InputRecord,
  matchItems,
  matchLines,
  type Piece,
} from '../../detections/matching.ts';
import type { Batch } from './batches.ts';

export interface Done extends Piece {
  /** What the reader has to say about the input. */
  notes: string[];
}

export function runBatch(engine: Engine, batch: Batch, options: { routing: boolean }): Done {
  switch (batch.kind) {
    case 'lines': {
      const { buffer, byteOffset, length } = batch.bytes;
      return { ...matchLines(engine, Buffer.from(buffer, byteOffset, length), options), notes: [] };
    }
    case 'unreadable':
      return {
        records: 1,
        events: 0,
        found: [],
        unreadable: [{ record: 1, reason: batch.reason }],
        notes: [],
      };
    case 'evtx': {
      const notes: string[] = [];
      const items = evtxRecords(batch.input, (note) => notes.push(note));
      return { ...matchItems(engine, items, options), notes };
    }
  }
}

/** Records of an EVTX file by Sigma's field names; damage is reported and stepped over. */
export function* evtxRecords(input: string, note: (line: string) => void): Generator<InputRecord> {
  for (const item of readEvtx(readFileSync(input))) {
    if (item.kind === 'damage') note(`${input}: damage at byte ${item.offset}: ${item.reason}`);
    else yield { record: { product: 'windows', ...flatten(item.event).fields } };
  }
}
