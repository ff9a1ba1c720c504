/** Descriptions: what ships passes its samples, every format reads its values, mistakes have places, hostile text stays linear. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../core/errors.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import { readDescription } from './described/read.ts';
import { runSamples } from './described/samples.ts';
import { describedAs } from './described.ts';

const FOLDER = join(import.meta.dirname, 'descriptions');
const shipped = readdirSync(FOLDER).map((name): [string, string] => [
  name,
  readFileSync(join(FOLDER, name), 'utf8'),
]);
const context = { source: 's', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 60, host: 'h1' };
const bytes = (text: string) => new TextEncoder().encode(text);

const collectorOf = (text: string) => {
  const { description, problems } = readDescription(text, 'x.yml');
  expect(problems.map(formatProblem)).toEqual([]);
  return describedAs(description!);
};
const made = (text: string, record: string) => collectorOf(text).normalise(bytes(record), context);
function eventOf(text: string, record: string) {
  const result = made(text, record);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}
/** A description of a format; samples are needed, so one that is never run. */
const described = (more: string) =>
  `title: t\ndataset: test.log\nsamples: [{ record: x, reject: x }]\n${more}`;

describe('descriptions that ship', () => {
  it.each(shipped)('%s reads its samples as it says', (_name, text) => {
    const { description, problems } = readDescription(text, 'x.yml');
    expect(problems.map(formatProblem)).toEqual([]);
    const results = runSamples(description!, describedAs(description!));
    expect(results.length).toBeGreaterThan(2);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
  });

  it.skipIf(!hasEcsReference()).each(shipped)('%s makes ECS events', (_name, text) => {
    const { description } = readDescription(text, 'x.yml');
    const problemsOf = ecsProblems();
    for (const { record, reject } of description!.samples)
      if (reject === undefined) expect(problemsOf(eventOf(text, record))).toEqual([]);
  });
});

describe('a sample', () => {
  const text = described('format: json\nfields: { message: m, user.name: u }');
  const results = (samples: string) => {
    const { description } = readDescription(
      text.replace('samples: [{ record: x, reject: x }]', `samples: ${samples}`),
      'x.yml',
    );
    return runSamples(description!, describedAs(description!)).flatMap(({ differences }) => differences);
  };
  it.each([
    [`[{ record: '{"m":"a"}', expect: { message: a, user.name: null } }]`, []],
    [`[{ record: '{"m":"a"}', expect: { message: b } }]`, ['message is "a", not "b"']],
    [`[{ record: '{"m":"a"}', expect: { user.name: ana } }]`, ['user.name is missing, not "ana"']],
    [`[{ record: '{"u":"ana"}', expect: { user.name: null } }]`, ['user.name is "ana", not null']],
    [`[{ record: '{"m":"a"}', reject: no }]`, ['was taken, but should be refused: no']],
    [`[{ record: '{', expect: { message: a } }]`, ['was refused: record starts like JSON, but is no JSON']],
    [`[{ record: "{}\\n{}", expect: { message: a } }]`, ['is 2 records, not one']],
  ])('%s gives %j', (samples, differences) => {
    expect(results(samples)).toEqual(differences);
  });
});

describe('formats', () => {
  const fields = 'fields: { user.name: u, source.ip: ip, vigia.n: { from: n, as: number } }';
  const expected = { user: { name: 'ana b' }, source: { ip: '192.0.2.7' } };
  it.each([
    ['json', `format: json\n${fields}`, '{"u":"ana b","ip":"192.0.2.7:51000","n":"7"}'],
    ['logfmt', `format: logfmt\n${fields}`, 'u="ana b" ip=192.0.2.7 n=7'],
    ['csv', `format: csv\ncolumns: [u, ip, n]\n${fields}`, '"ana b",192.0.2.7,7'],
    ['csv with semicolons', `format: csv\nseparator: ;\ncolumns: [u, ip, n]\n${fields}`, 'ana b;192.0.2.7;7'],
    ['cef', `format: cef\n${fields}`, 'CEF:0|V|P|1|42|Login|5|u=ana b ip=192.0.2.7 n=7'],
    ['leef 1', `format: leef\n${fields}`, 'LEEF:1.0|V|P|1|42|u=ana b\tip=192.0.2.7\tn=7'],
    ['leef 2', `format: leef\n${fields}`, 'LEEF:2.0|V|P|1|42|x5E|u=ana b^ip=192.0.2.7^n=7'],
    [
      'regex',
      `format: regex\npatterns: ['^(?P<u>.*) from (?P<ip>\\S+) (?P<n>\\d+)$']\n${fields}`,
      'ana b from 192.0.2.7 7',
    ],
    [
      'grok',
      `format: grok\npatterns: ['^%{DATA:u} from %{IP:ip} %{INT:n}$']\n${fields}`,
      'ana b from 192.0.2.7 7',
    ],
  ])('%s', (_name, more, record) => {
    const event = eventOf(described(more), record);
    expect(event).toMatchObject({ ...expected, vigia: { n: 7 } });
    expect(event.related).toEqual({ ip: ['192.0.2.7'], user: ['ana b'], hosts: ['h1'] });
  });

  it('knows the standard names of CEF, escapes undone, behind a syslog header', () => {
    const record = String.raw`<13>Mar  4 11:00:00 fw1 CEF:0|Ven\|dor|Box|1.2|100|Login failed|7|src=192.0.2.7 spt=4711 suser=ana msg=a\=b\nc act=blocked`;
    expect(
      eventOf(described('format: cef\nfields: { event.action: act, vigia.text: msg }'), record),
    ).toMatchObject({
      observer: { vendor: 'Ven|dor', product: 'Box', version: '1.2' },
      event: { code: '100', action: 'blocked' },
      source: { ip: '192.0.2.7', port: 4711 },
      user: { name: 'ana' },
      message: 'Login failed',
      vigia: { text: 'a=b\nc' },
    });
  });

  it.each([
    ['csv', 'columns: [a]', 'a,b', '2 columns'],
    ['csv', 'columns: [a]', '"a', 'is not closed'],
    ['csv', 'columns: [a]', '"a"b', 'follows the closing quote'],
    ['cef', '', 'CEF:0|a|b', 'no CEF header'],
    ['leef', '', 'x', 'no LEEF header'],
    ['logfmt', '', 'x', 'no name=value'],
    ['json', '', '[1]', 'is JSON, but no object'],
  ])('%s %s refuses %j', (format, more, record, reason) => {
    const result = made(described(`format: ${format}\nfields: { message: a }\n${more}`), record);
    expect('reject' in result && result.reject).toContain(reason);
  });
});

describe('fields', () => {
  const of = (fields: string, record: object) =>
    eventOf(described(`format: json\n${fields}`), JSON.stringify(record));

  it('take the first source that is there, leave out what means none, and rename values', () => {
    const fields =
      'fields: { user.name: { from: [a, b], unless: ["-"] }, log.level: { from: l, map: { "3": error } }, tags: { value: x } }';
    expect(of(fields, { b: 'ana', l: 3 })).toMatchObject({
      user: { name: 'ana' },
      log: { level: 'error' },
      tags: ['x'],
    });
    expect(of(fields, { a: '-', l: '4' })).toMatchObject({ log: { level: '4' } });
    expect(of(fields, { a: '-' }).user).toBeUndefined();
  });

  it('are added where values say so, later ones winning', () => {
    const when = `fields: { message: m }
when:
  - { if: { s: [1, two] }, set: { event.outcome: success, event.type: start } }
  - { if: { n: { gte: 10, lt: 20 }, t: { matches: '^ad' } }, set: { event.outcome: failure } }
  - { if: { gone: { exists: false }, m: { exists: true } }, set: { tags: [a, b] } }`;
    expect(of(when, { s: 'TWO', n: 10, t: 'admin', m: 'x' })).toMatchObject({
      event: { outcome: 'failure', type: ['start'] },
      tags: ['a', 'b'],
    });
    expect(of(when, { s: '1', n: 20, t: 'admin', gone: 1 }).event.outcome).toBe('success');
    expect(of(when, { gone: 1 }).tags).toBeUndefined();
  });

  it.each([
    ['iso', '2026-03-04T10:00:00Z'],
    ['epoch', '1772618400'],
    ['epoch_ms', '1772618400000'],
    ['http', '04/Mar/2026:11:00:00 +0100'],
    ['syslog', 'Mar  4 11:00:00'],
    ['dd/MM/yyyy HH:mm:ss', '04/03/2026 11:00:00'],
    ["EEE d MMM yyyy 'at' HH:mm:ss Z", 'Wed  4 Mar 2026 at 12:00:00 +0200'],
    ['yyyyMMddHHmmss', '20260304110000'],
  ])('take times as %s', (format, written) => {
    const text = described(
      `format: json\nfields: { message: m }\ntime: { from: t, formats: [epoch, ${JSON.stringify(format)}] }`,
    );
    expect(eventOf(text, JSON.stringify({ t: written }))['@timestamp']).toBe('2026-03-04T10:00:00.000Z');
    const wrong = made(text, '{"t":"soon"}');
    expect('reject' in wrong && wrong.reject).toContain('the time is in none of the formats');
    expect(eventOf(text, '{}')['@timestamp']).toBeUndefined();
  });

  it('hide what the description masks, in the record too, and in dead letters', () => {
    const text = described("format: json\nfields: { message: m }\nmask: ['pin (\\d+)']");
    const event = eventOf(text, '{"m":"pin 4711, pin 12 ok, password=Pl4nted"}');
    expect(event.message).toBe('pin <masked>, pin <masked> ok, password=<masked>');
    expect(JSON.stringify(event)).not.toMatch(/4711|Pl4nted/);
    expect(new TextDecoder().decode(collectorOf(text).mask!(bytes('pin 4711')))).toBe('pin <masked>');
  });

  it('keep records that fit no pattern only where the description says so', () => {
    const text = described("format: regex\npatterns: ['^(?P<m>a+)$']\nfields: { message: m }");
    expect(made(text, 'b')).toEqual({ reject: 'record does not fit the pattern' });
    expect(eventOf(`${text}\nunmatched: keep`, 'b')).toMatchObject({
      message: 'b',
      vigia: { unmatched: true },
    });
  });
});

describe('mistakes', () => {
  const mistakes = (text: string) => readDescription(text, 'mine.yml').problems.map(formatProblem);

  it('are told all at once, each with its place', () => {
    expect(
      mistakes(`title: t
dataset: test.log
format: grok
columns: [a]
patterns: ['%{IPP:a}', '(', 'abc']
time: { from: t, formats: ['yyyy-QQ'] }
fields:
  usr.name: a
  '@timestamp': b
  event.outcome: { value: good }
  user.id: { from: a, value: b }
  host: c
when:
  - { if: { a: { matches: '(?=x)' } }, set: { event.category: network_traffic } }
samples: [{ record: x }]
`),
    ).toEqual([
      expect.stringMatching(/^mine\.yml:4:1 format grok has no columns; it belongs to csv/),
      expect.stringMatching(/^mine\.yml:5:12 there is no pattern IPP; did you mean "IP/),
      expect.stringMatching(/^mine\.yml:5:24 the pattern cannot be used: .*missing closing/),
      expect.stringMatching(/^mine\.yml:5:29 the pattern names no field/),
      expect.stringMatching(/^mine\.yml:6:28 the time format has the letter "Q"/),
      expect.stringMatching(/^mine\.yml:8:3 usr\.name is no ECS field; did you mean "user"/),
      expect.stringMatching(/^mine\.yml:9:3 @timestamp is not for a description to write/),
      expect.stringMatching(/^mine\.yml:10:\d+ event\.outcome cannot be "good"; write one of: success/),
      expect.stringMatching(/^mine\.yml:11:3 user\.id needs either "from" or "value"/),
      expect.stringMatching(/^mine\.yml:12:3 host is an object/),
      expect.stringMatching(/^mine\.yml:14:\d+ the pattern cannot be used/),
      expect.stringMatching(/^mine\.yml:14:\d+ event\.category cannot be "network_traffic"/),
      expect.stringMatching(/^mine\.yml:15:11 a sample needs either "expect" or "reject"/),
    ]);
  });

  it.each([
    ['', 'the file is empty'],
    ['title: t\n', 'lacks the key "dataset"'],
    [described('format: xml\nfields: {}'), '"format" cannot be "xml"'],
    [described('format: json\nfields: {}\nfeilds: {}'), 'unknown key "feilds"'],
    [described('format: csv\nfields: { message: m }'), 'format csv needs columns'],
    [described("format: grok\ndefine: { A: '%{A}' }\npatterns: ['%{A:a}']\nfields: {}"), 'uses itself'],
    [described("format: json\ntime: { from: t, formats: ['HH:mm'] }\nfields: {}"), 'lacks the year'],
  ])('%j: %s', (text, message) => {
    expect(mistakes(text).join('\n')).toContain(message);
  });
});

describe('hostile records', () => {
  it('take linear time and throw nothing', () => {
    const slow = collectorOf(
      described(
        "format: regex\npatterns: ['^(?P<a>(?:a+)+)b$', '^(?P<a>(?:x|x)*)y$']\nfields: { message: a }",
      ),
    );
    const csv = collectorOf(described('format: csv\ncolumns: [a]\nfields: { message: a }'));
    const cef = collectorOf(described('format: cef\nfields: { message: a }'));
    const leef = collectorOf(described('format: leef\nfields: { message: a }'));
    const started = process.cpuUsage().user;
    for (const [collector, record] of [
      [slow, 'a'.repeat(30_000)],
      [slow, 'x'.repeat(30_000)],
      [csv, '"'.repeat(500_000)],
      [csv, ','.repeat(500_000)],
      [cef, `CEF:0|${'\\|'.repeat(250_000)}`],
      [cef, `CEF:0|a|b|c|d|e|f|${'a= '.repeat(200_000)}`],
      [leef, `LEEF:2.0|a|b|c|d|^|${'^a='.repeat(200_000)}`],
    ] as const)
      expect(() => collector.normalise(bytes(record), context)).not.toThrow();
    expect(process.cpuUsage().user - started).toBeLessThan(8_000_000);
  });

  it.each(shipped)('%s throws at nothing', (_name, text) => {
    const collector = collectorOf(text);
    const { description } = readDescription(text, 'x.yml');
    for (const { record } of description!.samples)
      for (let cut = 0; cut < record.length; cut += 3)
        for (const piece of ['"', '\u0000', '\ud800', '[', '%'])
          expect(() =>
            collector.normalise(bytes(record.slice(0, cut) + piece + record.slice(cut)), context),
          ).not.toThrow();
  });
});
