/** The csvlog and text log collectors: equal events for one recording, records that nobody can forge, planted passwords. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Draft } from '../core/event.ts';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { Collector } from './collector.ts';
import { postgresql } from './postgresql.ts';
import { postgresqlCsvlog } from './postgresql-csvlog.ts';
import { postgresqlStderr } from './postgresql-stderr.ts';
import { lineCutter } from './reading/lines.ts';

const context = { source: 'db7', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 0, host: 'db7' };

function recordsOf(collector: Collector, text: string): string[] {
  if (collector.framing.kind !== 'lines') throw new Error('no lines');
  const cutter = lineCutter(0, 1_048_576, collector.framing);
  const records = [...cutter.push(new TextEncoder().encode(text)), ...cutter.end()];
  return records.map(({ raw }) => new TextDecoder().decode(raw));
}

function eventOf(collector: Collector, record: string): Draft {
  const made = collector.normalise(new TextEncoder().encode(record), context);
  if ('reject' in made) throw new Error(`${made.reject}: ${record}`);
  return made.event;
}
const eventsOf = (collector: Collector, text: string): Draft[] =>
  recordsOf(collector, text).map((record) => eventOf(collector, record));

/** The event without the places named. */
function without(event: Draft, ...paths: string[]): unknown {
  const copy = JSON.parse(JSON.stringify(event)) as Record<string, unknown>;
  for (const path of paths) {
    const keys = path.split('.');
    const last = keys.pop()!;
    const parent = keys.reduce<Record<string, unknown> | undefined>(
      (at, key) => at?.[key] as Record<string, unknown> | undefined,
      copy,
    );
    if (parent) delete parent[last];
  }
  return copy;
}

/** What the text log does not hold. */
const NOT_IN_TEXT = [
  ...['event.original', 'event.code', 'event.sequence', 'process.title', 'error.code', 'source.port'],
  ...['session_id', 'query_id', 'backend_type', 'sqlstate'].map((name) => `vigia.postgresql.${name}`),
];

const csv = (message: string, user = '"ana"') =>
  `2026-03-04 10:00:00.123 UTC,${user},"benefits",7,"192.0.2.5:40",a.b,1,"idle",2026-03-04 09:00:00 UTC,3/2,0,LOG,00000,"${message}",,,,,,,,,"psql","client backend",,0`;

describe.skipIf(!hasCorpus('samples', 'postgresql') || !hasEcsReference())('one recording', () => {
  const read = (name: string) => readFileSync(corpusPath('samples', 'postgresql', name), 'utf8');

  it('gives equal events as csvlog and as jsonlog', () => {
    const problemsOf = ecsProblems();
    const expected = eventsOf(postgresql, read('postgresql.json.jsonl'));
    const found = eventsOf(postgresqlCsvlog, read('postgresql.csv'));
    expect(found).toHaveLength(244);
    found.forEach((event, at) => {
      expect(without(event, 'event.original')).toEqual(without(expected[at]!, 'event.original'));
      expect(problemsOf(event)).toEqual([]);
      expect(JSON.stringify(event)).not.toMatch(/Pass!|Rot4ted/);
    });
  });

  it('gives equal events as text, but for what the text does not hold', () => {
    const problemsOf = ecsProblems();
    const expected = eventsOf(postgresql, read('postgresql.json.jsonl'));
    const found = eventsOf(postgresqlStderr, read('postgresql-stderr.log'));
    expect(found).toHaveLength(244);
    found.forEach((event, at) => {
      expect(without(event, ...NOT_IN_TEXT)).toEqual(without(expected[at]!, ...NOT_IN_TEXT));
      expect(problemsOf(event)).toEqual([]);
      expect(JSON.stringify(event)).not.toMatch(/Pass!|Rot4ted/);
    });
  });
});

describe('csvlog', () => {
  it.each([
    ['a line that looks like a record', csv('x').replaceAll('"', '""')],
    ['a line without any quote', csv('x').replaceAll('"', '')],
    [
      'the end of the column behind a forged start',
      `${csv('', '').replace('"benefits",7,"192.0.2.5:40",a.b,1,"idle",', ',7,,a.b,1,,').split(',"",')[0]!},`,
    ],
  ])('keeps a statement whole that holds %s', (_what, forged) => {
    const log = `${csv(`statement: SELECT '\n${forged}`)}\n${csv('received SIGHUP')}\n`;
    const records = recordsOf(postgresqlCsvlog, log);
    expect(records).toHaveLength(2);
    expect(eventOf(postgresqlCsvlog, records[0]!).message).toContain("SELECT '\n2026-03-04");
  });

  it('begins a record whose user name holds a line break', () => {
    expect(recordsOf(postgresqlCsvlog, `${csv('a')}\n${csv('b', '"x\ny"')}\n${csv('c')}\n`)).toHaveLength(3);
  });

  it('reads an address of version 6 and a local connection', () => {
    const from = (connection: string) =>
      eventOf(postgresqlCsvlog, csv('x').replace('192.0.2.5:40', connection)).source;
    expect(from('2001:db8::1:40')).toEqual({ address: '2001:db8::1', ip: '2001:db8::1', port: 40 });
    expect(from('[local]')).toEqual({ address: '[local]' });
  });

  it('refuses a record of too few columns', () => {
    const made = postgresqlCsvlog.normalise(new TextEncoder().encode('a,b,c'), context);
    expect(made).toEqual({ reject: expect.stringContaining('3 columns') });
  });
});

describe('the text log', () => {
  const line = '2026-03-04 10:00:00.123 UTC [7] ';
  it.each([
    ['ana@benefits from 192.0.2.5 app=my app ', { user: 'ana', ip: '192.0.2.5', application: 'my app' }],
    ['ana@benefits from 192.0.2.5(40) app=x ', { user: 'ana', ip: '192.0.2.5', port: 40, application: 'x' }],
    ['user=ana,db=benefits,client=192.0.2.5,app=x y ', { user: 'ana', ip: '192.0.2.5', application: 'x y' }],
    ['ana@benefits ', { user: 'ana' }],
  ])('understands the prefix %j', (prefix, expected) => {
    const event = eventOf(postgresqlStderr, `${line}${prefix}LOG:  statement: SELECT 1`);
    const facts = event.vigia?.['postgresql'] as Record<string, unknown>;
    expect({
      user: event.user?.name,
      ip: event.source?.ip,
      port: event.source?.port,
      application: facts['application'],
    }).toEqual({ ip: undefined, port: undefined, application: undefined, ...expected });
    expect(facts['database']).toBe('benefits');
  });

  it('glues lines that start with a tab, and what is told more', () => {
    const log = `${line}LOG:  statement: SELECT\n\t\tFATAL:  x\n${line}DETAIL:  d\n${line}ERROR:  e\n${line}STATEMENT:  SELECT 2\n`;
    const [first, second, ...rest] = eventsOf(postgresqlStderr, log);
    expect(rest).toEqual([]);
    expect(first!.message).toBe('statement: SELECT\n\tFATAL:  x');
    expect(first!.vigia?.['postgresql']).toMatchObject({ detail: 'd' });
    expect(second!.vigia?.['postgresql']).toMatchObject({ statement: 'SELECT 2' });
  });

  it.each([
    ['FATAL', 'password authentication failed for user "x"', 'database-login'],
    ['FATAL', 'database "x" does not exist', 'database-login'],
    ['FATAL', 'terminating connection due to administrator command', 'database-error'],
    ['ERROR', 'permission denied for table t', 'permission-denied'],
    ['ERROR', 'database "x" does not exist', 'database-error'],
  ])('tells %s: %s by its words', (severity, message, action) => {
    expect(eventOf(postgresqlStderr, `${line}${severity}:  ${message}`).event.action).toBe(action);
  });

  it('refuses a line without prefix and says which is needed', () => {
    const made = postgresqlStderr.normalise(new TextEncoder().encode('Killed'), context);
    expect(made).toEqual({ reject: expect.stringContaining('log_line_prefix must start with') });
  });
});

describe('a password', () => {
  const planted = 'Pl4nted-Secret';
  const statement = `ALTER ROLE a PASSWORD '${planted}'`;
  const texts: [Collector, string][] = [
    [postgresqlCsvlog, csv(`statement: ${statement}`)],
    [postgresqlCsvlog, csv(`AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,""${statement}"",<none>,0`)],
    [postgresqlStderr, `2026-03-04 10:00:00 UTC [7] LOG:  statement: ${statement.replace(' a', '\n\ta')}`],
    [
      postgresqlStderr,
      `2026-03-04 10:00:00 UTC [7] ERROR:  x\n2026-03-04 10:00:00 UTC [7] STATEMENT:  ${statement}`,
    ],
  ];
  it.each(texts)('is hidden by $id', (collector, record) => {
    const event = eventOf(collector, record);
    expect(JSON.stringify(event)).not.toContain(planted);
    expect(event.event.original).toContain('<masked>');
    const cut = new TextEncoder().encode(`broken ${record.slice(30)}`);
    expect(new TextDecoder().decode(collector.mask!(cut))).not.toContain(planted);
  });
});
