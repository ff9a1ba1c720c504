import { describe, expect, it } from 'vitest';
import { lineCutter } from './lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const shown = (records: { raw: Uint8Array; position: string; broken?: string }[]) =>
  records.map((record) => [
    record.position,
    new TextDecoder().decode(record.raw),
    ...(record.broken ? [record.broken] : []),
  ]);

describe('cutting lines', () => {
  it('gives each line with the offset at which it starts, and holds an unfinished one back', () => {
    const cutter = lineCutter(0, 100);
    expect(shown(cutter.push(bytes('one\r\ntwo\nthr')))).toEqual([
      ['0', 'one'],
      ['5', 'two'],
    ]);
    expect(cutter.offset).toBe(9);
    expect(shown(cutter.push(bytes('ee\n')))).toEqual([['9', 'three']]);
    expect(cutter.end()).toEqual([]);
  });

  it('gives the same records however the bytes are cut', () => {
    const text = 'alpha\n\n  \nbeta\r\n gamma\ndelta';
    const whole = lineCutter(7, 100);
    const expected = [...shown(whole.push(bytes(text))), ...shown(whole.end())];
    for (let size = 1; size < 6; size++) {
      const cutter = lineCutter(7, 100);
      const seen: unknown[] = [];
      for (let at = 0; at < text.length; at += size)
        seen.push(...shown(cutter.push(bytes(text.slice(at, at + size)))));
      seen.push(...shown(cutter.end()));
      expect(seen).toEqual(expected);
    }
    expect(expected.map(([position]) => position)).toEqual(['7', '17', '23', '30']);
  });

  it('reports an over-long line once with its whole size and goes on with the next', () => {
    const cutter = lineCutter(0, 10);
    const records = shown([
      ...cutter.push(bytes('x'.repeat(50))),
      ...cutter.push(bytes(`${'x'.repeat(50)}\nok\n`)),
    ]);
    expect(records).toEqual([
      ['0', 'x'.repeat(12), 'record of 100 bytes is over the limit of 10'],
      ['101', 'ok'],
    ]);
  });

  it('glues continuation lines to the record before them', () => {
    const cutter = lineCutter(0, 100, { continues: (line) => line[0] === 32 });
    expect(shown(cutter.push(bytes('head\n  a\n  b\nnext\n')))).toEqual([['0', 'head\n  a\n  b']]);
    expect(cutter.offset).toBe(13);
    expect(shown(cutter.end())).toEqual([['13', 'next']]);
  });

  it('gives a line that stands alone at once', () => {
    const cutter = lineCutter(0, 100, {
      continues: (line) => line[0] === 32,
      stands: (line) => line[0] === 123,
    });
    expect(shown(cutter.push(bytes('head\n  a\n{"a":1}\n')))).toEqual([
      ['0', 'head\n  a'],
      ['9', '{"a":1}'],
    ]);
  });
});

describe('handing on', () => {
  const framing = {
    carries: {
      from: (record: Uint8Array) => (/^\d/.test(shownText(record)) ? record.subarray(0, 1) : undefined),
      lacks: (record: Uint8Array) => shownText(record).startsWith(' '),
    },
  };
  const shownText = (raw: Uint8Array) => new TextDecoder().decode(raw);

  it('puts before a record what the last one that had it hands on', () => {
    const cutter = lineCutter(0, 100, framing);
    const records = cutter.push(bytes(' a\n1 b\n c\nd\n e\n2 f\n g\n'));
    expect(records.map(({ raw }) => shownText(raw))).toEqual([' a', '1 b', '1 c', 'd', '1 e', '2 f', '2 g']);
  });

  it('gives the same records when it goes on in the middle', () => {
    const text = '1 b\n c\n d\n2 e\n f\n';
    const whole = shown(lineCutter(0, 100, framing).push(bytes(text)));
    for (let cut = 0; cut <= text.length; cut++) {
      const first = lineCutter(0, 100, framing);
      const seen = shown(first.push(bytes(text.slice(0, cut))));
      const second = lineCutter(first.offset, 100, framing, first.carried);
      expect([...seen, ...shown(second.push(bytes(text.slice(first.offset))))]).toEqual(whole);
    }
  });
});
