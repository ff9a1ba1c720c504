/** What the reader makes of well-formed logs: every value type, templates, and the public recordings. */
import { globSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { corpusPath } from '../../tests/corpus.ts';
import { needCorpus } from '../../tests/testbed/need.ts';
import { type EvtxItem, elementsOf, readEvtx, textOf, toXml } from './reader.ts';
import { chunk, dataTemplate, file, int, type Part, type Stored, text } from './synthetic.ts';

type EvtxRecord = Extract<EvtxItem, { kind: 'record' }>;

function records(bytes: Uint8Array): EvtxRecord[] {
  const items = [...readEvtx(bytes)];
  expect(items.filter((item) => item.kind === 'damage')).toEqual([]);
  return items.filter((item) => item.kind === 'record');
}

function shownAs(stored: Stored): unknown {
  const [record] = records(file([chunk(dataTemplate(1), [[stored]])]));
  const data = elementsOf(elementsOf(record!.event)[0]!);
  return data.length === 1 ? textOf(data[0]!) : data.map(textOf);
}

function bytes(...values: number[]): Buffer {
  return Buffer.from(values);
}

const sidBytes = bytes(1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0);
const guidBytes = bytes(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255);

describe('values', () => {
  it.each<[string, Stored, unknown]>([
    ['text', text('pensão €'), 'pensão €'],
    ['text with its terminator', text('user\0'), 'user'],
    ['empty text', text(''), ''],
    ['half a surrogate pair', [0x01, bytes(0x3d, 0xd8)], '\ufffd'],
    ['ANSI text', [0x02, bytes(0x70, 0xe3, 0x6f, 0)], 'pão'],
    ['a signed byte', int(0x03, 1, -5), -5],
    ['a byte', int(0x04, 1, 251), 251],
    ['a signed 16-bit number', int(0x05, 2, -300), -300],
    ['a 16-bit number', int(0x06, 2, 65_000), 65_000],
    ['a signed 32-bit number', int(0x07, 4, -70_000), -70_000],
    ['a 32-bit number', int(0x08, 4, 4_000_000_000), 4_000_000_000],
    ['a signed 64-bit number', int(0x09, 8, -9n), -9],
    [
      'a 64-bit number too large to be exact',
      int(0x0a, 8, 18_446_744_073_709_551_615n),
      '18446744073709551615',
    ],
    ['the least 64-bit number', int(0x09, 8, -9_223_372_036_854_775_808n), '-9223372036854775808'],
    ['a 32-bit real', [0x0b, bytes(0, 0, 0xc0, 0x3f)], 1.5],
    ['a 64-bit real', [0x0c, bytes(0, 0, 0, 0, 0, 0, 0xf4, 0x3f)], 1.25],
    ['not a number', [0x0c, bytes(0, 0, 0, 0, 0, 0, 0xf8, 0x7f)], 'NaN'],
    ['true', int(0x0d, 4, 1), 'true'],
    ['false', int(0x0d, 4, 0), 'false'],
    ['bytes', [0x0e, bytes(0, 0xab, 0x10)], '00AB10'],
    ['a GUID', [0x0f, guidBytes], '{04030201-0605-0807-090a-0b0c0d0e0fff}'],
    ['a 32-bit pointer', int(0x10, 4, 0x1f), '0x1f'],
    ['a 64-bit pointer', int(0x10, 8, 0x7ff6_0000_0001n), '0x7ff600000001'],
    ['a FILETIME', int(0x11, 8, 132_539_328_001_234_567n), '2021-01-01T00:00:00.1234567Z'],
    ['FILETIME zero', int(0x11, 8, 0), '1601-01-01T00:00:00.0000000Z'],
    [
      'a SYSTEMTIME',
      [0x12, bytes(0xe5, 7, 1, 0, 5, 0, 31, 0, 23, 0, 59, 0, 58, 0, 7, 0)],
      '2021-01-31T23:59:58.007Z',
    ],
    ['a SID', [0x13, sidBytes], 'S-1-5-32-544'],
    ['32 bits in hexadecimal', int(0x14, 4, 0x40810000), '0x40810000'],
    ['64 bits in hexadecimal', int(0x15, 8, 0x8020000000000000n), '0x8020000000000000'],
    ['no value', [0x00, bytes()], ''],
    ['texts', [0x81, text('one\0\0three\0')[1]], ['one', '', 'three']],
    ['texts, the last without terminator', [0x81, text('one\0two')[1]], ['one', 'two']],
    ['numbers', [0x86, bytes(1, 0, 2, 0)], [1, 2]],
    ['64-bit pointers', [0x90, bytes(1, 0, 0, 0, 1, 0, 0, 0)], '0x100000001'],
    ['32-bit pointers', [0x90, bytes(1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0)], ['0x1', '0x2', '0x3']],
    ['SIDs', [0x93, Buffer.concat([sidBytes, sidBytes])], ['S-1-5-32-544', 'S-1-5-32-544']],
    ['GUIDs', [0x8f, guidBytes], '{04030201-0605-0807-090a-0b0c0d0e0fff}'],
  ])('shows %s', (_what, stored, shown) => {
    expect(shownAs(stored)).toEqual(shown);
  });
});

describe('templates', () => {
  const event = (child: Part) => ({ name: 'Event', children: [child] });
  const xml = (child: Part, ...values: Stored[]) =>
    toXml(records(file([chunk(event(child), [values])]))[0]!.event);

  it('are found again by later records of the chunk', () => {
    const found = records(
      file([
        chunk(
          dataTemplate(2),
          [
            [text('a'), text('b')],
            [text('c'), text('d')],
          ],
          7,
        ),
      ]),
    );
    expect(found.map((record) => toXml(record.event))).toEqual([
      '<Event><EventData><Data Name="V0">a</Data><Data Name="V1">b</Data></EventData></Event>',
      '<Event><EventData><Data Name="V0">c</Data><Data Name="V1">d</Data></EventData></Event>',
    ]);
    expect(found.map((record) => [record.number, record.recordId])).toEqual([
      [1, 7n],
      [2, 8n],
    ]);
  });

  it('leave out an optional attribute whose value is missing, and keep an empty or required one', () => {
    const attributes = { X: { hole: 0, optional: true }, Y: { hole: 1, optional: true }, Z: { hole: 0 } };
    expect(xml({ name: 'A', attributes }, [0x00, bytes()], text(''))).toBe('<Event><A Y="" Z=""/></Event>');
  });

  it('leave out an element whose value is missing', () => {
    const part: Part = { name: 'A', dependsOn: 0, children: [{ hole: 0 }] };
    expect(xml(part, [0x00, bytes()])).toBe('<Event/>');
    expect(xml(part, text('x'))).toBe('<Event><A>x</A></Event>');
  });

  it('join text, references and values, and step over processing instructions', () => {
    const part: Part = {
      name: 'A',
      children: [
        { text: 'x<' },
        { raw: [0x08, 0xe9, 0] },
        { hole: 0 },
        { raw: [0x07, 1, 0, 0x26, 0] },
        { raw: [0x0b, 1, 0, 0x3f, 0] },
        { entity: 'quot' },
        { entity: 'constructor' },
      ],
    };
    expect(xml(part, int(0x08, 4, 5))).toBe('<Event><A>x&lt;é5&amp;&quot;&amp;constructor;</A></Event>');
  });

  it('escape what XML cannot hold', () => {
    expect(xml({ name: 'A', attributes: { X: { hole: 0 } } }, text('"\u0001\r\n<'))).toBe(
      '<Event><A X="&quot;\ufffd&#13;\n&lt;"/></Event>',
    );
  });
});

describe('records', () => {
  it('carry their time and their own bytes', () => {
    const [record] = records(file([chunk(dataTemplate(1), [[text('a')]])]));
    expect(record).toMatchObject({ timeMs: 1_609_459_200_123, fileTime: 132_539_328_001_234_567n });
    expect(Buffer.from(record!.raw).readUInt32LE(4)).toBe(record!.raw.length);
  });

  it('are numbered through all chunks of the file', () => {
    const chunks = [chunk(dataTemplate(1), [[text('a')]], 1), chunk(dataTemplate(1), [[text('b')]], 2)];
    expect(records(file(chunks)).map((record) => record.number)).toEqual([1, 2]);
  });

  it('may end before space that Windows keeps for later', () => {
    expect(
      records(Buffer.concat([file([chunk(dataTemplate(1), [[text('a')]])]), Buffer.alloc(70_000)])),
    ).toHaveLength(1);
  });
});

needCorpus('evtx').describe('the public recordings', () => {
  it('give as many records per file as other readers, and no damage', () => {
    const expected = new Map<string, number>();
    const origin = gunzipSync(readFileSync(corpusPath('bench', 'origin.tsv.gz'))).toString();
    for (const line of origin.trim().split('\n')) {
      const name = line.split('\t')[1]!;
      expected.set(name, (expected.get(name) ?? 0) + 1);
    }
    const counts = new Map<string, number>();
    for (const name of globSync(['evtx/**/*.evtx', 'sigma/**/*.evtx'], { cwd: corpusPath() })) {
      counts.set(name, records(readFileSync(corpusPath(name))).length);
    }
    expect(counts.size).toBe(569);
    expect(counts).toEqual(expected);
  });
});
