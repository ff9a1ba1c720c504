/** Login records of both files: kinds, addresses, blanked records, cut files, the recorded files. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import { linuxBtmp } from './linux-btmp.ts';
import { linuxWtmp } from './linux-wtmp.ts';
import { utmpCutter } from './utmp/record.ts';

const context = { source: 'web1', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 0, host: 'web1' };

/** Laid out by hand after utmp(5). */
function record(
  type: number,
  user: string,
  host: string,
  address: number[] = [],
  seconds = 1_772_618_400,
): Uint8Array {
  const raw = Buffer.alloc(384);
  raw.writeInt16LE(type, 0);
  raw.writeInt32LE(77, 4);
  raw.write('pts/0', 8);
  raw.write(user, 44);
  raw.write(host, 76);
  raw.writeUInt32LE(seconds, 340);
  raw.writeUInt32LE(123_456, 344);
  raw.set(address, 348);
  return raw;
}
function eventOf(raw: Uint8Array, collector = linuxWtmp) {
  const result = collector.normalise(raw, context);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}

describe('linux-wtmp and linux-btmp', () => {
  it('read a login as written down', () => {
    expect(eventOf(record(7, 'ana', 'desk7', [192, 0, 2, 7]))).toEqual({
      '@timestamp': '2026-03-04T10:00:00.123Z',
      event: {
        kind: 'event',
        module: 'linux',
        dataset: 'linux.wtmp',
        action: 'login',
        outcome: 'success',
        category: ['authentication', 'session'],
        type: ['start'],
      },
      message: 'login ana pts/0 192.0.2.7',
      host: { name: 'web1' },
      process: { pid: 77 },
      user: { name: 'ana' },
      source: { address: '192.0.2.7', ip: '192.0.2.7' },
      related: { user: ['ana'], ip: ['192.0.2.7'], hosts: ['web1'] },
      vigia: {
        logsource: { product: 'linux', service: 'wtmp' },
        linux: { record: 'user', terminal: 'pts/0' },
      },
    });
  });

  it.each([
    [linuxWtmp, record(8, '', ''), 'logout', undefined],
    [linuxWtmp, record(2, 'reboot', '6.1'), 'boot', undefined],
    [linuxWtmp, record(1, 'shutdown', '6.1'), 'shutdown', undefined],
    [linuxWtmp, record(1, 'runlevel', '6.1'), 'run-level-changed', undefined],
    [linuxWtmp, record(3, 'date', ''), 'clock-changed', undefined],
    [linuxWtmp, record(6, 'LOGIN', ''), 'login-prompt', undefined],
    [linuxBtmp, record(6, 'root', '', [192, 0, 2, 7]), 'login', 'root'],
  ])('know the kinds of records (%#)', (collector, raw, action, user) => {
    expect([eventOf(raw, collector).event.action, eventOf(raw, collector).user?.name]).toEqual([
      action,
      user,
    ]);
  });

  it('read names of hosts, and addresses of both kinds', () => {
    const six = [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 7];
    expect(eventOf(record(7, 'ana', '', six)).source).toEqual({ address: '2001:db8::7', ip: '2001:db8::7' });
    expect(eventOf(record(7, 'ana', 'desk7')).source).toEqual({ address: 'desk7', domain: 'desk7' });
    expect(eventOf(record(7, 'ana', ':0')).source).toBeUndefined();
  });

  it('tell a blanked record, and leave out the time that it lacks', () => {
    const event = eventOf(new Uint8Array(384));
    expect(event.event.action).toBe('login-record-empty');
    expect(event['@timestamp']).toBeUndefined();
  });

  it('cut records wherever the bytes are cut, and name what is left at the end', () => {
    const input = Buffer.concat([record(7, 'ana', ''), record(7, 'rui', ''), Buffer.alloc(5)]);
    for (const pieces of [1, 100, 383, 384, 385, 1_000]) {
      const cutter = utmpCutter(0);
      const found = [];
      for (let at = 0; at < input.length; at += pieces)
        found.push(...cutter.push(input.subarray(at, at + pieces)));
      expect(found.map(({ raw, position }) => [position, eventOf(raw).user?.name])).toEqual([
        ['0', 'ana'],
        ['384', 'rui'],
      ]);
      expect([cutter.offset, cutter.midLine]).toEqual([768, true]);
      expect(cutter.end()).toMatchObject([{ position: '768', broken: expect.stringContaining('5 bytes') }]);
    }
  });

  it.each([
    [new Uint8Array(10), 'of 10 bytes'],
    [record(99, 'x', ''), 'unknown type 99'],
  ])('refuse what is no record', (raw, reason) => {
    const result = linuxWtmp.normalise(raw, context);
    expect('reject' in result && result.reject).toContain(reason);
  });

  it('throw at no bytes', () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const raw = Uint8Array.from({ length: 384 }, (_, at) => (seed * 31 + at * at * 17 + seed * at) % 256);
      raw[0] = seed % 10;
      raw[1] = 0;
      expect(() => [linuxWtmp.normalise(raw, context), linuxBtmp.normalise(raw, context)]).not.toThrow();
    }
  });

  it.skipIf(!hasCorpus('samples', 'linux') || !hasEcsReference())(
    'make ECS events of the recorded files',
    () => {
      const problemsOf = ecsProblems();
      const eventsOf = (file: string, collector: typeof linuxWtmp) =>
        utmpCutter(0)
          .push(readFileSync(corpusPath('samples', 'linux', file)))
          .map(({ raw }) => eventOf(raw, collector));
      const [good, bad] = [eventsOf('wtmp', linuxWtmp), eventsOf('btmp', linuxBtmp)];
      // Checked against utmpdump: one login; 26 refused, 23 of them from one address.
      expect([good.length, bad.length]).toEqual([1, 26]);
      expect(bad.filter(({ source }) => source?.ip === '10.77.0.66')).toHaveLength(23);
      for (const event of [...good, ...bad]) expect(problemsOf(event)).toEqual([]);
    },
  );
});
