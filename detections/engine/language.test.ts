/** The Sigma language, line by line: identifiers are those of the feature checklist. */
import { describe, expect, it } from 'vitest';
import { fires, refusal } from './testing.ts';

type Row = [id: string, detection: string, record: object, expected: boolean];
const sel = (body: string) => `sel:\n${body.replace(/^/gm, '  ')}\ncondition: sel`;

describe('detection section', () => {
  it.each<Row>([
    ['D-1 map: every entry', sel('A: x\nB: y'), { A: 'x', B: 'y' }, true],
    ['D-1 map: one entry differs', sel('A: x\nB: y'), { A: 'x', B: 'z' }, false],
    [
      'D-2 list of maps',
      sel("- Image|endswith: '\\a.exe'\n- Description: program a"),
      { Description: 'Program A' },
      true,
    ],
    ['D-3 list of plain values', sel('- one\n- two'), { message: 'it says TWO here' }, true],
    ['D-4 single plain value', 'sel: needle\ncondition: sel', { message: 'a needle' }, true],
    ['D-5 mixed list', sel('- needle\n- A: x'), { A: 'x' }, true],
    ['D-6 values are alternatives', sel('A: [x, y]'), { A: 'y' }, true],
    [
      'D-7 same field, several modifiers',
      sel("C|contains: ' -x '\nC|endswith: .ps1"),
      { C: 'a -x b.ps1' },
      true,
    ],
    ['D-7 same field, one fails', sel("C|contains: ' -x '\nC|endswith: .ps1"), { C: 'a -x b.ps2' }, false],
    ['D-8 strange identifiers', "'a.b|endswith': {A: x}\ncondition: 1 of a*", { A: 'x' }, true],
    ['D-9 _ is not in them', 'sel: {A: x}\n_hidden: {B: y}\ncondition: 1 of them', { B: 'y' }, false],
    ['D-9 _ by its own pattern', '_hidden: {B: y}\ncondition: 1 of _*', { B: 'y' }, true],
    ['D-10 empty list is null', sel('A: []'), { B: 1 }, true],
  ])('%s', (_id, detection, record, expected) => {
    expect(fires(detection, record)).toBe(expected);
  });
  it('D-11 refuses a map as value', () => {
    expect(refusal(sel('A: {B: 1}'))).toMatch(/^6:5 a map as the value.*D-11/);
  });
  it('D-12 refuses timeframe', () => {
    expect(refusal('sel: {A: 1}\ntimeframe: 5m\ncondition: sel')).toMatch(
      /timeframe belongs to Sigma 1.*D-12/,
    );
  });
});

describe('values', () => {
  it.each<Row>([
    ['V-1 ignores case', sel('A: PowerShell'), { A: 'POWERSHELL' }, true],
    ['V-1 whole value', sel('A: power'), { A: 'powershell' }, false],
    ['V-2 * over line breaks', sel("A: 'a*z'"), { A: 'a\nb\nz' }, true],
    ['V-2 * is also none', sel("A: 'a*z'"), { A: 'az' }, true],
    ['V-3 ? is one character', sel("A: 'a?z'"), { A: 'abz' }, true],
    ['V-3 ? is one code point', sel("A: 'a?z'"), { A: 'a\u{1F600}z' }, true],
    ['V-3 ? is not none', sel("A: 'a?z'"), { A: 'az' }, false],
    ['V-4 wildcard with endswith', sel("A|endswith: '1?'"), { A: '0x12' }, true],
    ['V-4 wildcard with endswith, too short', sel("A|endswith: '1?'"), { A: '0x1' }, false],
    ['V-5 \\a', sel("A: '\\a'"), { A: '\\a' }, true],
    ['V-5 \\\\a', sel("A: '\\\\a'"), { A: '\\a' }, true],
    ['V-5 \\\\\\a', sel("A: '\\\\\\a'"), { A: '\\\\a' }, true],
    ['V-5 \\\\\\\\a', sel("A: '\\\\\\\\a'"), { A: '\\\\a' }, true],
    ['V-5 \\* is a star', sel("A: 'a\\*b'"), { A: 'a*b' }, true],
    ['V-5 \\* is no wildcard', sel("A: 'a\\*b'"), { A: 'axb' }, false],
    ['V-5 \\\\* is backslash and wildcard', sel("A: 'a\\\\*'"), { A: 'a\\bcd' }, true],
    ['V-5 \\\\\\* is backslash and star', sel("A: 'a\\\\\\*'"), { A: 'a\\*' }, true],
    ['V-5 \\\\\\* is no wildcard', sel("A: 'a\\\\\\*'"), { A: 'a\\b' }, false],
    ['V-6 ending in a backslash', sel("A|contains: '\\Temp\\'"), { A: 'C:\\Temp\\x' }, true],
    ['V-6 the backslash counts', sel("A|contains: '\\Temp\\'"), { A: 'C:\\Temperature' }, false],
    ['V-7 only * takes empty', sel("A: '*'"), { A: '' }, true],
    ['V-7 only * needs the field', sel("A: '*'"), { B: '' }, false],
    ['V-8 empty text', sel("A: ''"), { A: '' }, true],
    ['V-8 empty text is not missing', sel("A: ''"), { B: 1 }, false],
    ['V-9 null is missing', sel('A: null'), { B: 1 }, true],
    ['V-9 null is null', sel('A: null'), { A: null }, true],
    ['V-9 is not null', 'sel: {A: null}\ncondition: not sel', { A: '' }, true],
    ['V-10 number and number', sel('A: 4624'), { A: 4624 }, true],
    ['V-10 number and text', sel('A: 4624'), { A: '4624' }, true],
    ['V-10 text and number', sel("A: '4624'"), { A: 4624 }, true],
    ['V-11 boolean and boolean', sel('A: true'), { A: true }, true],
    ['V-11 boolean and text', sel('A: true'), { A: 'True' }, true],
    ['V-11 text and boolean', sel("A: 'true'"), { A: true }, true],
    ['V-12 float', sel('A: 1.5'), { A: '1.5' }, true],
    ['V-13 other scripts', sel('A: ÉCOLE'), { A: 'école' }, true],
    ['V-14 %NAME% is text', sel("A|contains: '%TEMP%'"), { A: 'cd %temp%' }, true],
    ['V-15 lists: any element', sel('A: y'), { A: ['x', 'y'] }, true],
    ['V-15 lists: not is no element', 'sel: {A: y}\ncondition: not sel', { A: ['x', 'y'] }, false],
    ['V-16 missing field', sel('A|contains: x'), {}, false],
    ['V-16 missing field, negated', 'sel: {A|contains: x}\ncondition: not sel', { B: 1 }, true],
    ['Y-5 leading zeros stay text', sel('A: 00000429'), { A: '00000429' }, true],
    ['Y-5 leading zeros are no number', sel('A: 00000429'), { A: 429 }, false],
  ])('%s', (_id, detection, record, expected) => {
    expect(fires(detection, record)).toBe(expected);
  });
});

describe('modifiers', () => {
  it.each<Row>([
    ['M-1 contains', sel('A|contains: LL'), { A: 'hello' }, true],
    ['M-2 startswith', sel('A|startswith: he'), { A: 'Hello' }, true],
    ['M-2 startswith elsewhere', sel('A|startswith: lo'), { A: 'Hello' }, false],
    ['M-3 endswith', sel('A|endswith: LO'), { A: 'hello' }, true],
    ['M-4 all', sel('A|contains|all: [a, b]'), { A: 'xaxbx' }, true],
    ['M-4 all but one', sel('A|contains|all: [a, b]'), { A: 'xax' }, false],
    ['M-5 cased', sel('A|cased: aBc'), { A: 'aBc' }, true],
    ['M-5 cased differs', sel('A|cased: aBc'), { A: 'abc' }, false],
    ['M-5 contains|cased differs', sel('A|contains|cased: B'), { A: 'abc' }, false],
    ['M-6 exists true', sel('A|exists: true'), { A: null }, true],
    ['M-6 exists false', sel('A|exists: false'), { B: 1 }, true],
    ['M-6 exists false on empty', sel('A|exists: false'), { A: '' }, false],
    ['M-7 neq', sel('A|neq: x'), { A: 'y' }, true],
    ['M-7 neq list', sel('A|neq: [x, y]'), { A: 'y' }, false],
    ['M-7 neq missing', sel('A|neq: x'), { B: 1 }, true],
    ['M-8 re anywhere', sel("A|re: 'b\\d+'"), { A: 'ab12c' }, true],
    ['M-8 re respects case', sel('A|re: B'), { A: 'b' }, false],
    ['M-8 re reads no Sigma escapes', sel("A|re: 'a\\\\\\\\b'"), { A: 'a\\\\b' }, true],
    ['M-8 re with alternatives', sel('A|re: (abc|xyz)\\.exe$'), { A: 'XX xyz.exe' }, true],
    ['M-8 re with (?i)', sel("A|re: '(?i)PASSWORD'"), { A: 'password' }, true],
    ['M-9 re|i', sel('A|re|i: ABC'), { A: 'xabcx' }, true],
    ['M-9 re|i knows the long s', sel('A|re|i: pass'), { A: 'paſſ' }, true],
    ['M-10 re|m', sel('A|re|m: ^b$'), { A: 'a\nb\nc' }, true],
    ['M-11 re|s', sel('A|re|s: a.b'), { A: 'a\nb' }, true],
    ['M-21 expand without placeholders is plain text', sel('A|expand: x'), { A: 'X' }, true],
    ['M-12 base64', sel('A|base64: whoami'), { A: 'd2hvYW1p' }, true],
    ['M-12 base64 /bin/sh', sel('A|base64|contains: /bin/sh'), { A: 'x L2Jpbi9zaA== x' }, true],
    [
      'M-16 utf16 begins with a byte order mark',
      sel('A|utf16|base64: whoami'),
      { A: '//53AGgAbwBhAG0AaQA=' },
      true,
    ],
    ['M-15 utf16be', sel('A|utf16be|base64: whoami'), { A: 'AHcAaABvAGEAbQBp' }, true],
    ['M-17 windash slash', sel("A|contains|windash: ' -f '"), { A: 'x /f y' }, true],
    ['M-17 windash em dash', sel("A|windash|contains: ' -f '"), { A: 'x \u2014f y' }, true],
    ['M-17 windash before a letter of any script', sel("A|contains|windash: ' -ção'"), { A: 'x /ção' }, true],
    ['M-17 windash leaves inner dashes', sel("A|contains|windash: 'a-b'"), { A: 'a/b' }, false],
    ['M-17 windash under all', sel("A|windash|contains|all: [' -a', ' -b']"), { A: 'x /a \u2013b' }, true],
    ['M-18 cidr', sel('A|cidr: 10.0.0.0/8'), { A: '10.200.3.4' }, true],
    ['M-18 cidr list', sel('A|cidr: [10.0.0.0/8, 192.168.0.0/16]'), { A: '11.0.0.1' }, false],
    ['M-18 cidr 6', sel("A|cidr: '2001:db8::/32'"), { A: '2001:db8:1::1' }, true],
    ['M-18 cidr 6 holds no IPv4 address', sel("A|cidr: '::/0'"), { A: '10.0.0.1' }, false],
    ['M-18 cidr, IPv4 written as IPv6', sel('A|cidr: 10.0.0.0/8'), { A: '::ffff:10.0.0.1' }, true],
    ['M-18 cidr on text', sel('A|cidr: 0.0.0.0/0'), { A: 'host' }, false],
    ['M-19 gte', sel('A|gte: 10'), { A: '10' }, true],
    ['M-19 lt', sel('A|lt: 10'), { A: 10 }, false],
    ['M-19 gt on text', sel('A|gt: 1'), { A: 'many' }, false],
    ['M-20 hour, UTC', sel('A|hour: 22'), { A: '2026-11-21T23:30:00+01:00' }, true],
    ['M-20 week', sel('A|week: 53'), { A: '2027-01-01' }, true],
    ['M-22 fieldref', sel('A|fieldref: B'), { A: 'x', B: 'X' }, true],
    ['M-22 fieldref missing', sel('A|fieldref: B'), { A: 'x' }, false],
    ['M-22 fieldref|endswith', sel('A|fieldref|endswith: B'), { A: 'C:\\x.exe', B: 'X.EXE' }, true],
    ['M-22 endswith|fieldref', sel('A|endswith|fieldref: B'), { A: 'C:\\x.exe', B: 'C:' }, false],
    ['M-22 neq|fieldref', sel('A|neq|fieldref: B'), { A: 'x', B: 'y' }, true],
  ])('%s', (_id, detection, record, expected) => {
    expect(fires(detection, record)).toBe(expected);
  });

  it.each([
    ['whoami', ['d2hvYW1p', 'dob2Fta', '3aG9hbW']],
    ['/bin/sh', ['L2Jpbi9za', '9iaW4vc2', 'vYmluL3No']],
    ['IEX (', ['SUVYIC', 'lFWCAo', 'JRVggK']],
  ])('M-13 base64offset of %s at every offset', (text, parts) => {
    for (const part of parts)
      expect(fires(sel(`A|base64offset|contains: '${text}'`), { A: `..${part}..` })).toBe(true);
    for (const offset of [0, 1, 2, 3]) {
      const encoded = Buffer.from(`${'x'.repeat(offset)}${text}yz`).toString('base64');
      expect(fires(sel(`A|base64offset|contains: '${text}'`), { A: encoded })).toBe(true);
    }
  });
  it.each([
    ['whoami', ['dwBoAG8AYQBtAGkA', 'cAaABvAGEAbQBpA', '3AGgAbwBhAG0AaQ']],
    ['IEX (', ['SQBFAFgAIAAoA', 'kARQBYACAAKA', 'JAEUAWAAgACgA']],
  ])('M-14 wide|base64offset of %s', (text, parts) => {
    for (const part of parts)
      expect(fires(sel(`A|wide|base64offset|contains: '${text}'`), { A: `..${part}..` })).toBe(true);
  });

  it.each([
    ['A|contain: x', /^6:5 unknown modifier "contain"; did you mean "contains"\?/],
    ['A|contains|re: x', /re must be the first modifier/],
    ['A|base64: a*', /base64 needs text without wildcards/],
    ['A|exists: 1', /exists needs true or false/],
    ['A|gt: many', /gt needs a number/],
    ['A|cidr: 10.0.0.0/33', /no network/],
    ["A|re: '(?=x)'", /cannot be used.*look-ahead/],
    ["A|re: '(a)\\1'", /cannot be used.*back references/],
    ["A|re: '['", /cannot be used/],
    ['A|all: x', /needs a list of at least two values \(M-4\)/],
    ['A|contains: null', /contains needs text/],
    ["'|exists': true", /keyword cannot be used with exists/],
  ])('refuses %s', (item, message) => {
    expect(refusal(sel(item))).toMatch(message);
  });
});

describe('keywords', () => {
  it.each<Row>([
    ['K-1 in the original text', sel('- needle'), { event: { original: 'a Needle' }, other: 1 }, true],
    [
      'K-1 only there when it is kept',
      sel('- needle'),
      { event: { original: 'hay' }, other: 'needle' },
      false,
    ],
    ['K-1 else in all fields', sel('- needle'), { a: { b: ['x', 'a needle'] } }, true],
    ['K-1 wildcards', sel("- 'need*stack'"), { message: 'a needle in a haystack!' }, true],
    ['K-1 numbers as text', sel('- 4711'), { message: 'code 4711.' }, true],
    ['K-1 not in what routes the event', sel('- linux'), { product: 'linux', a: 'b' }, false],
    ['K-2 all', sel("'|all': [one, two]"), { message: 'two, one' }, true],
    ['K-2 all but one', sel("'|all': [one, two]"), { message: 'two' }, false],
    ['K-3 re', sel("'|re': 'n..dle'"), { message: 'a needle' }, true],
  ])('%s', (_id, detection, record, expected) => {
    expect(fires(detection, record)).toBe(expected);
  });
});

describe('condition', () => {
  const named = 'a: {A: 1}\nb: {B: 1}\nc: {C: 1}\nsel_x: {A: 1}\nsel_y: {B: 1}\n';
  it.each<Row>([
    ['C-1 identifier', `${named}condition: a`, { A: 1 }, true],
    ['C-2 and binds tighter than or', `${named}condition: a or b and c`, { A: 1 }, true],
    ['C-2 not binds tighter than and', `${named}condition: not a and b`, { B: 1 }, true],
    ['C-3 parentheses', `${named}condition: (a or b) and c`, { A: 1 }, false],
    ['C-3 over several lines', `${named}condition: |\n  a\n  or\n  (b and c)`, { B: 1, C: 1 }, true],
    ['C-4 1 of pattern', `${named}condition: 1 of sel_*`, { B: 1 }, true],
    ['C-5 all of pattern', `${named}condition: all of sel_*`, { B: 1 }, false],
    ['C-5 all of pattern, both', `${named}condition: all of sel_*`, { A: 1, B: 1 }, true],
    ['C-6 all of them', 'a: {A: 1}\nb: {B: 1}\ncondition: all of them', { A: 1, B: 1 }, true],
    ['C-7 any of', `${named}condition: any of sel_*`, { A: 1 }, true],
    ['C-8 not 1 of', `${named}condition: c and not 1 of sel_*`, { C: 1, B: 1 }, false],
    ['C-9 list of conditions', `${named}condition: [a, b]`, { B: 1 }, true],
    ['C-12 capitals', `${named}condition: a AND NOT b`, { A: 1 }, true],
  ])('%s', (_id, detection, record, expected) => {
    expect(fires(detection, record)).toBe(expected);
  });
  it.each([
    [
      'C-10 unknown identifier',
      'selection: {A: 1}\ncondition: selektion',
      /no search identifier "selektion"; did you mean "selection"/,
    ],
    [
      'C-10 pattern that fits nothing',
      'selection: {A: 1}\ncondition: 1 of filter_*',
      /"1 of filter_\*" fits no search identifier/,
    ],
    [
      'C-11 aggregation',
      'sel: {A: 1}\ncondition: sel | count() by B > 5',
      /aggregation "\| count\(\) by B > 5" is Sigma 1/,
    ],
    ['C-11 near', 'sel: {A: 1}\ncondition: sel | near b', /near "\| near b" is Sigma 1/],
    ['no condition', 'sel: {A: 1}', /the condition is missing/],
    ['open parenthesis', 'sel: {A: 1}\ncondition: (sel', /a parenthesis is not closed/],
    ['two in a row', 'sel: {A: 1}\ncondition: sel sel', /unexpected "sel"/],
  ])('%s', (_id, detection, message) => {
    expect(refusal(detection)).toMatch(message);
  });
});

describe('placeholders', () => {
  const options = { placeholders: { Servers: ['srv-*', 'db1'], net: ['10'], 'DC-NAME': ['dc1$'] } };
  it.each<Row>([
    ['P-1 pattern', sel("A|expand: '%Servers%'"), { A: 'SRV-99' }, true],
    ['P-1 value', sel("A|expand: '%Servers%'"), { A: 'db1' }, true],
    ['P-1 other', sel("A|expand: '%Servers%'"), { A: 'ws1' }, false],
    [
      'P-2 escaped percent with contains',
      sel("A|contains|expand: '\\%Servers%\\'"),
      { A: 'x%Servers%\\' },
      true,
    ],
    ['P-2 mixed text', sel("A|expand: '\\%lit%net%'"), { A: '%lit10' }, true],
    ['P-1 in re', sel("A|re|expand: '^%DC-NAME%'"), { A: 'dc1$x' }, true],
    ['P-4 any name', sel("A|expand: '%DC-NAME%'"), { A: 'DC1$' }, true],
  ])('%s', (_id, detection, record, expected) => {
    expect(fires(detection, record, options)).toBe(expected);
  });
  it('P-3 refuses a rule without a value, by name', () => {
    expect(refusal(sel("A|expand: '%Unknown%'"))).toMatch(/no value for placeholder %Unknown%/);
  });
});

describe('field names', () => {
  it.each<Row>([
    ['N-1 exact letter case', sel('EventID: 1'), { eventid: 1 }, false],
    ['N-5 a path', sel('userIdentity.arn: x'), { userIdentity: { arn: 'x' } }, true],
    [
      'N-5 a name with dots first',
      sel('userIdentity.arn: x'),
      { 'userIdentity.arn': 'y', userIdentity: { arn: 'x' } },
      false,
    ],
    [
      'N-5 a name with dots first, whatever the order',
      sel('userIdentity.arn: x'),
      { userIdentity: { arn: 'x' }, 'userIdentity.arn': 'y' },
      false,
    ],
    ['N-5 partly dotted', sel('a.b.c: x'), { 'a.b': { c: 'x' } }, true],
    ['N-5 through lists', sel('a.b: x'), { a: [{ b: 'y' }, { b: 'x' }] }, true],
    ['N-2 spaces removed', sel('ThreatName: x'), { 'Threat Name': 'x' }, true],
  ])('%s', (_id, detection, record, expected) => {
    expect(fires(detection, record)).toBe(expected);
  });
});
