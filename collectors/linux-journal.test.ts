/** The journal in both of its forms: binary fields, cut streams, and the same events as from syslog. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import { journalCutter } from './journal/entry.ts';
import { linuxJournal } from './linux-journal.ts';

const context = { source: 'web1', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 0 };
const bytes = (text: string) => new TextEncoder().encode(text);
function eventOf(raw: Uint8Array | string) {
  const result = linuxJournal.normalise(typeof raw === 'string' ? bytes(raw) : raw, context);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}
const cut = (input: Uint8Array, pieces = input.length, maxBytes = 100_000) => {
  const cutter = journalCutter(0, maxBytes);
  const records = [];
  for (let at = 0; at < input.length; at += pieces)
    records.push(...cutter.push(input.subarray(at, at + pieces)));
  return [...records, ...cutter.end()];
};
const entry = (...lines: string[]) => bytes(`__REALTIME_TIMESTAMP=1772618400123456\n${lines.join('\n')}\n\n`);
/** A field whose value holds line breaks, as the journal writes it. */
function binary(name: string, value: string): Buffer {
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(bytes(value).length));
  return Buffer.concat([bytes(`${name}\n`), size, bytes(`${value}\n`)]);
}

describe('linux-journal', () => {
  it('makes the event that syslog would make, with what the kernel knows', () => {
    const event = eventOf(
      entry(
        ...[
          '_HOSTNAME=web1',
          'PRIORITY=6',
          'SYSLOG_FACILITY=4',
          'SYSLOG_IDENTIFIER=sshd',
          '_PID=77',
          '_UID=0',
        ],
        ...['_EXE=/usr/sbin/sshd', '_CMDLINE=sshd: ana [priv]', '_SYSTEMD_UNIT=ssh.service'],
        'MESSAGE=Failed password for invalid user test from 192.0.2.7 port 4711 ssh2',
      ),
    );
    expect(event).toMatchObject({
      '@timestamp': '2026-03-04T10:00:00.123Z',
      event: { dataset: 'linux.auth', action: 'ssh-login', outcome: 'failure', category: ['authentication'] },
      host: { name: 'web1' },
      user: { name: 'test' },
      source: { ip: '192.0.2.7', port: 4711 },
      process: { name: 'sshd', pid: 77, executable: '/usr/sbin/sshd' },
      log: { level: 'informational', syslog: { facility: { name: 'auth' } } },
      vigia: { logsource: { product: 'linux', service: 'sshd' }, journal: { unit: 'ssh.service', uid: '0' } },
    });
  });

  it('keeps a blank line inside a binary field, wherever the bytes are cut', () => {
    const one = Buffer.concat([
      bytes('__REALTIME_TIMESTAMP=1772618400123456\n'),
      binary('MESSAGE', 'a\n\nb=c\n'),
      bytes('_HOSTNAME=web1\n\n'),
    ]);
    const input = Buffer.concat([
      one,
      entry('MESSAGE=next'),
      bytes('{"MESSAGE":"json"}\n'),
      entry('MESSAGE=last'),
    ]);
    const whole = cut(input);
    expect(whole.map(({ position }) => position)).toEqual([
      '0',
      ...[one.length, one.length + 52, one.length + 71].map(String),
    ]);
    expect(eventOf(whole[0]!.raw)).toMatchObject({ message: 'a\n\nb=c\n', host: { name: 'web1' } });
    for (let pieces = 1; pieces < 60; pieces += 1) expect(cut(input, pieces)).toEqual(whole);
  });

  it('goes on from the entry that was not finished', () => {
    const input = Buffer.concat([entry('MESSAGE=a'), entry('MESSAGE=b')]);
    const cutter = journalCutter(0, 1_000);
    expect(cutter.push(input.subarray(0, 60))).toHaveLength(1);
    expect([cutter.offset, cutter.midLine]).toEqual([49, true]);
    expect(journalCutter(49, 1_000).push(input.subarray(49))[0]).toMatchObject({ position: '49' });
  });

  it('reports an over-long entry with its size, and reads the next', () => {
    const long = Buffer.concat([bytes('A=b\n'), binary('MESSAGE', 'x\n\n'.repeat(40_000)), bytes('\n')]);
    const records = cut(Buffer.concat([long, entry('MESSAGE=next')]), 1_000, 5_000);
    expect(records).toHaveLength(2);
    expect(records[0]).toMatchObject({
      size: long.length,
      broken: expect.stringContaining('over the limit'),
    });
    expect(eventOf(records[1]!.raw).message).toBe('next');
  });

  it('reads bytes that JSON writes as numbers, and hides passwords', () => {
    const json = {
      __REALTIME_TIMESTAMP: '1772618400123456',
      MESSAGE: [104, 105, 255],
      _CMDLINE: 'x --password=Pl4nted',
    };
    const event = eventOf(JSON.stringify(json));
    expect(event.message).toBe('hi\uFFFD');
    expect(JSON.stringify(event)).not.toContain('Pl4nted');
    expect(new TextDecoder().decode(linuxJournal.mask(bytes('_CMDLINE=x --password=Pl4nted')))).not.toContain(
      'Pl4nted',
    );
  });

  it.each([
    ['{"MESSAGE":"x"}', 'no __REALTIME_TIMESTAMP'],
    ['{', 'no JSON'],
    ['__REALTIME_TIMESTAMP=1772618400123456\n', 'no MESSAGE'],
    ['hello\n', 'ends before its length'],
    ['hello world\n', 'no field of the journal'],
    ['MESSAGE\n\u0009\u0000\u0000\u0000\u0000\u0000\u0000\u0000abc\n', 'ends before its 9 bytes'],
  ])('refuses %j', (text, reason) => {
    const result = linuxJournal.normalise(bytes(text), context);
    const found = 'reject' in result ? result.reject : 'taken';
    expect(found).toMatch(text === 'hello\n' ? /no field|ends before/ : new RegExp(reason));
  });

  it.skipIf(!hasCorpus('samples', 'linux') || !hasEcsReference())(
    'makes the same ECS events of both recorded forms',
    () => {
      const problemsOf = ecsProblems();
      const [exported, json] = ['journal.export', 'journal.jsonl'].map((file) =>
        cut(readFileSync(corpusPath('samples', 'linux', file))).map(({ raw }) => eventOf(raw)),
      );
      expect(exported).toHaveLength(7);
      for (const event of exported!) expect(problemsOf(event)).toEqual([]);
      const told = (events: typeof exported) =>
        events!.map(({ event: { original, ...event }, ...rest }) => ({
          ...rest,
          event,
          fields: original?.length,
        }));
      expect(told(json)).toEqual(told(exported));
    },
  );
});
