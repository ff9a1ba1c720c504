/** Flat fields, by Sigma's names and in Winlogbeat's shape: small cases, and every record of the public recordings. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { corpusPath } from '../../tests/corpus.ts';
import { needCorpus } from '../../tests/testbed/need.ts';
import { flatten } from './flatten.ts';
import { readEvtx, type Value, type XmlElement } from './reader.ts';

function el(
  name: string,
  attributes: { [name: string]: Value } = {},
  ...children: (XmlElement | Value)[]
): XmlElement {
  return { name, attributes: Object.entries(attributes), children };
}

const system = el(
  'System',
  {},
  el('Provider', {
    Name: 'Microsoft-Windows-Security-Auditing',
    Guid: '{54849625-5478-4994-a5ba-3e3b0328c30d}',
  }),
  el('EventID', { Qualifiers: 49152 }, 4625),
  el('Version', {}, 0),
  el('Level', {}, 0),
  el('Task', {}, 12544),
  el('Opcode', {}, 0),
  el('Keywords', {}, '0x8010000000000000'),
  el('TimeCreated', { SystemTime: '2021-01-01T00:00:00.1234567Z' }),
  el('EventRecordID', {}, '18446744073709551615'),
  el('Correlation', { ActivityID: '{00000000-0000-0000-0000-000000000001}' }),
  el('Execution', { ProcessID: 604, ThreadID: 700 }),
  el('Channel', {}, 'Security'),
  el('Computer', {}, 'srv-app-07'),
  el('Security', { UserID: 'S-1-5-18' }),
);

describe('system fields', () => {
  it('have the names of Sigma', () => {
    expect({ ...flatten(el('Event', {}, system)).fields }).toEqual({
      Provider_Name: 'Microsoft-Windows-Security-Auditing',
      Provider_Guid: '{54849625-5478-4994-a5ba-3e3b0328c30d}',
      EventID: 4625,
      EventID_Qualifiers: 49152,
      Version: 0,
      Level: 0,
      Task: 12544,
      Opcode: 0,
      Keywords: '0x8010000000000000',
      TimeCreated_SystemTime: '2021-01-01T00:00:00.1234567Z',
      EventRecordID: '18446744073709551615',
      Correlation_ActivityID: '{00000000-0000-0000-0000-000000000001}',
      Execution_ProcessID: 604,
      Execution_ThreadID: 700,
      Channel: 'Security',
      Computer: 'srv-app-07',
      Security_UserID: 'S-1-5-18',
    });
  });

  it('have the shape of Winlogbeat', () => {
    const { winlog, level } = flatten(el('Event', {}, system));
    expect(level).toBe('information');
    expect(winlog).toEqual({
      provider_name: 'Microsoft-Windows-Security-Auditing',
      provider_guid: '{54849625-5478-4994-a5ba-3e3b0328c30d}',
      event_id: '4625',
      version: 0,
      opcode: 'Info',
      keywords: ['Audit Failure'],
      time_created: '2021-01-01T00:00:00.1234567Z',
      record_id: '18446744073709551615',
      activity_id: '{00000000-0000-0000-0000-000000000001}',
      process: { pid: 604, thread: { id: 700 } },
      channel: 'Security',
      computer_name: 'srv-app-07',
      user: { identifier: 'S-1-5-18' },
    });
  });

  it('are numbers also where a forwarder wrote text', () => {
    const forwarded = el('System', {}, el('EventID', {}, '4624'), el('Execution', { ProcessID: '604' }));
    const { fields, winlog } = flatten(el('Event', {}, forwarded));
    expect(fields['EventID']).toBe(4624);
    expect(winlog).toEqual({ event_id: '4624', process: { pid: 604 } });
  });

  it('cannot be replaced by event data that claims their names', () => {
    const forged = el(
      'EventData',
      {},
      el('Data', { Name: 'Computer' }, 'elsewhere'),
      el('Data', { Name: 'Level' }, 7),
    );
    const { fields, winlog } = flatten(el('Event', {}, system, forged));
    expect(fields).toMatchObject({ Computer: 'srv-app-07', Level: 7 });
    expect(winlog).toMatchObject({ computer_name: 'srv-app-07', event_data: { Computer: 'elsewhere' } });
  });
});

describe('event data', () => {
  const data = el(
    'EventData',
    { Name: 'X' },
    el('Data', { Name: 'Threat Name' }, 'EICAR'),
    el('Data', { Name: 'Empty' }),
    el('Data', {}, 'first'),
    el('Data', {}, 2),
    el('Binary', {}, '00FF'),
    el('Data', { Name: '__proto__' }, 'safe'),
  );
  const { fields, winlog } = flatten(el('Event', {}, data));

  it('loses the blanks of its names, and gathers what has no name', () => {
    expect({ ...fields }).toEqual({
      EventData_Name: 'X',
      ThreatName: 'EICAR',
      Empty: '',
      Data: ['first', 2],
      Binary: '00FF',
      ['__proto__']: 'safe',
    });
  });

  it('is text for Winlogbeat, and numbered where it has no name', () => {
    expect({ ...winlog.event_data }).toEqual({
      'Threat Name': 'EICAR',
      Empty: '',
      param3: 'first',
      param4: '2',
      Binary: '00FF',
      ['__proto__']: 'safe',
    });
  });
});

it('takes user data by the names of its elements', () => {
  const own = el(
    'EventXML',
    { xmlns: 'Event_NS' },
    el('User', {}, 'CORP\\a'),
    el('Inner', {}, el('Address', {}, '10.0.0.1')),
  );
  const { fields, winlog } = flatten(el('Event', {}, el('UserData', {}, own)));
  expect({ ...fields }).toEqual({ User: 'CORP\\a', Address: '10.0.0.1' });
  expect({ ...winlog.user_data }).toEqual({ xml_name: 'EventXML', User: 'CORP\\a', Address: '10.0.0.1' });
});

it('takes message, task and keywords from a record that was rendered before it was forwarded', () => {
  const keywords = el('Keywords', {}, el('Keyword', {}, 'Audit Success'));
  const rendered = el(
    'RenderingInfo',
    {},
    el('Message', {}, 'hello'),
    el('Level', {}, 'Information'),
    el('Task', {}, 'Logon'),
    keywords,
  );
  const { fields, winlog, message } = flatten(el('Event', {}, system, rendered));
  expect(message).toBe('hello');
  expect(winlog).toMatchObject({ task: 'Logon', keywords: ['Audit Success'] });
  expect(fields['Level']).toBe(0);
});

needCorpus('bench').describe('the public recordings', () => {
  /** The other reader adds these by copying another field of the same record. */
  const copies: { readonly [added: string]: string } = {
    Image: 'NewProcessName',
    LogonId: 'SubjectLogonId',
    ParentImage: 'ParentProcessName',
    Signature: 'ThreatName',
    Filename: 'Path',
  };
  const routing = ['product', 'category', 'service'];

  it('flatten to what another reader makes of all 12,278 records', () => {
    const lines = unzip('events.jsonl.gz');
    const read = new Map<string, ReturnType<typeof flatten>['fields'][]>();
    const different: unknown[] = [];
    let compared = 0;
    for (const [line, name, record] of unzip('origin.tsv.gz').map((row) => row.split('\t'))) {
      if (!read.has(name!)) read.set(name!, fieldsOf(name!));
      const mine = read.get(name!)![Number(record) - 1]!;
      const theirs: { [name: string]: unknown } = JSON.parse(asShown(lines[Number(line) - 1]!));
      for (const field of routing) if (!(field in mine)) delete theirs[field];
      for (const [added, from] of Object.entries(copies)) {
        if (!(added in mine) && JSON.stringify(theirs[added]) === JSON.stringify(mine[from]))
          delete theirs[added];
      }
      if (!isDeepStrictEqual({ ...mine }, theirs))
        different.push({ line, name, record, mine: { ...mine }, theirs });
      compared++;
    }
    expect(different).toEqual([]);
    expect(compared).toBe(12_278);
  });

  function fieldsOf(name: string) {
    const items = [...readEvtx(readFileSync(corpusPath(name)))];
    return items.filter((item) => item.kind === 'record').map((item) => flatten(item.event).fields);
  }

  function unzip(name: string): string[] {
    return gunzipSync(readFileSync(corpusPath('bench', name)))
      .toString()
      .trimEnd()
      .split('\n');
  }

  /** Event Viewer shows booleans as text, and 64-bit numbers with all their digits. */
  function asShown(line: string): string {
    return line.replace(/("\w+":)(true|false|\d{16,})(?=[,}])/g, '$1"$2"');
  }
});
