import { describe, expect, it } from 'vitest';
import { compileCondition } from './matcher.ts';
import { parseQuery } from './query-line.ts';
import type { Condition } from './tree.ts';

const document = {
  '@timestamp': '2026-11-21T19:04:05.000Z',
  'dotted.name': 'first',
  dotted: { name: 'second' },
  host: { name: 'SRV-App-07', ip: ['10.1.2.3', 'fe80::1'] },
  user: { name: 'Émile "x" y', roles: ['admin', 'dba'] },
  event: { code: '4662', severity: 7, flag: true, empty: '', nothing: null, list: [] },
  containers: [{ image: 'nginx' }, { image: 'redis', ports: [{ n: 1 }, { n: 2 }] }],
  message: 'line one\nMimikatz was here',
};
const satisfied = (condition: Condition) => compileCondition(condition)(document);
const query = (line: string) => satisfied(parseQuery(line));

describe('compileCondition', () => {
  it.each<[string, Condition, boolean]>([
    ['ignores case', { op: 'equals', field: 'host.name', value: 'srv-app-07' }, true],
    [
      'respects case when cased',
      { op: 'equals', field: 'host.name', value: 'srv-app-07', cased: true },
      false,
    ],
    ['folds other scripts', { op: 'contains', field: 'user.name', value: 'émile' }, true],
    ['equals number and decimal text', { op: 'equals', field: 'event.code', value: 4662 }, true],
    ['equals text and number', { op: 'equals', field: 'event.severity', value: '7' }, true],
    ['equals boolean and text', { op: 'equals', field: 'event.flag', value: 'TRUE' }, true],
    ['finds any element of a list', { op: 'equals', field: 'user.roles', value: 'dba' }, true],
    [
      'negation means no element',
      { op: 'not', of: { op: 'equals', field: 'user.roles', value: 'dba' } },
      false,
    ],
    ['walks lists of objects', { op: 'equals', field: 'containers.image', value: 'redis' }, true],
    ['walks lists in lists', { op: 'equals', field: 'containers.ports.n', value: 2 }, true],
    ['tries a dotted key first', { op: 'equals', field: 'dotted.name', value: 'first' }, true],
    ['and not the path behind it', { op: 'equals', field: 'dotted.name', value: 'second' }, false],
    ['is in a list, ignoring case', { op: 'in', field: 'host.name', values: ['a', 'srv-APP-07'] }, true],
    ['starts', { op: 'startsWith', field: 'host.name', value: 'srv-' }, true],
    ['ends', { op: 'endsWith', field: 'host.name', value: '-07' }, true],
    [
      'wildcards cross line breaks',
      { op: 'wildcard', field: 'message', pattern: ['line', { wild: '*' }, 'was here'] },
      true,
    ],
    [
      '? is one code point',
      { op: 'wildcard', field: 'event.code', pattern: ['46', { wild: '?' }, { wild: '?' }] },
      true,
    ],
    ['? is not none', { op: 'wildcard', field: 'event.code', pattern: ['4662', { wild: '?' }] }, false],
    ['* takes the empty text', { op: 'wildcard', field: 'event.empty', pattern: [{ wild: '*' }] }, true],
    ['* does not take null', { op: 'wildcard', field: 'event.nothing', pattern: [{ wild: '*' }] }, false],
    ['empty text equals empty text', { op: 'equals', field: 'event.empty', value: '' }, true],
    ['a missing field is null', { op: 'null', field: 'no.such' }, true],
    ['null is null', { op: 'null', field: 'event.nothing' }, true],
    ['empty text is not null', { op: 'null', field: 'event.empty' }, false],
    ['an object is not null', { op: 'null', field: 'host' }, false],
    ['null exists', { op: 'exists', field: 'event.nothing' }, true],
    ['a missing field does not exist', { op: 'exists', field: 'event.other' }, false],
    ['inherited names do not exist', { op: 'exists', field: 'constructor' }, false],
    [
      'regex is found anywhere, with case',
      { op: 'regex', field: 'message', source: 'Mimi\\w+', flags: '' },
      true,
    ],
    ['regex respects case', { op: 'regex', field: 'message', source: 'mimi', flags: '' }, false],
    ['regex i', { op: 'regex', field: 'message', source: 'mimi', flags: 'i' }, true],
    ['regex m', { op: 'regex', field: 'message', source: '^Mimi', flags: 'm' }, true],
    ['regex s', { op: 'regex', field: 'message', source: 'one.Mimi', flags: 's' }, true],
    ['cidr 4', { op: 'cidr', field: 'host.ip', network: '10.1.0.0/16' }, true],
    ['cidr 6', { op: 'cidr', field: 'host.ip', network: 'fe80::/10' }, true],
    ['cidr miss', { op: 'cidr', field: 'host.ip', network: '192.168.0.0/16' }, false],
    ['cidr on no address', { op: 'cidr', field: 'message', network: '0.0.0.0/0' }, false],
    ['range of numeric text', { op: 'range', field: 'event.code', gte: 4662, lt: 4663 }, true],
    [
      'range of times',
      { op: 'range', field: '@timestamp', gt: '2026-11-21', lte: '2026-11-21T19:04:05.000Z' },
      true,
    ],
    ['range of other text', { op: 'range', field: 'message', gt: 1 }, false],
    ['date parts in UTC', { op: 'datePart', field: '@timestamp', part: 'hour', value: 19 }, true],
    ['ISO weeks', { op: 'datePart', field: '@timestamp', part: 'week', value: 47 }, true],
    ['same field', { op: 'sameAs', field: 'dotted.name', other: 'dotted.name', how: 'equals' }, true],
    ['same as a missing field', { op: 'sameAs', field: 'host.name', other: 'no', how: 'contains' }, false],
    ['keywords in the message', { op: 'keyword', pattern: ['mimikatz'] }, true],
    ['keywords not elsewhere when there is a message', { op: 'keyword', pattern: ['nginx'] }, false],
    ['always', { op: 'always' }, true],
    ['never', { op: 'never' }, false],
  ])('%s', (_name, condition, expected) => {
    expect(satisfied(condition)).toBe(expected);
  });

  it('searches all fields for keywords when the document has no message', () => {
    const test = compileCondition({ op: 'keyword', pattern: ['REDIS'] });
    expect(test({ a: [{ b: 'a redis b' }] })).toBe(true);
  });

  it('tests a list of many texts in one pass, with the same answer', () => {
    const values = Array.from({ length: 5_000 }, (_, n) => `needle-${n}-end`);
    const test = compileCondition({
      op: 'or',
      of: values.map((value) => ({ op: 'contains', field: 'a', value })),
    });
    expect(test({ a: 'hay NEEDLE-4999-end hay' })).toBe(true);
    expect(test({ a: 'hay needle-5000-end hay' })).toBe(false);
  });

  it('takes a wildcard against 100,000 characters without running away', () => {
    const pattern = Array.from({ length: 40 }, () => [{ wild: '*' } as const, 'a']).flat();
    expect(
      compileCondition({ op: 'wildcard', field: 'a', pattern: [...pattern, 'b'] })({
        a: 'a'.repeat(100_000),
      }),
    ).toBe(false);
  });
});

describe('parseQuery', () => {
  it.each([
    ['host.name:srv-app-07 and (event.code:4662 or not user.name:"x y*")', true],
    ['host.name:srv-* and not event.code:1', true],
    ['event.code:(1 or 4662)', true],
    ['event.severity>=7', true],
    ['event.severity < 7', false],
    ['@timestamp>"2026-11-21T19:04:04"', true],
    ['host.ip:10.1.0.0/16', true],
    ['message:/mimi[a-z]+/i', true],
    ['mimikatz and "was here"', true],
    ['event.list:*', true],
    ['user.name:"*\\"x\\"*"', true],
    ['NOT not event.code:4662', true],
    ['', true],
  ])('%s is %s', (line, expected) => {
    expect(query(line)).toBe(expected);
  });

  it.each([
    ['host.name:', /query:1:11 host\.name has no value; write host\.name:value/],
    ['(a:1', /query:1:1 this parenthesis is not closed/],
    ['a:1)', /query:1:4 this parenthesis closes nothing/],
    ['a:1 b:2', /query:1:5 unexpected b; join terms with "and" or "or"/],
    ['a:"x', /query:1:3 this quotation mark is not closed/],
    ['and a:1', /query:1:1 "and" stands where a term should be/],
    ['a:/(?=x)/', /query:1:3 regular expression cannot be used.*look-around/],
    [`${'('.repeat(200)}a${')'.repeat(200)}`, /more than 100 nested/],
  ])('%s is refused with its column', (line, message) => {
    expect(() => parseQuery(line)).toThrow(message);
  });
});
