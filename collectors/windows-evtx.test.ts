import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { corpusPath } from '../tests/corpus.ts';
import { ecsProblems } from '../tests/ecs.ts';
import { needCorpus } from '../tests/testbed/need.ts';
import { windowsEvtx } from './windows-evtx.ts';

const recordsOf = (file: Uint8Array) => [...windowsEvtx.framing.records(file)];
const eventOf = (raw: Uint8Array) => {
  const made = windowsEvtx.normalise(raw);
  if ('reject' in made) throw new Error(made.reject);
  return made.event;
};

describe('what is no event log', () => {
  it.each(['', 'ElfFile\0', 'x'.repeat(5_000), '\0'.repeat(70_000)])(
    'gives damage with a reason, and never throws',
    (text) => {
      for (const record of recordsOf(Buffer.from(text, 'latin1')))
        expect(record.broken).toMatch(/^damage at byte \d+/);
    },
  );

  it('refuses bytes that are no decoded record', () => {
    expect(windowsEvtx.normalise(Buffer.from('{"winlog":null}'))).toEqual({
      reject: 'a record without System data',
    });
    expect(windowsEvtx.normalise(Buffer.from('garbage'))).toEqual({
      reject: 'not a decoded event log record',
    });
  });
});

const corpus = needCorpus('evtx');
corpus.describe('recorded event logs', () => {
  const folder = () => corpusPath('evtx');
  const files = () =>
    readdirSync(folder(), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.evtx'))
      .sort();

  it('become ECS events, each record one', () => {
    const problems = ecsProblems();
    const wrong = new Set<string>();
    let events = 0;
    for (const name of files().filter((_, index) => index % 8 === 0)) {
      const positions = new Set<string>();
      for (const record of recordsOf(readFileSync(join(folder(), name)))) {
        expect(record.broken).toBeUndefined();
        positions.add(record.position);
        events += 1;
        for (const problem of problems(eventOf(record.raw))) wrong.add(problem);
      }
    }
    expect([...wrong]).toEqual([]);
    expect(events).toBeGreaterThan(500);
  });

  it('say who logged on from where', () => {
    const name = files().find((one) =>
      one.endsWith('ID4625-failed login with denied access due to account restriction.evtx'),
    )!;
    const [record] = recordsOf(readFileSync(join(folder(), name)));
    expect(eventOf(record!.raw)).toMatchObject({
      event: {
        dataset: 'windows.security',
        code: '4625',
        action: 'logon-failed',
        category: ['authentication'],
        outcome: 'failure',
      },
      host: { name: 'FS03.offsec.lan' },
      source: { ip: '10.23.23.9' },
      vigia: { logsource: { product: 'windows' } },
      winlog: { channel: 'Security', event_data: { LogonType: '10' } },
    });
  });

  it('say which program ran', () => {
    const name = files().find((one) => one.endsWith('ID1-SPN discovery (SYSMON process).evtx'))!;
    const [record] = recordsOf(readFileSync(join(folder(), name)));
    expect(eventOf(record!.raw)).toMatchObject({
      event: { dataset: 'windows.sysmon', code: '1', action: 'process-created' },
      process: { name: 'setspn.exe', command_line: 'setspn  -T offsec -Q */*' },
      user: { domain: 'OFFSEC', name: 'admmig' },
    });
  });
});
