/** The frame splitter against whole streams, every way to cut them, and hostile senders. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../../tests/corpus.ts';
import { frameSplitter } from './frames.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const texts = (frames: readonly { bytes: Uint8Array; broken?: string }[]) =>
  frames.map((frame) => new TextDecoder().decode(frame.bytes) + (frame.broken ? ` !${frame.broken}` : ''));

function framesOf(stream: Uint8Array, chunk: number, maxBytes?: number): string[] {
  const splitter = frameSplitter(maxBytes === undefined ? {} : { maxBytes });
  const frames = [];
  for (let at = 0; at < stream.length; at += chunk)
    frames.push(...splitter.push(stream.subarray(at, at + chunk)));
  return texts([...frames, ...splitter.end()]);
}

describe('the syslog frame splitter', () => {
  it('takes counted frames by their length, line breaks inside included', () => {
    expect(framesOf(bytes('5 <1>a\n7 <2>b\nc\n3 <3>'), 100)).toEqual(['<1>a\n', '<2>b\nc\n', '<3>']);
  });

  it('takes lines where frames do not start with a length', () => {
    expect(framesOf(bytes('<1>a\r\n\n<2>b\n<3>c'), 100)).toEqual(['<1>a\r', '<2>b', '<3>c']);
  });

  it('follows a sender that mixes both', () => {
    expect(framesOf(bytes('<1>a\n4 <2>b<3>c\n'), 100)).toEqual(['<1>a', '<2>b', '<3>c']);
  });

  it('gives the same frames however the stream is cut', () => {
    const stream = bytes('12 <1>abcdefghi\n<2>line\n2026-11-21 text\n9 <3>x\ny\nz 12345678 no length\n');
    const whole = framesOf(stream, stream.length);
    expect(whole).toContain('<3>x\ny\nz ');
    for (let chunk = 1; chunk < stream.length; chunk += 1) expect(framesOf(stream, chunk)).toEqual(whole);
  });

  it('keeps text that only begins like a length', () => {
    expect(framesOf(bytes('2026-11-21 a\n0 b\n12345678 c\n42'), 3)).toEqual([
      '2026-11-21 a',
      '0 b',
      '12345678 c',
      '42',
    ]);
  });

  it('marks a frame over the limit as broken, skips its rest and goes on with the next', () => {
    const stream = bytes(`20 ${'x'.repeat(20)}3 <1>${'y'.repeat(15)}\n<2>z\n`);
    for (const chunk of [1, 7, 100]) {
      expect(framesOf(stream, chunk, 10)).toEqual([
        'xxxxxxxxxx !frame of 20 bytes is over the limit of 10',
        '<1>',
        'yyyyyyyyyy !frame of 15 bytes is over the limit of 10',
        '<2>z',
      ]);
    }
  });

  it('says what is missing when the connection ends inside a counted frame', () => {
    expect(framesOf(bytes('9 <1>abc'), 4)).toEqual([
      '<1>abc !connection ended after 6 of 9 bytes of the frame',
    ]);
  });

  it('holds no more than the limit, whatever a sender announces', () => {
    const splitter = frameSplitter({ maxBytes: 1_000 });
    splitter.push(bytes('9999999 '));
    for (let n = 0; n < 100; n += 1) splitter.push(new Uint8Array(10_000));
    expect(splitter.held()).toBe(1_000);
  });

  it('holds a frame that comes byte by byte in no more memory than one that comes whole', () => {
    const splitter = frameSplitter({ maxBytes: 100_000 });
    for (let n = 0; n < 40_000; n += 1) splitter.push(bytes('x'));
    expect(splitter.held()).toBeGreaterThanOrEqual(40_000);
    expect(splitter.held()).toBeLessThanOrEqual(80_000);
    expect(texts(splitter.push(bytes('y\n')))).toEqual([`${'x'.repeat(40_000)}y`]);
    expect(splitter.held()).toBe(0);
  });

  it.skipIf(!hasCorpus('samples', 'linux'))('reads the same messages from both recorded TCP streams', () => {
    const stream = (name: string) => framesOf(readFileSync(corpusPath('samples', 'linux', name)), 1_460);
    const counted = stream('syslog-tcp-octet-counted.raw');
    expect(counted).toHaveLength(385);
    expect(stream('syslog-tcp-newline.raw')).toHaveLength(385);
    expect(counted.filter((frame) => !/^<\d+>1 /.test(frame))).toEqual([]);
  });
});
