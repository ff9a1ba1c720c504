/** What the reader makes of damaged and hostile logs: it says what is lost, reads the rest, and always ends. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpusPath } from '../../tests/corpus.ts';
import { needCorpus } from '../../tests/testbed/need.ts';
import { elementsOf, readEvtx, textOf, type XmlElement } from './reader.ts';
import { chunk, dataTemplate, file, type Part, reseal, type Stored, text } from './synthetic.ts';

const chunkAt = 4096;
const firstRecord = 512;

/** A chunk of three records whose values are `a`, `b`, `c`. */
function three(): Buffer {
  return chunk(dataTemplate(1), [[text('a')], [text('b')], [text('c')]]);
}

/** Where each record of a chunk begins. */
function recordsOf(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = firstRecord; at < bytes.readUInt32LE(48); at += bytes.readUInt32LE(at + 4)) found.push(at);
  return found;
}

function firstLeaf(element: XmlElement): XmlElement {
  const child = elementsOf(element)[0];
  return child === undefined ? element : firstLeaf(child);
}

/** The values that were read, and the reasons why others were not. */
function read(bytes: Uint8Array) {
  const items = [...readEvtx(bytes)];
  const values = items.filter((item) => item.kind === 'record').map((item) => textOf(firstLeaf(item.event)));
  const damage = items.filter((item) => item.kind === 'damage');
  return { values, damage, reasons: damage.map((item) => item.reason) };
}

describe('a damaged file', () => {
  it('that is no event log is told so, once', () => {
    expect(read(Buffer.from('{"not":"an event log"}')).reasons).toEqual([
      expect.stringContaining('is this an .evtx file'),
    ]);
  });

  it('without its header still gives its records', () => {
    const bytes = file([three()]).fill(0, 0, 128);
    expect(read(bytes)).toMatchObject({
      values: ['a', 'b', 'c'],
      reasons: [expect.stringContaining('ElfFile')],
    });
  });

  it('with a changed header still gives its records', () => {
    const bytes = file([three()]);
    bytes[16] = 9;
    expect(read(bytes)).toMatchObject({
      values: ['a', 'b', 'c'],
      reasons: [expect.stringContaining('checksum')],
    });
  });

  it('that lost chunks says how many', () => {
    const bytes = file([three()], { count: 3 });
    expect(read(bytes)).toMatchObject({
      values: ['a', 'b', 'c'],
      reasons: [expect.stringContaining('counts 3 chunks, 1')],
    });
  });

  it('that Windows still had open may count its chunks wrong', () => {
    expect(read(file([three()], { count: 0, flags: 1 }))).toMatchObject({
      values: ['a', 'b', 'c'],
      reasons: [],
    });
  });

  it('with a destroyed chunk gives the records of the others', () => {
    const { values, damage } = read(file([three(), Buffer.alloc(65_536, 0xff), three()]));
    expect(values).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
    expect(damage).toMatchObject([
      { chunk: 1, offset: chunkAt + 65_536 },
      { reason: expect.stringContaining('counts 3') },
    ]);
  });

  it('cut inside a chunk gives the records before the cut', () => {
    const bytes = three();
    const cut = recordsOf(bytes)[2]! + 10;
    const { values, reasons } = read(file([bytes.subarray(0, cut)]));
    expect(values).toEqual(['a', 'b']);
    expect(reasons).toContainEqual(expect.stringContaining('the file ends inside the chunk'));
  });
});

describe('a damaged chunk', () => {
  it('with wrong checksums says so and still gives its records', () => {
    const bytes = three();
    bytes.writeUInt32LE(1, 52);
    bytes.writeUInt32LE(1, 124);
    expect(read(file([bytes]))).toMatchObject({
      values: ['a', 'b', 'c'],
      damage: [
        { chunk: 0, offset: chunkAt, reason: expect.stringContaining('chunk header') },
        { chunk: 0, offset: chunkAt + firstRecord, reason: expect.stringContaining('records') },
      ],
    });
  });

  it('gives the records after one whose content is damaged', () => {
    const bytes = three();
    const second = recordsOf(bytes)[1]!;
    bytes[second + 24 + 4] = 0x3f;
    const { values, damage } = read(file([reseal(bytes)]));
    expect(values).toEqual(['a', 'c']);
    expect(damage).toMatchObject([
      { offset: chunkAt + second, reason: expect.stringContaining('record 2: unknown BinXML token') },
    ]);
  });

  it('gives the records after one whose mark and size are gone', () => {
    const bytes = three();
    const [, second, third] = recordsOf(bytes);
    bytes.fill(0xee, second!, second! + 8);
    const { values, damage } = read(file([reseal(bytes)]));
    expect(values).toEqual(['a', 'c']);
    expect(damage).toMatchObject([
      { offset: chunkAt + second!, reason: expect.stringContaining(`${third! - second!} bytes`) },
    ]);
  });

  it('looks for further records only where its header says they are', () => {
    const bytes = chunk(dataTemplate(1), [[text('a')], [text('b')], [text('c')], [text('left over')]]);
    const [, second, third, fourth] = recordsOf(bytes);
    bytes.fill(0xee, second!, second! + 8);
    bytes.fill(0xee, third!, third! + 8);
    bytes.writeUInt32LE(third!, 48);
    bytes.writeBigUInt64LE(2n, fourth! + 8);
    expect(read(file([reseal(bytes)])).values).toEqual(['a']);
  });

  it('tells a record that brings fewer values than its template asks for', () => {
    const { values, reasons } = read(file([chunk(dataTemplate(2), [[text('a'), text('b')], [text('c')]])]));
    expect(values).toEqual(['a']);
    expect(reasons).toEqual(['record 2: value 1 of 1 is asked for']);
  });

  it('does not take a template that was cut short for a whole one', () => {
    const bytes = three();
    const sizeAt = firstRecord + 38 + 20;
    bytes.writeUInt32LE(bytes.readUInt32LE(sizeAt) - 2, sizeAt);
    const { values, reasons } = read(file([reseal(bytes)]));
    expect(values).toEqual([]);
    expect(reasons).toContainEqual(expect.stringContaining('an element does not end'));
  });

  it('gives a record whose second size is wrong when another record follows it', () => {
    const bytes = three();
    bytes.writeUInt32LE(77, recordsOf(bytes)[1]! - 4);
    expect(read(file([reseal(bytes)]))).toMatchObject({
      values: ['a', 'b', 'c'],
      reasons: ['record 1: its two sizes differ'],
    });
  });

  it('does not take another template for the one a record was written with', () => {
    const bytes = three();
    bytes.writeUInt32LE(1, recordsOf(bytes)[1]! + 24 + 6);
    const { values, reasons } = read(file([reseal(bytes)]));
    expect(values).toEqual(['a', 'c']);
    expect(reasons).toEqual([expect.stringContaining('template 1 was replaced')]);
  });

  it('tells every record that needs a template which is gone', () => {
    const bytes = three();
    bytes[firstRecord + 38 + 24 + 4] = 0x3f;
    const { values, reasons } = read(file([reseal(bytes)]));
    expect(values).toEqual([]);
    expect(reasons).toHaveLength(3);
  });

  it('gives records that were written after its header, and nothing left over from older logs', () => {
    const bytes = three();
    const [, second, third] = recordsOf(bytes);
    bytes.writeUInt32LE(second!, 48);
    expect(read(file([reseal(bytes)])).values).toEqual(['a', 'b', 'c']);
    bytes.writeBigUInt64LE(999n, third! + 8);
    expect(read(file([reseal(bytes)])).values).toEqual(['a', 'b']);
  });
});

describe('a hostile file', () => {
  const templateAt = firstRecord + 38;

  /** BinXML that uses the chunk's own template once more, with these values. */
  function instance(value: Stored, count = 1): Buffer {
    const head = Buffer.alloc(18);
    head.set([0x0f, 1, 1, 0, 0x0c, 1]);
    head.writeUInt32LE(0x1234_5678, 6);
    head.writeUInt32LE(templateAt, 10);
    head.writeUInt32LE(count, 14);
    const list = Buffer.alloc(4);
    list.writeUInt16LE(value[1].length);
    list[2] = value[0];
    return Buffer.concat([head, list, value[1], Buffer.of(0)]);
  }

  function nested(levels: number): Stored {
    let value = text('x');
    for (let level = 0; level < levels; level++) value = [0x21, instance(value)];
    return value;
  }

  it('nests no deeper than any real log', () => {
    const build = (levels: number) =>
      read(file([chunk({ name: 'E', children: [{ hole: 0 }] }, [[nested(levels)]])]));
    expect(build(10).reasons).toEqual([]);
    expect(build(900).reasons).toEqual([expect.stringContaining('levels deep')]);
  });

  it('cannot make a few bytes expand without end', () => {
    const holes = Array.from({ length: 500 }, (): Part => ({ hole: 0 }));
    const bytes = chunk({ name: 'E', children: holes }, [[nested(8)], [text('y')]]);
    expect(read(file([bytes])).reasons).toEqual([expect.stringContaining('record 1: the record expands')]);
  });

  it('stops a chunk that spends its record limit over and over', () => {
    const holes = Array.from({ length: 500 }, (): Part => ({ hole: 0 }));
    const bytes = chunk(
      { name: 'E', children: holes },
      Array.from({ length: 30 }, () => [nested(8)]),
    );
    expect(read(file([bytes])).reasons.at(-1)).toContain('the chunk expands');
  });

  it('cannot have a template contain itself', () => {
    const self: Part = {
      raw: [0x0c, 1, 0x78, 0x56, 0x34, 0x12, templateAt & 0xff, templateAt >> 8, 0, 0, 0, 0, 0, 0],
    };
    const bytes = chunk({ name: 'E', children: [self] }, [[]]);
    expect(read(file([bytes])).reasons).toEqual([expect.stringContaining('a template contains itself')]);
  });

  it('of random bytes only ever gives damage', () => {
    const random = randomBytes(1);
    for (let round = 0; round < 20; round++) {
      const body = Buffer.from(Array.from({ length: 65_536 }, () => random() & 0xff));
      body.write('ElfChnk\0', 'latin1');
      body.writeUInt32LE(65_536, 48);
      for (let at = firstRecord; at + 1024 <= 65_536; at += 1024) {
        body.writeUInt32LE(0x2a2a, at);
        body.writeUInt32LE(1024, at + 4);
        body.writeUInt32LE(1024, at + 1020);
        body.set([0x0f, 1, 1, 0], at + 24);
      }
      expect(read(file([reseal(body)])).values).toEqual([]);
    }
  });
});

needCorpus('evtx').describe('a real log', () => {
  const name = 'Credential Access/LsassSilentProcessExit_process_exit_monitor_3001_lsass.evtx';
  const open = () => readFileSync(corpusPath('evtx', 'EVTX-ATTACK-SAMPLES', name));

  it('cut at any sector is read as far as it goes', () => {
    const original = open();
    const whole = read(original).values.length;
    let before = 0;
    for (let size = 0; size <= original.length; size += 512) {
      const { values, damage } = read(original.subarray(0, size));
      expect(values.length).toBeGreaterThanOrEqual(before);
      if (size < original.length) expect(damage.length).toBeGreaterThan(0);
      before = values.length;
    }
    expect(before).toBe(whole);
  });

  it('with flipped bytes never makes the reader throw, and no flip inside its records goes unnoticed', () => {
    const original = open();
    const random = randomBytes(20_261_122);
    const end = chunkAt + original.readUInt32LE(chunkAt + 48);
    for (let round = 0; round < 1500; round++) {
      const bytes = Buffer.from(original);
      for (let flips = 1 + (random() % 3); flips > 0; flips--)
        bytes[chunkAt + firstRecord + (random() % (end - chunkAt - firstRecord))]! ^= 1 + (random() % 255);
      if (bytes.equals(original)) continue;
      expect(read(bytes).damage.length).toBeGreaterThan(0);
      // With the checksum made right the flips reach the parser alone.
      reseal(bytes.subarray(chunkAt, chunkAt + 65_536));
      expect(() => read(bytes)).not.toThrow();
    }
  });
});

/** The same numbers each time (xorshift). */
function randomBytes(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 8;
  };
}
