/** Reads `replPropertyMetaData`: which attributes of an object changed, when, and at which controller ([MS-DRSR] 4.1.10.2.7). */

export interface AttributeChange {
  /** The schema's number of the attribute, an ATTRTYP. */
  number: number;
  /** Grows by one with each change, on whichever controller. */
  version: number;
  changedMs: number;
  /** Invocation id of the controller where it was written, in hexadecimal. */
  origin: string;
  /** Number of the write in the database of the controller that was asked. */
  usn: number;
}

const HEADER = 16;
const ENTRY = 48;
/** Seconds from 1601 to 1970. */
const EPOCH_SECONDS = 11_644_473_600;
/** No object has as many attributes. */
const MOST = 10_000;

/** Throws where the bytes are no such list. */
export function readMetadata(bytes: Buffer): AttributeChange[] {
  const count = bytes.length >= HEADER && bytes.readUInt32LE(0) === 1 ? bytes.readUInt32LE(8) : MOST + 1;
  if (count > MOST || bytes.length < HEADER + count * ENTRY)
    throw new Error(`replPropertyMetaData of ${bytes.length} bytes cannot be read`);
  return Array.from({ length: count }, (_, index) => {
    const at = HEADER + index * ENTRY;
    return {
      number: bytes.readUInt32LE(at),
      version: bytes.readUInt32LE(at + 4),
      changedMs: (Number(bytes.readBigUInt64LE(at + 8)) - EPOCH_SECONDS) * 1_000,
      origin: bytes.toString('hex', at + 16, at + 32),
      usn: Number(bytes.readBigUInt64LE(at + 40)),
    };
  });
}

/** Beginnings of object identifiers by their place in a new directory's table ([MS-DRSR] 5.16.4). */
const PREFIXES: readonly (readonly [number, string])[] = [
  [0, '2.5.4'],
  [1, '2.5.6'],
  [2, '1.2.840.113556.1.2'],
  [3, '1.2.840.113556.1.3'],
  [8, '2.5.5'],
  [9, '1.2.840.113556.1.4'],
  [10, '1.2.840.113556.1.5'],
  [19, '0.9.2342.19200300.100'],
  [20, '2.16.840.1.113730.3'],
  [21, '0.9.2342.19200300.100.1'],
  [22, '2.16.840.1.113730.3.1'],
  [24, '2.5.21'],
  [25, '2.5.18'],
  [26, '2.5.20'],
];

/** The ATTRTYP of `1.2.840.113556.1.4.8`; undefined where the directory numbers it in its own way. */
export function attributeNumber(identifier: string): number | undefined {
  const dot = identifier.lastIndexOf('.');
  const prefix = PREFIXES.find(([, beginning]) => beginning === identifier.slice(0, dot))?.[0];
  const last = Number(identifier.slice(dot + 1));
  // Larger numbers have an entry of their own in the table, which differs from directory to directory.
  return prefix === undefined || !(last < 0x4000) ? undefined : prefix * 0x10000 + last;
}
