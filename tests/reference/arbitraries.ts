/** Generated rules and events that have something to do with each other: every modifier, hostile texts, missing fields, lists, null. */
import fc from 'fast-check';

/** A rule as plain data; its JSON is YAML. */
export interface GeneratedRule {
  title: string;
  logsource: Record<string, string>;
  detection: Record<string, unknown>;
}

const LONG = 'Long value '.repeat(900);

const TEXTS = [
  'Alice',
  'ALICE',
  'powershell.exe',
  'C:\\Temp\\PowerShell.EXE',
  'C:\\Temp\\',
  '\\\\server\\share',
  'run -enc d2hvYW1p /f',
  'run \u2013enc x',
  'run -ção a-b',
  'run /ção a/b',
  'İstanbul',
  'ISTANBUL',
  'Straße',
  'STRASSE',
  'éclair ÉCLAIR',
  'ΟΔΟΣ',
  '\u212aelvin kelvin',
  '日本語 \u{1F600}',
  'a*b',
  'a?b',
  'a\\*b',
  'axb',
  'line\nbreak',
  'tab\tend "quoted"',
  '100% %TEMP% _x~y',
  '',
  ' ',
  '5',
  '05',
  '5.5',
  '-3',
  '1e3',
  '0x10',
  'true',
  'TRUE',
  'null',
  '10.1.2.3',
  '192.168.7.7',
  '::ffff:10.1.2.3',
  '2001:DB8::1',
  'fe80::1%eth0',
  '010.0.0.1',
  '2026-11-21T19:30:00Z',
  '2026-11-21T23:30:00.5+05:00',
  '2026-01-01',
  'cAaABvAGEAbQBpA d2hvYW1p dob2Fta 3aG9hbW',
  '//53AGgAbwBhAG0AaQA= AHcAaABvAGEAbQBp',
  LONG,
  `${LONG}tail`,
];

/** Fields by what the stores make of them: texts, an address, a number, a date, a boolean, and one that holds objects. */
const FIELDS = [
  'A',
  'B',
  'CommandLine',
  'user.name',
  'source.ip',
  'source.port',
  'event.start',
  'file.code_signature.exists',
];
const ASKED = [...FIELDS, 'object', 'object.inner', 'never.there'];

const text = fc.constantFrom(...TEXTS);
const scalar = fc.oneof(
  { weight: 5, arbitrary: text },
  { weight: 2, arbitrary: fc.constantFrom<number | boolean>(0, 5, -3, 5.5, 1000, 16, 2 ** 53, true, false) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
);
const held = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const object = fc.oneof(
  fc.record({ inner: held }, { requiredKeys: [] }),
  fc.array(fc.record({ inner: scalar, other: scalar }, { requiredKeys: [] }), { maxLength: 2 }),
  fc.constant(null),
);

/** Fields of an event by their dotted names, and whether names stay dotted. */
export interface GeneratedEvent {
  fields: Record<string, unknown>;
  isDotted: boolean;
}

export const generatedEvent: fc.Arbitrary<GeneratedEvent> = fc.record({
  fields: fc.record(
    {
      ...Object.fromEntries(FIELDS.map((name) => [name, held])),
      object,
      message: text,
      'event.original': text,
    },
    { requiredKeys: [] },
  ),
  isDotted: fc.boolean(),
});

/** Part of a known text, as it stands, with its wildcards meant literally, or with wildcards put in. */
const pattern: fc.Arbitrary<string> = fc
  .record({
    whole: fc.oneof(
      { weight: 6, arbitrary: text },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
    ),
    start: fc.nat(12),
    length: fc.oneof(fc.nat(8), fc.constant(20_000)),
    how: fc.constantFrom('raw', 'raw', 'escaped', 'star', 'one', 'upper'),
  })
  .map(({ whole, start, length, how }) => {
    // By code points: half a character is nothing that a rule could be written with.
    const characters = [...whole].slice(Math.min(start, 3), Math.min(start, 3) + length);
    const part = characters.join('');
    if (how === 'escaped') return part.replace(/[\\*?]/g, '\\$&');
    if (characters.length === 0) return part;
    if (how === 'star') return characters.with(Math.min(2, characters.length - 1), '*').join('');
    if (how === 'one') return characters.with(Math.min(2, characters.length - 1), '?').join('');
    return how === 'upper' ? part.toUpperCase() : part;
  });
const plainText = fc.constantFrom('whoami', '/bin/sh', 'IEX (', 'açã', '\u{1F600}x', 'a');
const regex = fc.constantFrom(
  'A.i',
  '^run',
  'exe$',
  '\\d+',
  '[A-Fa-f0-9]{2}',
  '(?i)POWER(shell)?',
  '(Alice|kelvin)',
  '^b',
  'e.b',
  '\\\\Temp\\\\',
  '[^a-z]\\s',
  'x*?y',
  '.{3,5}\\.exe',
  '\\w+\\-enc',
  '^$',
  'ß|é',
);
const network = fc.constantFrom(
  '10.0.0.0/8',
  '192.168.0.0/16',
  '10.1.2.3',
  '0.0.0.0/0',
  '2001:db8::/32',
  '::/0',
  'fe80::/10',
);

const oneOrMore = <T>(one: fc.Arbitrary<T>) => fc.oneof(one, fc.array(one, { minLength: 1, maxLength: 4 }));
const several = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: 2, maxLength: 3 });
const field = fc.constantFrom(...ASKED);

type Item = [key: string, value: unknown];
const itemOf = (chains: readonly string[], value: fc.Arbitrary<unknown>): fc.Arbitrary<Item> =>
  fc.tuple(field, fc.constantFrom(...chains), value).map(([name, chain, one]) => [name + chain, one]);

const withText = ['|contains', '|startswith', '|endswith'];
const item: fc.Arbitrary<Item> = fc.oneof(
  { weight: 4, arbitrary: itemOf(['', '|neq'], oneOrMore(fc.oneof(pattern, scalar.map(literal)))) },
  { weight: 1, arbitrary: itemOf([''], fc.constantFrom(null, '*', '', '**', '?', [])) },
  {
    weight: 5,
    arbitrary: itemOf([...withText, ...withText.map((name) => `${name}|neq`)], oneOrMore(pattern)),
  },
  {
    weight: 2,
    arbitrary: itemOf(
      withText.map((name) => `${name}|all`),
      several(pattern),
    ),
  },
  {
    weight: 1,
    arbitrary: itemOf(
      ['|cased', '|contains|cased', '|startswith|cased', '|endswith|cased'],
      oneOrMore(pattern),
    ),
  },
  {
    weight: 2,
    arbitrary: itemOf(['|re', '|re|i', '|re|m', '|re|s', '|re|i|m|s', '|re|neq'], oneOrMore(regex)),
  },
  {
    weight: 1,
    arbitrary: itemOf(
      [
        '|base64|contains',
        '|base64',
        '|base64offset|contains',
        '|wide|base64offset|contains',
        '|utf16le|base64|contains',
        '|utf16|base64|contains',
        '|utf16be|base64|contains',
      ],
      oneOrMore(plainText),
    ),
  },
  {
    weight: 1,
    arbitrary: itemOf(
      ['|windash', '|contains|windash', '|windash|endswith', '|windash|startswith'],
      fc.constantFrom(' -enc', '/f', '-x', 'a-b', ' -ção', '-*', 'run -enc x'),
    ),
  },
  { weight: 1, arbitrary: itemOf(['|windash|contains|all'], fc.constant(['-enc', '/f'])) },
  { weight: 1, arbitrary: itemOf(['|cidr', '|cidr|neq'], oneOrMore(network)) },
  {
    weight: 1,
    arbitrary: itemOf(['|lt', '|lte', '|gt', '|gte'], fc.constantFrom(5, 5.5, 0, -3, 1000, 2 ** 53)),
  },
  {
    weight: 1,
    arbitrary: itemOf(
      ['|minute', '|hour', '|day', '|week', '|month', '|year'],
      fc.constantFrom(30, 19, 18, 21, 47, 1, 11, 2026),
    ),
  },
  { weight: 1, arbitrary: itemOf(['|exists'], fc.boolean()) },
  {
    weight: 1,
    arbitrary: itemOf(
      ['|expand', '|contains|expand', '|expand|startswith'],
      fc.constantFrom('%names%', 'run %names%', '\\%TEMP\\%', '%paths%\\'),
    ),
  },
  { weight: 1, arbitrary: itemOf(['|re|expand'], fc.constantFrom('^%names%', '%paths%.*exe')) },
  {
    weight: 1,
    arbitrary: itemOf(
      [
        '|fieldref',
        '|fieldref|contains',
        '|fieldref|startswith',
        '|fieldref|endswith',
        '|fieldref|neq',
        '|endswith|fieldref',
      ],
      fc.constantFrom(...ASKED),
    ),
  },
);

/** Values of the placeholders that generated rules name. */
export const generatedPlaceholders = {
  names: ['Alice', 'kelv?n', 'run*'],
  paths: ['C:\\Temp', '\\\\server'],
};

/** A value as a rule writes it; numbers beyond safe integers and texts that are hard to tell apart stay texts. */
function literal(value: string | number | boolean): unknown {
  return typeof value === 'string' ? value.replace(/[\\*?]/g, '\\$&') : value;
}

const map = fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => Object.fromEntries(items));
const keywords = fc.oneof(
  fc.array(fc.oneof(pattern, fc.constantFrom<unknown>(5, 16, true)), { minLength: 1, maxLength: 3 }),
  several(pattern).map((all) => ({ '|all': all })),
  regex.map((one) => ({ '|re': one })),
);
const selection = fc.oneof(
  { weight: 5, arbitrary: map },
  { weight: 2, arbitrary: fc.array(map, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: keywords },
  { weight: 1, arbitrary: fc.tuple(pattern, map).map((mixed): unknown => mixed) },
);

export const generatedRule: fc.Arbitrary<GeneratedRule> = fc
  .record({
    sel_a: selection,
    sel_b: selection,
    other: selection,
    condition: fc.constantFrom<string | string[]>(
      'sel_a',
      'sel_a and not sel_b',
      'sel_a or sel_b and other',
      '1 of sel_*',
      'all of sel_*',
      'other and not 1 of sel_*',
      'not (sel_a or not other)',
      'not all of them',
      ['sel_a and sel_b', 'not other'],
    ),
    product: fc.boolean(),
  })
  .map(({ product, ...detection }) => ({
    title: 'Generated',
    // Rules for Linux look for a field in several places, others in one.
    logsource: product ? { product: 'linux' } : { category: 'generated' },
    detection,
  }));
