/** Array values: one field that holds many, which Event Viewer shows as the element repeated. */
import { Malformed } from './cursor.ts';
import { arrayFlag, sidSize, type ValueAt } from './value.ts';

const itemSizes: Readonly<Record<number, number>> = {
  3: 1,
  4: 1,
  5: 2,
  6: 2,
  7: 4,
  8: 4,
  9: 8,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  15: 16,
  17: 8,
  18: 16,
  20: 4,
  21: 8,
};

/** Where each item of an array lies. A string array ends each item with NUL; the last one may lack it. */
export function items(bytes: Buffer, value: ValueAt): ValueAt[] {
  const type = value.type & ~arrayFlag;
  const end = value.start + value.size;
  const found: ValueAt[] = [];
  // Nothing says how wide an array's pointers are; logs of 64-bit machines are the rule.
  const pointer = value.size % 8 === 0 ? 8 : 4;
  for (let start = value.start; start < end; ) {
    const size = type === 0x10 ? pointer : itemSize(bytes, type, start, end);
    if (start + size > end)
      throw new Malformed(`an array of type 0x${type.toString(16)} ends inside an item`, start);
    found.push({ type, start, size });
    start += size;
  }
  return found;
}

function itemSize(bytes: Buffer, type: number, start: number, end: number): number {
  if (type === 0x01) return textSize(bytes, start, end, 2);
  if (type === 0x02) return textSize(bytes, start, end, 1);
  if (type === 0x13) return sidSize(bytes, start);
  const size = itemSizes[type];
  if (size === undefined) throw new Malformed(`an array of unknown type 0x${type.toString(16)}`, start);
  return size;
}

function textSize(bytes: Buffer, start: number, end: number, width: 1 | 2): number {
  for (let at = start; at + width <= end; at += width) {
    if (bytes[at] === 0 && (width === 1 || bytes[at + 1] === 0)) return at + width - start;
  }
  return end - start;
}
