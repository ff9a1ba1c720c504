/** Joining interleaved lines: whole records, the same however the bytes come and wherever reading starts again, bounded. */
import { describe, expect, it } from 'vitest';
import { GAP_LINES, OPEN_LINES } from './joined.ts';
import { lineCutter } from './lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (raw: Uint8Array) => new TextDecoder().decode(raw);
/** `key.part`, where part `z` is the last; lines without a dot have no key. */
const joins = {
  key: (line: Uint8Array) => /^(\w+)\./.exec(text(line))?.[1],
  last: (line: Uint8Array) => text(line).endsWith('.z'),
};
const cutter = (start = 0, maxBytes = 1_000) => lineCutter(start, maxBytes, { joins });
const shown = (records: { raw: Uint8Array; position: string }[]) =>
  records.map(({ raw, position }) => `${position}:${text(raw).replaceAll('\n', '|')}`);

const interleaved = 'a.1\nb.1\na.2\nc.z\nb.z\na.z\nx\nd.1\n';

describe('joining lines', () => {
  it('gives each record whole at its last line, with the offset of its first', () => {
    const one = cutter();
    expect(shown(one.push(bytes(interleaved)))).toEqual(['12:c.z', '4:b.1|b.z', '0:a.1|a.2|a.z', '24:x']);
    expect(shown(one.end())).toEqual(['26:d.1']);
  });

  it('goes on from the last place where nothing was open', () => {
    const offsets: number[] = [];
    const one = cutter();
    for (const line of interleaved.split(/(?<=\n)/)) {
      one.push(bytes(line));
      offsets.push(one.offset);
    }
    expect(offsets).toEqual([0, 0, 0, 0, 0, 24, 26, 26]);
  });

  it('makes the same records wherever it is stopped and started again', () => {
    const whole = shown([
      ...cutter().push(bytes(interleaved)),
      ...(() => {
        const one = cutter();
        one.push(bytes(interleaved));
        return one.end();
      })(),
    ]);
    for (let stop = 1; stop < interleaved.length; stop += 1) {
      const first = cutter();
      const before = shown(first.push(bytes(interleaved.slice(0, stop))));
      const again = cutter(first.offset);
      const after = shown([...again.push(bytes(interleaved.slice(first.offset))), ...again.end()]);
      expect([...new Set([...before, ...after])].sort()).toEqual([...whole].sort());
    }
  });

  it('gives a record without last line out after a gap, and what follows as another', () => {
    const one = cutter();
    const records = one.push(bytes(`a.1\n${'q.z\n'.repeat(GAP_LINES + 1)}a.2\n`));
    expect(shown(records).filter((record) => record.includes('a.'))).toEqual(['0:a.1']);
    expect(shown(one.end())).toEqual([`${4 * (GAP_LINES + 2)}:a.2`]);
  });

  it('gives everything out when something is always open', () => {
    const one = cutter();
    const lines = Array.from({ length: OPEN_LINES }, (_, i) => `k${i}.1\nk${i - 9}.z\n`).join('');
    one.push(bytes(lines));
    expect(one.offset).toBeGreaterThanOrEqual(lines.length - OPEN_LINES * 20);
    expect(one.offset).toBeGreaterThan(0);
  });

  it('counts anew after the end, as a second reading from there does', () => {
    const chain = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `k${from + i}.1\nk${from + i - 9}.z\n`).join('');
    const one = cutter();
    one.push(bytes(chain(0, 2_000)));
    one.end();
    const again = cutter(one.offset);
    const next = chain(2_009, 2_200);
    expect(shown(one.push(bytes(next)))).toEqual(shown(again.push(bytes(next))));
  });

  it('cuts a record that outgrows the limit, and loses none of it', () => {
    const one = cutter(0, 20);
    const records = [...one.push(bytes('a.1234567\na.7654321\na.abcdefg\nb.z\n')), ...one.end()];
    expect(shown(records)).toEqual(['0:a.1234567|a.7654321', '30:b.z', '20:a.abcdefg']);
  });

  it('reports an over-long line by itself', () => {
    const one = cutter(0, 20);
    const [record] = one.push(bytes(`a.${'x'.repeat(50)}\n`));
    expect(record?.broken).toContain('over the limit of 20');
    expect(one.end()).toEqual([]);
  });
});
