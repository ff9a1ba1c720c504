/** The Samba audit collector against recorded lines, whole recorded files and garbage. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { NormaliseContext } from './collector.ts';
import { lineCutter } from './reading/lines.ts';
import { sambaAudit } from './samba-audit.ts';

const context: NormaliseContext = { source: 'dc1', anchor: '2026-11-21T00:00:00Z', zoneMinutes: 60 };
const bytes = (text: string) => new TextEncoder().encode(text);
const normalise = (text: string) => sambaAudit.normalise(bytes(text), context);
const testdata = (name: string) => join(import.meta.dirname, 'testdata', 'samba-audit', name);

/** The event of a record that must become one. */
function eventOf(text: string | Uint8Array) {
  const result = sambaAudit.normalise(typeof text === 'string' ? bytes(text) : text, context);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}

function records(file: Uint8Array) {
  const cutter = lineCutter(0, 1_048_576, sambaAudit.framing);
  return [...cutter.push(file), ...cutter.end()];
}

const change = (attributes: object, more: object = {}) =>
  JSON.stringify({
    timestamp: '2026-11-21T19:54:49.752000+0000',
    type: 'dsdbChange',
    dsdbChange: {
      statusCode: 0,
      status: 'Success',
      operation: 'Modify',
      dn: 'CN=x,CN=Users,DC=a,DC=test',
      attributes,
      ...more,
    },
  });

describe('samba-audit', () => {
  const lines = readFileSync(testdata('lines.jsonl'), 'utf8').trimEnd().split('\n');
  const expected: unknown[] = JSON.parse(readFileSync(testdata('expected.json'), 'utf8'));

  it.each(lines.map((line, index) => [index + 1, line] as const))(
    'reads recorded line %i as written down',
    (number, line) => {
      const { event, ...rest } = eventOf(line);
      const { original, ...kept } = event;
      expect({ event: kept, ...rest }).toEqual(expected[number - 1]);
      expect(original).toBe(line);
    },
  );

  it.each([
    ['a name with accents', 'cnVpLm7Ds2JyZWdh', 'rui.nóbrega'],
    ['a binary value', 'AQUAAAAAAAUVAAAA', 'AQUAAAAAAAUVAAAA'],
    ['damaged Base64', 'cnVpLm7Ds2Jy*', 'cnVpLm7Ds2Jy*'],
  ])('shows %s that Samba wrote in Base64', (_, value, expected) => {
    const event = eventOf(
      change({ displayName: { actions: [{ action: 'add', values: [{ base64: true, value }] }] } }),
    );
    expect((event.vigia?.['samba'] as { added?: unknown } | undefined)?.added).toEqual({
      displayname: [expected],
    });
  });

  it('accepts the two blanks before JSON records of a shared log file', () => {
    expect(eventOf(`  ${lines[0]}`)).toEqual(eventOf(lines[0]!));
  });

  it('glues indented text to its header and keeps JSON records apart', () => {
    const file = `[2026/11/21 19:56:45.096432,  0] ../../a.c:62(main)\n  started\n  Copyright\n  ${lines[0]}\n  ${lines[1]}\n`;
    const datasets = records(bytes(file)).map((record) => eventOf(record.raw).event.dataset);
    expect(datasets).toEqual(['samba.log', 'samba.auth', 'samba.auth']);
  });

  it('reads header times in the zone of the source and says that it assumed it', () => {
    const event = eventOf(
      '[2026/11/21 19:56:45.096432,  1, pid=7, effective(0, 0)] ../../a.c:62(main)\n  hello',
    );
    expect(event['@timestamp']).toBe('2026-11-21T18:56:45.096Z');
    expect(event.vigia?.clock).toEqual(['assumed-zone']);
    expect(event.message).toBe('hello');
  });

  it('keeps a text audit record apart from its JSON twin, with address and outcome', () => {
    const event = eventOf(
      '[2026/11/21 19:56:50.125982,  2] ../../auth/auth_log.c:647(log)\n  Auth: [SMB2,NTLMSSP] user [EXAMPLE]\\[zoe] at [x] with [NTLMv2] status [NT_STATUS_WRONG_PASSWORD] workstation [WS9] remote host [ipv4:10.9.9.9:55698] mapped to [EXAMPLE]\\[zoe]',
    );
    expect(event).toMatchObject({
      event: { dataset: 'samba.log', outcome: 'failure' },
      source: { ip: '10.9.9.9', port: 55_698 },
      user: { name: 'zoe' },
    });
  });

  it('names the account flags that a change turned on', () => {
    const attributes = {
      userAccountControl: {
        actions: [
          { action: 'delete', values: [{ value: '514' }] },
          { action: 'add', values: [{ value: '524800' }] },
        ],
      },
    };
    expect(eventOf(change(attributes)).vigia?.['samba']).toMatchObject({
      account_flags: {
        now: ['NORMAL_ACCOUNT', 'TRUSTED_FOR_DELEGATION'],
        turned_on: ['TRUSTED_FOR_DELEGATION'],
        turned_off: ['ACCOUNTDISABLE'],
      },
    });
  });

  it('lets no password through that Samba did not redact', () => {
    const secret = 'Correct-Horse-7';
    const values = (action: string) => ({ actions: [{ action, values: [{ value: secret }] }] });
    const attributes = {
      'ms-Mcs-AdmPwd': values('replace'),
      UNICODEPWD: values('add'),
      description: values('replace'),
    };
    const event = eventOf(change({ ...attributes, description: { actions: [] } }));
    expect(JSON.stringify(event)).not.toContain(secret);
    expect(event.vigia?.['samba']).toMatchObject({
      attributes: ['ms-Mcs-AdmPwd', 'UNICODEPWD', 'description'],
    });
    const text = `[2026/11/21 19:56:50,  5] a.c:95(f)\n  DSDB Change [Modify] attributes [replace: ms-Mcs-AdmPwd [${secret}]]`;
    expect(JSON.stringify(eventOf(text))).not.toContain(secret);
  });

  it('masks what goes to the dead letters', () => {
    const cut =
      '{"type": "dsdbChange", "dsdbChange": {"attributes": {"ms-Mcs-AdmPwd": {"actions": [{"values": [{"value": "Horse-7';
    expect(normalise(cut)).toHaveProperty('reject');
    const kept = new TextDecoder().decode(sambaAudit.mask(bytes(cut)));
    expect(kept).toContain('"ms-Mcs-AdmPwd [masked');
    expect(kept).not.toContain('Horse');
    expect(sambaAudit.mask(bytes(lines[0]!))).toEqual(bytes(lines[0]!));
  });

  it('keeps hostile names as they are and lets none become a key of the event', () => {
    const dn = 'CN=\u001b]0;owned\u0007\u202Egnp\\, x,DC=a,DC=test';
    const event = eventOf(
      change({ __proto__x: {}, 'a.b': { actions: [{ action: 'add', values: [{ value: '1' }] }] } }, { dn }),
    );
    expect(event.user?.target?.name).toBe('\u001b]0;owned\u0007\u202Egnp, x');
    const samba = event.vigia?.['samba'];
    expect(samba).toMatchObject({ attributes: ['__proto__x', 'a.b'] });
    expect(samba).not.toHaveProperty('added');
    const polluting = change({}).replace('"attributes":{}', '"attributes":{"__proto__":{"actions":[]}}');
    expect(eventOf(polluting).vigia?.['samba']).toMatchObject({ attributes: ['__proto__'] });
    expect(({} as Record<string, unknown>)['actions']).toBeUndefined();
  });

  it('sees through attribute names and object names that a client spelled its own way', () => {
    const attributes = {
      USERACCOUNTCONTROL: { actions: [{ action: 'replace', values: [{ value: '4194816' }] }] },
    };
    const event = eventOf(change(attributes, { dn: 'cn=AdminSDHolder ,  cn = system,dc=A,dc=test' }));
    expect(event.vigia?.['samba']).toMatchObject({
      dn: 'CN=AdminSDHolder,CN=system,DC=A,DC=test',
      attributes: ['USERACCOUNTCONTROL'],
      added: { useraccountcontrol: ['4194816'] },
      account_flags: { turned_on: ['NORMAL_ACCOUNT', 'DONT_REQ_PREAUTH'] },
    });
    const member = {
      MEMBER: {
        actions: [{ action: 'add', values: [{ value: '<GUID=1>;<SID=S-1-5-21-1-2-3-9>;CN=Zoe,DC=a' }] }],
      },
    };
    expect(eventOf(change(member, { dn: 'CN=Schema Admins,CN=Users,DC=a,DC=test' }))).toMatchObject({
      group: { name: 'Schema Admins' },
      user: { target: { name: 'Zoe', id: 'S-1-5-21-1-2-3-9' } },
    });
  });

  it('keeps an escaped comma and blanks inside a name', () => {
    const event = eventOf(change({}, { dn: 'CN=Niño \\, José b=c,CN=Users,DC=a,DC=test' }));
    expect(event.user?.target).toEqual({ name: 'Niño , José b=c', domain: 'a.test' });
  });

  it('keeps the time out of an event whose record has none', () => {
    expect(eventOf(change({}).replace('2026-11-21T19:54:49.752000+0000', 'yesterday'))).not.toHaveProperty(
      '@timestamp',
    );
  });

  it.each([
    ['nothing', '', 'empty'],
    ['noise', '\u0000\u0001\u0002', 'neither'],
    ['text without a header', 'hello', 'neither'],
    ['a cut record', lines[0]!.slice(0, 90), 'none (syntax error)'],
    ['an array', '{"a":[}', 'none'],
    ['JSON of another make', '{"a":1}', 'without the "type"'],
    ['a type without its object', '{"type":"dsdbChange"}', 'without its object "dsdbChange"'],
    ['a type that is a property of every object', '{"type":"constructor"}', undefined],
    ['an object of the wrong kind', '{"type":"groupChange","groupChange":[1]}', 'without its object'],
  ])('refuses %s with a reason, or keeps it as an event', (_, text, reason) => {
    const result = normalise(text);
    if (reason === undefined) expect(result).toHaveProperty('event');
    else expect(result).toEqual({ reject: expect.stringContaining(reason) });
  });

  it('never throws, whatever types the values of a record have', () => {
    const odd = [
      null,
      true,
      1e308,
      '',
      'x',
      [],
      [[]],
      {},
      { value: 1 },
      '<SID=;>;',
      'CN=',
      '\\',
      'ipv4:',
      'ipv6:::1:99999999',
    ];
    for (const line of lines) {
      for (const name of Object.keys(bodyOf(line))) {
        for (const value of odd) {
          const record = JSON.parse(line);
          record[record.type][name] = value;
          expect(normalise(JSON.stringify(record)), `${name}: ${JSON.stringify(value)}`).toHaveProperty(
            'event',
          );
        }
      }
    }
    expect(normalise('['.repeat(300_000))).toHaveProperty('reject');
    expect(normalise(`{"type":${'['.repeat(300_000)}`)).toHaveProperty('reject');
  });

  const files = [
    'auth.jsonl',
    'dsdb.jsonl',
    'group.jsonl',
    'password.jsonl',
    'transaction.jsonl',
    'mixed-single-file.log',
  ];
  it.skipIf(!hasCorpus('samples', 'samba-ad') || !hasEcsReference())(
    'makes a conforming event of every record of the recorded files',
    () => {
      const problemsOf = ecsProblems();
      for (const name of files) {
        const found = records(readFileSync(corpusPath('samples', 'samba-ad', name)));
        expect(found.length).toBeGreaterThan(2);
        for (const record of found) {
          const event = eventOf(record.raw);
          expect(
            problemsOf({ ...event, '@timestamp': event['@timestamp'] }),
            `${name} at ${record.position}`,
          ).toEqual([]);
          expect(event['@timestamp']).toMatch(/^2026-11-21T1[89]:/);
          expect(sambaAudit.datasets).toContain(event.event.dataset);
        }
      }
    },
  );
});

function bodyOf(line: string): object {
  const record = JSON.parse(line);
  return record[record.type];
}
