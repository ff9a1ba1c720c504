/** Logs of Java applications in every layout: fields, stack traces, identifiers, forged and hostile records. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { pseudonyms } from '../core/personal-data.ts';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { NormaliseContext } from './collector.ts';
import { javaApplication } from './java-application.ts';
import { lineCutter } from './reading/lines.ts';

const context: NormaliseContext = {
  source: 'benefits',
  anchor: '2026-03-04T12:00:00Z',
  zoneMinutes: 60,
  host: 'app7',
};
const bytes = (text: string) => new TextEncoder().encode(text);

function eventOf(text: string | Uint8Array, more: Partial<NormaliseContext> = {}) {
  const result = javaApplication.normalise(typeof text === 'string' ? bytes(text) : text, {
    ...context,
    ...more,
  });
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}
const appOf = (event: ReturnType<typeof eventOf>) => event.vigia!['app'] as Record<string, string>;
const spring = (message: string, level = 'INFO') =>
  `2026-03-04T10:00:00.123Z ${level.padStart(5)} 4711 --- [benefits] [nio-8080-exec-9] pt.example.benefits.Service : ${message}`;
const recordsOf = (text: string) => {
  const cutter = lineCutter(0, 1_000_000, javaApplication.framing);
  return [...cutter.push(bytes(text)), ...cutter.end()].map(({ raw }) => new TextDecoder().decode(raw));
};

const TRACE = [
  'java.sql.SQLException: no such column',
  '\tat pt.example.Db.read(Db.java:97) ~[db.jar:?]',
  '\t... 42 more',
  'Caused by: pt.example.ServerException: ERROR',
  '\tat pt.example.Wire.read(Wire.java:7)',
].join('\n');

describe('java-application', () => {
  it('reads a Spring Boot record as written down', () => {
    const line = spring('Role granted role=PAYER to=rui by=ana ip=192.0.2.7 ticket="CHG 12"', 'WARN');
    expect(eventOf(line)).toEqual({
      '@timestamp': '2026-03-04T10:00:00.123Z',
      event: {
        kind: 'event',
        module: 'application',
        dataset: 'application.java',
        provider: 'pt.example.benefits.Service',
        category: ['iam'],
        type: ['user', 'change'],
        action: 'application-role-granted',
        outcome: 'success',
        original: line,
      },
      message: 'Role granted role=PAYER to=rui by=ana ip=192.0.2.7 ticket="CHG 12"',
      log: { level: 'warn', logger: 'pt.example.benefits.Service' },
      service: { name: 'benefits', type: 'java' },
      host: { name: 'app7' },
      process: { pid: 4711, thread: { name: 'nio-8080-exec-9' } },
      user: { name: 'ana', target: { name: 'rui' } },
      source: { address: '192.0.2.7', ip: '192.0.2.7' },
      labels: { ticket: 'CHG 12' },
      related: { user: ['ana', 'rui'], ip: ['192.0.2.7'], hosts: ['app7'] },
      vigia: { logsource: { product: 'java', category: 'application' }, app: { role: 'PAYER' } },
    });
  });

  it('reads an ECS record, with dotted or nested keys, and lets the application name its own action', () => {
    const dotted = {
      '@timestamp': '2026-03-04T10:00:00.123Z',
      'log.level': 'ERROR',
      'log.logger': 'pt.example.Batches',
      message: 'o lote foi assinado',
      'service.name': 'payments',
      'process.thread.name': 'main',
      'trace.id': 'a1',
      'event.action': 'payment-batch-approved',
      'user.name': 'ana',
      batch: '2026-03-A',
      total: 1200.5,
      'error.type': 'java.io.IOException',
      'error.stack_trace': TRACE,
    };
    const nested = {
      ...dotted,
      log: { level: 'ERROR', logger: 'pt.example.Batches' },
      'log.level': undefined,
      'log.logger': undefined,
      user: { name: 'ana' },
      'user.name': undefined,
    };
    for (const record of [dotted, nested]) {
      expect(eventOf(JSON.stringify(record))).toMatchObject({
        event: {
          action: 'payment-batch-approved',
          category: ['database'],
          type: ['change'],
          outcome: 'success',
        },
        log: { level: 'error', logger: 'pt.example.Batches' },
        service: { name: 'payments' },
        user: { name: 'ana' },
        trace: { id: 'a1' },
        error: { type: 'java.io.IOException', message: 'no such column', stack_trace: TRACE },
        vigia: { app: { batch: '2026-03-A', amount: 1200.5, causes: ['pt.example.ServerException'] } },
      });
    }
  });

  it.each([
    ['Log4j', '2026-03-04 11:00:00,123 [main] INFO  pt.example.A - hello', '2026-03-04T10:00:00.123Z'],
    ['Logback', '2026-03-04 11:00:00.123 INFO  [main] pt.example.A - hello', '2026-03-04T10:00:00.123Z'],
    ['WildFly', '2026-03-04 11:00:00,123 INFO  [pt.example.A] (main) hello', '2026-03-04T10:00:00.123Z'],
    ['Tomcat', '04-Mar-2026 11:00:00.123 INFO [main] pt.example.A hello', '2026-03-04T10:00:00.123Z'],
    [
      'Spring Boot 2',
      '2026-03-04 11:00:00.123  INFO 7 --- [main] pt.example.A : hello',
      '2026-03-04T10:00:00.123Z',
    ],
    [
      'logstash encoder',
      '{"@timestamp":"2026-03-04T11:00:00.123+01:00","level":"INFO","logger_name":"pt.example.A","thread_name":"main","message":"hello"}',
      '2026-03-04T10:00:00.123Z',
    ],
  ])('reads %s', (_name, line, time) => {
    expect(eventOf(line)).toMatchObject({
      '@timestamp': time,
      message: 'hello',
      log: { level: 'info', logger: 'pt.example.A' },
      process: { thread: { name: 'main' } },
    });
  });

  it('keeps a stack trace with its record, and a JSON record alone', () => {
    const text = `${spring('failed', 'ERROR')}\n${TRACE}\n${spring('next')}\n{"message":"one"}\n`;
    const [failed, next, json] = recordsOf(text);
    expect([next, json]).toEqual([spring('next'), '{"message":"one"}']);
    expect(eventOf(failed!)).toMatchObject({
      message: 'failed',
      error: { type: 'java.sql.SQLException', message: 'no such column', stack_trace: TRACE },
    });
  });

  it.each([
    ['Login failed user=ana ip=192.0.2.7', 'application-login', 'failure'],
    ['Login succeeded user=ana', 'application-login', 'success'],
    ['Autenticação falhou utilizador=ana', 'application-login', 'failure'],
    ['GET /claims/7?x=1 user=ana status=500 ms=3', 'application-http-request', 'failure'],
    ['Exported rows=12 table=claims by=ana', 'records-exported', 'success'],
    ['Beneficiary record read niss=11234567892 by=ana', 'citizen-record-read', 'success'],
    ['Lote de pagamentos alterado lote=7 por=ana', 'payment-batch-changed', 'success'],
    ['said: Login failed', undefined, undefined],
  ])('understands %j', (message, action, outcome) => {
    expect(eventOf(spring(message)).event).toMatchObject(
      action === undefined ? { module: 'application' } : { action, outcome },
    );
    if (action === undefined) expect(eventOf(spring(message)).event.action).toBeUndefined();
  });

  it('hides identifiers of citizens, and under a key keeps them comparable', () => {
    const read = (niss: string) =>
      eventOf(spring(`Beneficiary record read niss=${niss} by=ana`), {
        pseudonym: pseudonyms('k'.repeat(32)),
      });
    const subject = (event: ReturnType<typeof eventOf>) => appOf(event)['subject'];
    expect(subject(eventOf(spring('Beneficiary record read niss=11234567892 by=ana')))).toBe('<niss>');
    expect(subject(read('11234567892'))).toMatch(/^<niss:[0-9a-f]{16}>$/);
    expect(subject(read('11234567892'))).toBe(subject(read('11234567892')));
    expect(JSON.stringify(read('11234567892'))).not.toContain('11234567892');
  });

  it.each([
    spring('connect password=Pl4nted user=ana'),
    spring('session=Pl4nted-0123456789 used'),
    '{"message":"x","password":"Pl4nted"}',
    '{"message":"x","headers":{"Authorization":"Basic Pl4nted"}}',
    '{"message":"x","sessionId":"Pl4nted-0123"}',
    '{"message":"password=Pl4nted","message":"x"}',
    '{"message":"x","nif":123456789}',
    spring('nif 123 456 789'),
  ])('stores no secret of %s', (line) => {
    const secrets = /Pl4nted|123456789|123 456 789/;
    expect(JSON.stringify(eventOf(line))).not.toMatch(secrets);
    expect(new TextDecoder().decode(javaApplication.mask(bytes(`x${line}`)))).not.toMatch(secrets);
  });

  it('tells two uses of one session to be the same without keeping it', () => {
    const session = (text: string) => appOf(eventOf(spring(text)))['session'];
    expect(session('Session used session=abcdef0123456789')).toBe(
      session('Session resumed sid=abcdef0123456789'),
    );
    expect(session('Session used session=abcdef0123456789')).not.toBe(session('Session used session=other'));
  });

  it.each([
    ['x', 'record begins like none of'],
    ['{"message":', 'is no JSON'],
    ['{"level":"INFO"}', 'lacks "message"'],
    ['{"@timestamp":"soon","message":"x"}', 'the time is neither'],
    [`{"a":${'['.repeat(100)}${']'.repeat(100)}}`, 'nested more than'],
    ['2026-13-41 11:00:00,123 [main] INFO  a.B - hello', 'the time is neither'],
  ])('refuses %j and says why', (line, reason) => {
    const result = javaApplication.normalise(bytes(line), context);
    expect('reject' in result && result.reject).toContain(reason);
  });

  it('takes hostile text in linear time and throws at nothing', () => {
    const long = [
      spring('a="\\"'.repeat(150_000)),
      spring('a='.repeat(300_000)),
      `${spring('x')}\n${'a.'.repeat(300_000)}`,
      `2026-03-04 11:00:00,123 ${'['.repeat(500_000)}`,
      `{"message":"${'nif=12345678 '.repeat(60_000)}"}`,
      `{"a":${'{"a":'.repeat(100_000)}`,
    ];
    const started = process.cpuUsage().user;
    for (const line of long) expect(() => javaApplication.normalise(bytes(line), context)).not.toThrow();
    expect(process.cpuUsage().user - started).toBeLessThan(5_000_000);
    for (const piece of ['"', '=', '{', '[', '\u0000', '\u202e', '${jndi:', '\ud800', 'ÿ'])
      for (const line of [piece, spring(piece.repeat(3)), `{"message":${JSON.stringify(piece)}}`])
        expect(() => javaApplication.normalise(bytes(line), context)).not.toThrow();
    expect(() => javaApplication.normalise(Uint8Array.from([255, 0, 254]), context)).not.toThrow();
  });

  describe.skipIf(!hasCorpus('samples', 'app') || !hasEcsReference())('on the recorded files', () => {
    const eventsOf = (file: string) =>
      recordsOf(readFileSync(corpusPath('samples', 'app', file), 'utf8')).map((record) =>
        eventOf(record, { zoneMinutes: 0 }),
      );
    const FILES = ['java-ecs-json.jsonl', 'java-spring-boot.log', 'java-log4j-pattern.log'];

    it.each(FILES)('makes an ECS event of every record of %s', (file) => {
      const problemsOf = ecsProblems();
      const events = eventsOf(file);
      expect(events).toHaveLength(120);
      for (const event of events) expect(problemsOf(event)).toEqual([]);
      expect(events.filter(({ error }) => error?.stack_trace?.includes('Caused by'))).toHaveLength(3);
    });

    it('reads the same from every layout', () => {
      const told = FILES.map((file) =>
        eventsOf(file).map(({ '@timestamp': at, message, event, user, source, error }) => [
          ...[at, message, event.action, event.outcome, user, source, error?.type, error?.stack_trace],
        ]),
      );
      expect(told[1]).toEqual(told[0]);
      expect(told[2]).toEqual(told[0]);
    });
  });
});
