/** Writes small event logs for the tests of the reader, since no recording shows every value type and every fault. */
import { crc32 } from 'node:zlib';

/** A hole, text, an entity reference, bytes as they are, or an element of the template. */
export type Part =
  | { hole: number; optional?: boolean }
  | { text: string }
  | { entity: string }
  | { raw: number[] }
  | ElementPart;

/** An element; `dependsOn` names the value without which it is left out. */
export interface ElementPart {
  name: string;
  attributes?: Record<string, Part>;
  children?: Part[];
  dependsOn?: number;
}

/** A value as the format stores it. */
export type Stored = readonly [type: number, bytes: Buffer];

const chunkSize = 65_536;
const templateId = 0x1234_5678;

/** UTF-16 text. */
export function text(value: string): Stored {
  return [0x01, Buffer.from(value, 'utf16le')];
}

/** A little-endian number of some width. */
export function int(type: number, width: 1 | 2 | 4 | 8, value: bigint | number): Stored {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
  return [type, bytes.subarray(0, width)];
}

/** Grows by whole pieces; positions count from the chunk's start. */
function writer(start: number) {
  const pieces: Buffer[] = [];
  const names = new Map<string, number>();
  let pos = start;
  const put = (...bytes: Buffer[]) => {
    for (const piece of bytes) {
      pieces.push(piece);
      pos += piece.length;
    }
  };
  const numbers = (width: 1 | 2 | 4, ...values: number[]) => put(...values.map((v) => int(0, width, v)[1]));
  return {
    pos: () => pos,
    put,
    u8: (...values: number[]) => numbers(1, ...values),
    u16: (...values: number[]) => numbers(2, ...values),
    u32: (...values: number[]) => numbers(4, ...values),
    done: () => Buffer.concat(pieces),
    /** Writes a name where it is first used, and its place from then on. */
    name(value: string) {
      const known = names.get(value);
      numbers(4, known ?? pos + 4);
      if (known !== undefined) return;
      names.set(value, pos);
      numbers(4, 0);
      numbers(2, nameSum(value), value.length);
      put(Buffer.from(`${value}\0`, 'utf16le'));
    },
  };
}

type Writer = ReturnType<typeof writer>;

function nameSum(name: string): number {
  let sum = 0;
  for (let at = 0; at < name.length; at++) sum = (Math.imul(sum, 65599) + name.charCodeAt(at)) | 0;
  return sum & 0xffff;
}

/** Sizes inside templates are hints that the reader only bounds, so the writer leaves them 0. */
function writePart(to: Writer, part: Part): void {
  if ('hole' in part) {
    to.u8(part.optional ? 0x0e : 0x0d);
    to.u16(part.hole);
    to.u8(0);
  } else if ('entity' in part) {
    to.u8(0x09);
    to.name(part.entity);
  } else if ('raw' in part) {
    to.u8(...part.raw);
  } else if ('text' in part) {
    to.u8(0x05, 0x01);
    to.u16(part.text.length);
    to.put(Buffer.from(part.text, 'utf16le'));
  } else {
    const attributes = Object.entries(part.attributes ?? {});
    to.u8(attributes.length > 0 ? 0x41 : 0x01);
    to.u16(part.dependsOn ?? 0xffff);
    to.u32(0);
    to.name(part.name);
    if (attributes.length > 0) to.u32(0);
    attributes.forEach(([name, value], index) => {
      to.u8(index < attributes.length - 1 ? 0x46 : 0x06);
      to.name(name);
      writePart(to, value);
    });
    to.u8(part.children === undefined ? 0x03 : 0x02);
    for (const child of part.children ?? []) writePart(to, child);
    if (part.children !== undefined) to.u8(0x04);
  }
}

/** One chunk: the first record carries the template, the others point back to it. */
export function chunk(template: ElementPart, records: readonly (readonly Stored[])[], firstId = 1): Buffer {
  const to = writer(512);
  let templateAt = 0;
  let last = 512;
  records.forEach((values, index) => {
    last = to.pos();
    const inner = writer(0); // sizes first: the record's length precedes it
    inner.u32(values.length);
    for (const [type, bytes] of values) {
      inner.u16(bytes.length);
      inner.u8(type, 0);
    }
    inner.put(...values.map(([, bytes]) => bytes));
    inner.u8(0);
    const body = inner.done();
    const definition = templateAt === 0 ? definitionAt(template, last + 24 + 4 + 10) : Buffer.alloc(0);
    const size = 24 + 4 + 10 + definition.length + body.length + 4;
    to.u32(0x2a2a, size);
    to.put(int(0, 8, firstId + index)[1], int(0, 8, 132_539_328_001_234_567n)[1]);
    to.u8(0x0f, 1, 1, 0, 0x0c, 1);
    if (templateAt === 0) templateAt = to.pos() + 8;
    to.u32(templateId, templateAt);
    to.put(definition, body);
    to.u32(size);
  });
  return sealChunk(
    Buffer.concat([Buffer.alloc(512), to.done()], chunkSize),
    firstId,
    records.length,
    last,
    to.pos(),
  );
}

function definitionAt(template: ElementPart, at: number): Buffer {
  const body = writer(at + 24);
  body.u8(0x0f, 1, 1, 0);
  writePart(body, template);
  body.u8(0);
  const bytes = body.done();
  const head = writer(at);
  head.u32(0, templateId, 0, 0, 0, bytes.length);
  return Buffer.concat([head.done(), bytes]);
}

function sealChunk(bytes: Buffer, firstId: number, count: number, last: number, end: number): Buffer {
  bytes.write('ElfChnk\0', 'latin1');
  for (const at of [8, 24]) bytes.writeBigUInt64LE(BigInt(firstId), at);
  for (const at of [16, 32]) bytes.writeBigUInt64LE(BigInt(firstId + count - 1), at);
  bytes.writeUInt32LE(128, 40);
  bytes.writeUInt32LE(last, 44);
  bytes.writeUInt32LE(end, 48);
  return reseal(bytes);
}

/** Makes the checksums of a changed chunk right again. */
export function reseal(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(crc32(bytes.subarray(512, bytes.readUInt32LE(48))), 52);
  bytes.writeUInt32LE(crc32(bytes.subarray(128, 512), crc32(bytes.subarray(0, 120))), 124);
  return bytes;
}

/** A file of chunks, with a clean header that counts them (or another number). */
export function file(chunks: readonly Buffer[], { count = chunks.length, flags = 0 } = {}): Buffer {
  const header = Buffer.alloc(4096);
  header.write('ElfFile\0', 'latin1');
  header.writeUInt32LE(128, 32);
  header.writeUInt16LE(1, 36);
  header.writeUInt16LE(3, 38);
  header.writeUInt16LE(4096, 40);
  header.writeUInt16LE(count, 42);
  header.writeUInt32LE(flags, 120);
  header.writeUInt32LE(crc32(header.subarray(0, 120)), 124);
  return Buffer.concat([header, ...chunks]);
}

/** The template that most tests use: an event whose data is one named field per value. */
export function dataTemplate(count: number): ElementPart {
  const data = Array.from({ length: count }, (_, hole): Part => {
    return { name: 'Data', attributes: { Name: { text: `V${hole}` } }, children: [{ hole }] };
  });
  return { name: 'Event', children: [{ name: 'EventData', children: data }] };
}
