/**
 * Puts before a record what an earlier one hands on to it (MariaDB's general log writes a time once a second). What is
 * handed on lies in the checkpoint beside the offset, so that reading on from there gives the same records.
 */
import type { Framing, RawRecord } from '../collector.ts';
import type { LineCutter } from './lines.ts';

type Carries = NonNullable<Extract<Framing, { kind: 'lines' }>['carries']>;

export function carryingCutter(cutter: LineCutter, carries: Carries, from?: string): LineCutter {
  let carried = from;
  const complete = (record: RawRecord): RawRecord => {
    const own = carries.from(record.raw);
    if (own !== undefined) carried = new TextDecoder().decode(own);
    else if (carried !== undefined && carries.lacks(record.raw))
      return { ...record, raw: Buffer.concat([Buffer.from(carried), record.raw]) };
    return record;
  };
  return {
    get offset() {
      return cutter.offset;
    },
    get carried() {
      return carried;
    },
    get midLine() {
      return cutter.midLine;
    },
    push: (bytes) => cutter.push(bytes).map(complete),
    end: () => cutter.end().map(complete),
  };
}
