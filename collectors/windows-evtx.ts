/** Windows event log files (.evtx): each record becomes an ECS event that keeps `winlog.*` as Winlogbeat writes it. */
import type { Draft, Winlog } from '../core/event.ts';
import { isoOf } from '../core/iso-time.ts';
import { collector, type RawRecord, reject } from './collector.ts';
import type { Span } from './evtx/chunk.ts';
import { flatten } from './evtx/flatten.ts';
import { readEvtx } from './evtx/reader.ts';
import type { Bytes } from './reading/bytes.ts';
import { channelName, ecsOf } from './windows/ecs.ts';

/** What `records` hands to `normalise`: the record, decoded while its chunk's templates are at hand. */
interface Decoded {
  at: string;
  winlog: Winlog;
  level?: string;
  message?: string;
}

export const windowsEvtx = collector({
  id: 'windows-evtx',
  title: 'Windows event log files',
  summary: 'Reads .evtx files of any channel, and what is new in them when they grow.',
  guarantee:
    'A record is known by its record id, so nothing is doubled when the file is read again; a cleared log begins a new generation, also ' +
    'one that has grown beyond the place of reading since. What a full log overwrote before it was read is lost, and the log says how many ' +
    'records. Damaged chunks are stepped over and each is a dead letter; records inside them are lost to every reader.',
  datasets: [
    'windows.security',
    'windows.system',
    'windows.application',
    'windows.sysmon',
    'windows.powershell',
    'windows.other',
  ],
  framing: { kind: 'file', records },
  normalise(raw) {
    let decoded: Decoded;
    try {
      decoded = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw)) as Decoded;
    } catch {
      return reject('not a decoded event log record');
    }
    if (typeof decoded?.winlog !== 'object' || decoded.winlog === null)
      return reject('a record without System data');
    return { event: eventOf(decoded) };
  },
});

/** Damage takes its place behind the record before it: `90907.1`. Chunks that end before the record `behind` are stepped over. */
function* records(file: Uint8Array | Bytes, behind?: string): Generator<RawRecord> {
  let last = 0n;
  let damage = 0;
  const known = behind === undefined ? undefined : BigInt(behind.split('.', 1)[0] || '0');
  const isKnown = (span: Span) => {
    if (known === undefined || span.last >= known) return false;
    last = span.last;
    damage = 0;
    return true;
  };
  for (const item of readEvtx(file, known === undefined ? {} : { isKnown })) {
    if (item.kind === 'damage') {
      damage += 1;
      const where = item.chunk === undefined ? '' : ` in chunk ${item.chunk}`;
      yield {
        raw: new Uint8Array(),
        position: `${last}.${damage}`,
        broken: `damage at byte ${item.offset}${where}: ${item.reason}`,
      };
      continue;
    }
    last = item.recordId;
    damage = 0;
    const { fields, winlog, level, message } = flatten(item.event);
    const numbers = { level: fields['Level'], keywords_mask: fields['Keywords'], task_id: fields['Task'] };
    const decoded = {
      at: isoOf(item.timeMs),
      winlog: { ...winlog, ...numbers },
      level,
      message,
    };
    yield { raw: new TextEncoder().encode(JSON.stringify(decoded)), position: String(item.recordId) };
  }
}

function eventOf({ at, winlog, level, message }: Decoded): Draft {
  const channel = channelName(winlog.channel);
  return {
    '@timestamp': at,
    ...(message ? { message } : {}),
    ...(level ? { log: { level } } : {}),
    ...ecsOf(winlog, channel),
    winlog,
  };
}
