/** Cuts the inputs of `vigia match` into batches: some hundred whole lines, or one EVTX file. */
import { accessSync, closeSync, constants, createReadStream, openSync, readSync, statSync } from 'node:fs';
import { errors, type Problem } from '../../core/errors.ts';

export const FORMATS = ['auto', 'jsonl', 'evtx'] as const;
export type Format = (typeof FORMATS)[number];

export type Batch = {
  input: string;
  /** Its records are numbered from 1 again; the same input may be named twice. */
  isFirst: boolean;
} & (
  | { kind: 'lines'; bytes: Uint8Array<ArrayBuffer> }
  | { kind: 'evtx' }
  /** A record that is passed over, and why. */
  | { kind: 'unreadable'; reason: string }
);

/** Some 250 records: enough to make handing over cheap, few enough to keep the order without much waiting. */
const BATCH_BYTES = 262_144;
/** A longer line is no record but an attack on the memory. */
const MAX_LINE_BYTES = 67_108_864;
/** `ElfFile\0`, the first bytes of every .evtx file. */
const EVTX_MAGIC = 'ElfFile\0';
const NEW_LINE = 10;

export async function* batchesOf(inputs: readonly string[], format: Format): AsyncGenerator<Batch> {
  for (const input of inputs) {
    if (formatOf(input, format) === 'evtx') yield { kind: 'evtx', input, isFirst: true };
    else
      yield* lineBatches(
        input,
        input === '-' ? process.stdin : createReadStream(input, { highWaterMark: BATCH_BYTES }),
      );
  }
}

/** All unreadable inputs at once, before the first is read. */
export function checkInputs(inputs: readonly string[], asked: Format): void {
  const problems = inputs.flatMap((input): Problem[] => {
    if (input === '-') return [];
    try {
      if (statSync(input).isDirectory())
        return [{ path: input, message: 'is a folder', hint: 'name its files' }];
      accessSync(input, constants.R_OK);
      return [];
    } catch (cause) {
      return [{ path: input, message: `cannot be read: ${(cause as Error).message}` }];
    }
  });
  if (problems.length > 0) throw errors.invalid('inputs', problems);
  for (const input of inputs) formatOf(input, asked);
}

export function formatOf(input: string, asked: Format): 'jsonl' | 'evtx' {
  if (input === '-') {
    if (asked === 'evtx') throw errors.usage('EVTX is not read from stdin', 'name the file');
    return 'jsonl';
  }
  if (asked !== 'auto') return asked;
  const start = Buffer.alloc(EVTX_MAGIC.length);
  const file = openSync(input, 'r');
  try {
    readSync(file, start);
  } finally {
    closeSync(file);
  }
  return start.toString('latin1') === EVTX_MAGIC ? 'evtx' : 'jsonl';
}

/** Lines stay whole; the last one needs no line end. */
export async function* lineBatches(
  input: string,
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes = MAX_LINE_BYTES,
): AsyncGenerator<Batch> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let isTooLong = false;
  const hold = (piece: Uint8Array) => {
    if (isTooLong) return;
    held.push(piece);
    heldBytes += piece.length;
  };
  let isFirst = true;
  function* release(): Generator<Batch> {
    const reason = `the line is longer than ${maxLineBytes} bytes`;
    if (isTooLong) yield { kind: 'unreadable', input, isFirst, reason };
    else if (heldBytes > 0) yield { kind: 'lines', input, isFirst, bytes: joined(held, heldBytes) };
    else return;
    isFirst = false;
    held = [];
    heldBytes = 0;
    isTooLong = false;
  }
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(NEW_LINE) + 1;
    let start = 0;
    if (end > 0) {
      if (isTooLong) {
        start = chunk.indexOf(NEW_LINE) + 1;
        yield* release();
      }
      hold(chunk.subarray(start, end));
      yield* release();
    }
    hold(chunk.subarray(end));
    if (heldBytes > maxLineBytes) {
      isTooLong = true;
      held = [];
      heldBytes = 0;
    }
  }
  yield* release();
}

/** In memory of its own, which can be handed to another thread. */
function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
