/**
 * Proof `fuzz`: every collector and every cutter of streams on changed samples: nothing is thrown, the same bytes give the same
 * event, an event is not much larger than its record, and a stream gives the same records however it is cut. The long form
 * also repeats pieces in every sample and looks whether eight times the size takes much more than eight times the work.
 */
import { deepStrictEqual } from 'node:assert';
import fc from 'fast-check';
import type { Collector } from '../../collectors/collector.ts';
import { collectors } from '../../collectors/index.ts';
import { lineCutter } from '../../collectors/reading/lines.ts';
import { decodeFrame } from '../../collectors/reading/spool-frame.ts';
import { frameSplitter } from '../../collectors/syslog/frames.ts';
import { PUMPS, records, seeds } from './fuzz-inputs.ts';
import type { Proof } from './proof.ts';

/** Changed records per collector. */
const RUNS = 50_000;
const SMALL = 65_536;
const TIMES = 8;
/** What eight times the size may cost: linear work, and room for a machine that does other things. */
const MOST_RATIO = 24;
/** Below this a measurement says nothing. */
const LEAST_MS = 40;

export const fuzzContext = { source: 'fuzz', anchor: '2026-11-21T10:00:00Z', zoneMinutes: 60 };

export const fuzz: Proof = async ({ scale, events, say }) => {
  const runs = events ?? Math.max(50, Math.round(RUNS * scale));
  const from = seeds();
  const seed = Number(process.env['VIGIA_SEED'] ?? Date.now() % 1_000_000);
  const result = {
    proof: 'fuzz',
    cases: 0,
    lost: 0,
    doubled: 0,
    failed: 0,
    more: { seed } as Record<string, number>,
  };
  const check = (name: string, work: () => void, count: number) => {
    result.cases += count;
    try {
      work();
    } catch (cause) {
      result.failed += 1;
      say(`${name}: ${(cause as Error).message}`);
    }
  };
  const options = { numRuns: runs, seed };
  for (const collector of collectors) {
    check(
      collector.id,
      () =>
        fc.assert(
          fc.property(records(from), (raw) => holds(collector, raw)),
          options,
        ),
      runs,
    );
  }
  const streams = fc.tuple(fc.array(records(from), { maxLength: 4 }), fc.integer({ min: 1, max: 97 }));
  check('frames of syslog', () => fc.assert(fc.property(streams, framesAgree), options), runs);
  check('lines', () => fc.assert(fc.property(streams, linesAgree), options), runs);
  check(
    'frames of the spool',
    () => fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), spoolReads), options),
    runs,
  );
  if (scale >= 0.1) {
    const slow = growth(from, say);
    result.cases += slow.cases;
    result.failed += slow.failed;
    result.more['worst growth over eight times the size'] = slow.worst;
  }
  return result;
};

/** Throws when the collector breaks its promise on these bytes. */
export function holds(collector: Collector, raw: Uint8Array): void {
  const made = collector.normalise(raw, fuzzContext);
  collector.mask?.(raw);
  if ('reject' in made) {
    if (made.reject === '') throw new Error('refused without a reason');
    return;
  }
  const text = JSON.stringify(made.event);
  if (text.length > 16 * raw.length + 65_536) throw new Error(`${raw.length} bytes became ${text.length}`);
  const again = collector.normalise(Uint8Array.from(raw), fuzzContext);
  if (!('event' in again) || JSON.stringify(again.event) !== text)
    throw new Error('the same bytes, another event');
}

function cutInto(stream: Uint8Array, size: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += size) parts.push(stream.subarray(at, at + size));
  return parts;
}

function framesAgree([parts, size]: [Uint8Array[], number]): void {
  const stream = Buffer.concat(parts);
  const framesOf = (pieces: readonly Uint8Array[]) => {
    const splitter = frameSplitter({ maxBytes: 500 });
    const frames = pieces.flatMap((piece) => splitter.push(piece));
    if (splitter.held() > 510) throw new Error(`holds ${splitter.held()} bytes`);
    return [...frames, ...splitter.end()].map(({ bytes, ...rest }) => ({
      ...rest,
      text: Buffer.from(bytes).toString('hex'),
    }));
  };
  deepStrictEqual(framesOf(cutInto(stream, size)), framesOf([stream]));
}

function linesAgree([parts, size]: [Uint8Array[], number]): void {
  const stream = Buffer.concat(parts);
  for (const { framing } of collectors) {
    if (framing.kind !== 'lines') continue;
    const recordsOf = (pieces: readonly Uint8Array[]) => {
      const cutter = lineCutter(0, 2_000, framing);
      const given = pieces.flatMap((piece) => cutter.push(piece));
      return [...given, ...cutter.end()].map(({ raw, ...rest }) => ({
        ...rest,
        text: Buffer.from(raw).toString('hex'),
      }));
    };
    deepStrictEqual(recordsOf(cutInto(stream, size)), recordsOf([stream]));
  }
}

function spoolReads(bytes: Uint8Array): void {
  const buffer = Buffer.from(bytes);
  for (let at = 0; at < buffer.length; at++) {
    const decoded = decodeFrame(buffer, at);
    // A random checksum that fits is one in four billion.
    if (decoded.kind === 'frame') throw new Error('noise was taken for a frame');
  }
}

/** Does the work grow faster than the size? The best of three, on the processor's time, so that other programs count little. */
function growth(from: readonly string[], say: (line: string) => void) {
  const found = { cases: 0, failed: 0, worst: 0 };
  for (const collector of collectors) {
    const own = from
      .filter((text) => 'event' in collector.normalise(Buffer.from(text), fuzzContext))
      .slice(0, 3);
    for (const sample of own.length > 0 ? own : from.slice(0, 3)) {
      for (const pump of PUMPS) {
        const text = (bytes: number) => {
          const middle = Math.floor(sample.length / 2);
          return Buffer.from(
            sample.slice(0, middle) + pump.repeat(Math.ceil(bytes / pump.length)) + sample.slice(middle),
          );
        };
        const [small, large] = [text(SMALL), text(SMALL * TIMES)];
        const ms = (raw: Uint8Array) =>
          Math.min(
            ...[1, 2, 3].map(() => {
              const before = process.cpuUsage();
              collector.normalise(raw, fuzzContext);
              collector.mask?.(raw);
              const { user, system } = process.cpuUsage(before);
              return (user + system) / 1_000;
            }),
          );
        found.cases += 1;
        const most = ms(large);
        if (most < LEAST_MS) continue;
        const ratio = Math.round((most / Math.max(ms(small), 1)) * 10) / 10;
        found.worst = Math.max(found.worst, ratio);
        if (ratio <= MOST_RATIO) continue;
        found.failed += 1;
        say(
          `${collector.id}: ${JSON.stringify(pump)} repeated: ${TIMES} times the size takes ${ratio} times as long (${most} ms)`,
        );
      }
    }
  }
  return found;
}
