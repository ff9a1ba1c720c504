import { describe, expect, it } from 'vitest';
import type { Indicator, IndicatorKind } from '../../core/documents.ts';
import { readIndicators } from './read.ts';
import { indicatorSet } from './set.ts';
import { spell } from './spelling.ts';

const NOW = Date.parse('2026-03-01T10:00:00Z');
const indicator = (kind: IndicatorKind, value: string, more: Partial<Indicator> = {}): Indicator => ({
  list: 'l',
  kind,
  value,
  source: 'CERT',
  added: '2026-02-01T00:00:00.000Z',
  ...more,
});

describe('the spelling of an indicator', () => {
  it.each([
    ['192.0.2[.]7', 'ip', '192.0.2.7'],
    ['2001:DB8:0::1', 'ip', '2001:db8::1'],
    ['::ffff:192.0.2.7', 'ip', '192.0.2.7'],
    ['198.51.100.0/24', 'network', '198.51.100.0/24'],
    ['*.Evil.Example.', 'domain', 'evil.example'],
    ['bücher.example', 'domain', 'xn--bcher-kva.example'],
    ['hxxps://Evil[.]example/A?b#c', 'url', 'https://evil.example/A?b'],
    ['D41D8CD98F00B204E9800998ECF8427E', 'hash', 'd41d8cd98f00b204e9800998ecf8427e'],
  ])('%s is the %s %s', (written, kind, value) => {
    expect(spell(written)).toEqual({ kind, value });
  });

  it.each(['', 'word', '10.0.0.0/33', '1.2.3', 'a..example', 'http://', `${'a'.repeat(3_000)}.example`])(
    '%s is none',
    (written) => {
      expect(spell(written)).toBeUndefined();
    },
  );

  it('is checked against the kind that somebody says it is', () => {
    expect(spell('192.0.2.7', 'domain')).toBeUndefined();
    expect(spell('svc-scan', 'account')).toEqual({ kind: 'account', value: 'svc-scan' });
    expect(spell('10.0.0.0/8', 'ip')).toEqual({ kind: 'network', value: '10.0.0.0/8' });
  });
});

describe('a set of indicators', () => {
  const set = indicatorSet([
    indicator('ip', '192.0.2.7'),
    indicator('ip', '2001:db8::1'),
    indicator('network', '198.51.100.0/24'),
    indicator('network', '2001:db8:f::/48'),
    indicator('domain', 'evil.example'),
    indicator('url', 'https://other.example/path'),
    indicator('hash', 'd41d8cd98f00b204e9800998ecf8427e'),
    indicator('account', 'svc-scan'),
  ]);
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:0db8:0:0::0001', '2001:db8::1'],
    ['198.51.100.255', '198.51.100.255'],
    ['2001:db8:f:1::5', '2001:db8:f:1::5'],
    ['EVIL.example', 'evil.example'],
    ['a.b.evil.example.', 'evil.example'],
    ['https://other.example/path#top', 'https://other.example/path'],
    ['http://x.evil.example:8080/anything', 'evil.example'],
    ['http://[2001:db8::1]/', '2001:db8::1'],
    ['MD5=D41D8CD98F00B204E9800998ECF8427E,SHA1=0', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['INST\\svc-scan', 'svc-scan'],
    ['SVC-Scan@inst.example', 'svc-scan'],
  ])('finds %s', (value, found) => {
    expect(set.find(value, NOW)).toEqual({ value: found, source: 'CERT', tlp: undefined });
  });
  it.each([
    '192.0.2.70',
    '198.51.101.1',
    '2001:db8:e::1',
    'notevil.example',
    'evil.example.org',
    'https://other.example/pat',
    'xd41d8cd98f00b204e9800998ecf8427ea',
    'svc-scanner',
    '',
    '....',
    'a.'.repeat(5_000),
  ])('does not find %s', (value) => {
    expect(set.find(value, NOW)).toBeUndefined();
  });

  it('counts an indicator until it expires, by the time of the event', () => {
    const until = indicatorSet([indicator('ip', '192.0.2.7', { expires: '2026-03-01T10:00:00.000Z' })]);
    expect(until.find('192.0.2.7', NOW - 1)).toBeDefined();
    expect(until.find('192.0.2.7', NOW)).toBeUndefined();
  });
});

const read = (content: string) => readIndicators(content, { source: 'file', tlp: 'TLP:AMBER' });

describe('CSV and text', () => {
  it('are read with or without a heading, in any order of columns', () => {
    expect(read('# feed\n192.0.2.7\n\nevil[.]example\n').indicators).toEqual([
      { kind: 'ip', value: '192.0.2.7', source: 'file', tlp: 'TLP:AMBER' },
      { kind: 'domain', value: 'evil.example', source: 'file', tlp: 'TLP:AMBER' },
    ]);
    const table =
      'type,value,note,tlp,expires,source\naccount,svc-scan,"a, b",white,2026-04-01,CERT\nip,192.0.2.1\n';
    expect(read(table).indicators).toEqual([
      {
        kind: 'account',
        value: 'svc-scan',
        source: 'CERT',
        expires: '2026-04-01T00:00:00.000Z',
        tlp: 'TLP:CLEAR',
        note: 'a, b',
      },
      { kind: 'ip', value: '192.0.2.1', source: 'file', tlp: 'TLP:AMBER' },
    ]);
  });

  it('name every line that is no indicator', () => {
    const { indicators, refused } = read(
      'value,type\nword,\n192.0.2.7,domian\n192.0.2.8,domain\n192.0.2.9,ip\n',
    );
    expect(indicators).toHaveLength(1);
    expect(refused).toEqual([
      { what: 'line 2', why: expect.stringContaining('"word" is no address') },
      { what: 'line 3', why: 'type "domian" is not known; did you mean "domain"?' },
      { what: 'line 4', why: '"192.0.2.8" is no domain' },
    ]);
    expect(() => read('value,expire\nx,y\n')).toThrow(/column "expire" is not known/);
  });
});

describe('a STIX bundle', () => {
  const stix = (pattern: string, more: object = {}) =>
    read(
      JSON.stringify({
        type: 'bundle',
        id: 'bundle--1',
        objects: [
          { type: 'identity', id: 'identity--1', name: 'CERT' },
          { type: 'malware', id: 'malware--1' },
          {
            type: 'indicator',
            id: 'indicator--1',
            pattern,
            pattern_type: 'stix',
            created_by_ref: 'identity--1',
            valid_until: '2026-06-01T00:00:00Z',
            object_marking_refs: ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb'],
            ...more,
          },
        ],
      }),
    );

  it('gives its indicators with source, end and label', () => {
    expect(stix("[ipv4-addr:value = '192.0.2.7']").indicators).toEqual([
      {
        kind: 'ip',
        value: '192.0.2.7',
        source: 'CERT',
        expires: '2026-06-01T00:00:00.000Z',
        tlp: 'TLP:GREEN',
      },
    ]);
  });

  it.each([
    ["[domain-name:value = 'evil.example' OR url:value = 'http://a.example/']", 2],
    ["[ipv4-addr:value='192.0.2.7'] OR [ipv6-addr:value = '2001:db8::/32']", 2],
    [`([file:hashes.'SHA-256' = '${'a'.repeat(64)}'])`, 1],
    [`[file:hashes.MD5 = '${'b'.repeat(32)}']`, 1],
    ["[user-account:account_login = 'svc-scan']", 1],
  ])('is read where values are joined by OR: %s', (pattern, count) => {
    const { indicators, refused } = stix(pattern);
    expect([indicators.length, refused]).toEqual([count, []]);
  });

  it.each([
    ["[ipv4-addr:value = '192.0.2.7' AND domain-name:value = 'a.example']", /AND is not read/],
    ["[a:b = 'x'] FOLLOWEDBY [a:b = 'y']", /FOLLOWEDBY is not read/],
    ["[domain-name:value LIKE '%.example']", /the comparison LIKE is not read/],
    ["[process:name = 'x.exe']", /process:name is not compared/],
    ["[ipv4-addr:value != '192.0.2.7']", /!= is not read/],
    ["[ipv4-addr:value = 'word']", /"word" is no ip/],
    ["[ipv4-addr:value = '192.0.2.7'", /not closed/],
    ['[§]', /not understood/],
    ['', /no pattern/],
  ])('refuses by name what it cannot say: %s', (pattern, why) => {
    const { indicators, refused } = stix(pattern);
    expect(indicators).toEqual([]);
    expect(refused).toEqual([{ what: 'indicator--1', why: expect.stringMatching(why) }]);
  });

  it('leaves out what is revoked, and refuses other pattern languages', () => {
    expect(stix("[ipv4-addr:value = '192.0.2.7']", { revoked: true })).toMatchObject({
      indicators: [],
      skipped: 1,
    });
    expect(stix('alert tcp', { pattern_type: 'snort' }).refused[0]!.why).toMatch(/language "snort"/);
  });

  it('is refused in linear time when it is hostile', () => {
    const started = performance.now();
    expect(stix(`${'('.repeat(90_000)}`).refused).toHaveLength(1);
    expect(stix(`[a:b = '${'\\'.repeat(90_000)}`).refused).toHaveLength(1);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('a MISP event', () => {
  const attribute = (type: string, value: string, more: object = {}) => ({
    uuid: `u-${type}`,
    type,
    value,
    to_ids: true,
    ...more,
  });
  const event = {
    Event: {
      info: 'campaign',
      Orgc: { name: 'CERT' },
      Tag: [{ name: 'tlp:green' }],
      Attribute: [
        attribute('ip-dst|port', '192.0.2.7|443'),
        attribute('domain|ip', 'evil.example|192.0.2.8', { Tag: [{ name: 'tlp:red' }] }),
        attribute('comment', 'see report'),
        attribute('sha256', 'short'),
        attribute('url', 'http://a.example/', { to_ids: false }),
      ],
      Object: [{ Attribute: [attribute('filename|md5', `x.exe|${'c'.repeat(32)}`)] }],
    },
  };

  it('gives the attributes that are for detection, with organisation and label', () => {
    const { indicators, refused, skipped } = read(JSON.stringify({ response: [event] }));
    const common = { source: 'CERT', note: 'campaign' };
    expect(indicators).toEqual([
      { kind: 'ip', value: '192.0.2.7', tlp: 'TLP:GREEN', ...common },
      { kind: 'domain', value: 'evil.example', tlp: 'TLP:RED', ...common },
      { kind: 'ip', value: '192.0.2.8', tlp: 'TLP:RED', ...common },
      { kind: 'hash', value: 'c'.repeat(32), tlp: 'TLP:GREEN', ...common },
    ]);
    expect(refused).toEqual([
      { what: 'attribute u-comment (comment)', why: expect.stringMatching(/this type/) },
      { what: 'attribute u-sha256 (sha256)', why: '"short" is no hash' },
    ]);
    expect(skipped).toBe(1);
    expect(read(JSON.stringify(event)).indicators).toEqual(indicators);
  });

  it.each(['{', '{"a": 1}', '[1]'])('is told from JSON that is none: %s', (content) => {
    expect(() => read(content)).toThrow(/JSON/);
  });
});
