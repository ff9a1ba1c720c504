/**
 * Joins lines of one key to one record although lines of other keys lie between them (Linux audit). Bounded: a record is
 * given out at its last line, `GAP_LINES` lines after its latest one, or when too much is open; what comes later is a
 * record of its own. Decided by the bytes alone, counted from a place where nothing was open: reading goes on from such a
 * place, so that a second reading makes the same records.
 */
import type { Framing, RawRecord } from '../collector.ts';
import type { LineCutter } from './lines.ts';

/** Lines of others after which a record is taken for complete. On a host with many processors a dozen events interleave. */
export const GAP_LINES = 256;
/** Open records are given out when something was open for this many lines … */
export const OPEN_LINES = 4_096;
/** … or when they hold this many bytes. */
export const OPEN_BYTES = 4 * 1_048_576;

type Joins = NonNullable<Extract<Framing, { kind: 'lines' }>['joins']>;

interface Open {
  position: string;
  parts: Uint8Array[];
  bytes: number;
  /** Number of its latest line. */
  latest: number;
}

export function joinedCutter(lines: LineCutter, maxBytes: number, { key, last }: Joins): LineCutter {
  const open = new Map<string, Open>();
  let openBytes = 0;
  /** Lines seen since nothing was open, and where that was. */
  let count = 0;
  let clean = lines.offset;

  const give = (name: string, one: Open): RawRecord => {
    open.delete(name);
    openBytes -= one.bytes;
    return { raw: one.parts.length === 1 ? one.parts[0]! : Buffer.concat(one.parts), position: one.position };
  };
  const giveAll = (): RawRecord[] => [...open].map(([name, one]) => give(name, one));

  function hold(name: string, line: RawRecord): RawRecord[] {
    const given: RawRecord[] = [];
    let one = open.get(name);
    if (one && one.bytes + line.raw.length >= maxBytes) {
      given.push(give(name, one));
      one = undefined;
    }
    if (one) {
      one.parts.push(Uint8Array.of(10), line.raw);
      one.bytes += line.raw.length + 1;
      openBytes += line.raw.length + 1;
      // Moved to the end: the map is in order of the latest line.
      open.delete(name);
      open.set(name, one);
      one.latest = count;
    } else {
      open.set(name, { position: line.position, parts: [line.raw], bytes: line.raw.length, latest: count });
      openBytes += line.raw.length;
    }
    if (last(line.raw)) given.push(give(name, open.get(name)!));
    return given;
  }

  function take(line: RawRecord): RawRecord[] {
    count += 1;
    const given: RawRecord[] = [];
    for (const [name, one] of open) {
      if (count - one.latest <= GAP_LINES) break;
      given.push(give(name, one));
    }
    const name = line.broken === undefined ? key(line.raw) : undefined;
    if (name === undefined) given.push(line);
    else given.push(...hold(name, line));
    if (count >= OPEN_LINES || openBytes >= OPEN_BYTES) given.push(...giveAll());
    if (open.size === 0) count = 0;
    return given;
  }

  return {
    get offset() {
      return open.size === 0 ? lines.offset : clean;
    },
    get midLine() {
      return lines.midLine;
    },
    push(bytes) {
      const given: RawRecord[] = [];
      for (const line of lines.push(bytes)) {
        // A line's position is the offset after everything before it.
        if (open.size === 0) clean = Number(line.position);
        given.push(...take(line));
      }
      return given;
    },
    end() {
      const given = [...lines.end().flatMap(take), ...giveAll()];
      count = 0;
      return given;
    },
  };
}
