/** Logs of .NET applications: compact log events and the console layout. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { NormaliseContext } from './collector.ts';
import { dotnetApplication } from './dotnet-application.ts';
import { lineCutter } from './reading/lines.ts';

const context: NormaliseContext = {
  source: 'portal',
  anchor: '2026-03-04T12:00:00Z',
  zoneMinutes: 0,
  host: 'iis2',
};
const bytes = (text: string) => new TextEncoder().encode(text);
function eventOf(text: string) {
  const result = dotnetApplication.normalise(bytes(text), context);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}
const recordsOf = (text: string) => {
  const cutter = lineCutter(0, 1_000_000, dotnetApplication.framing);
  return [...cutter.push(bytes(text)), ...cutter.end()].map(({ raw }) => new TextDecoder().decode(raw));
};
const clef = (fields: object) => JSON.stringify({ '@t': '2026-03-04T10:00:00.1230000Z', ...fields });
const TRACE = [
  "System.InvalidOperationException: no such role 'PAYER'",
  '   at Portal.Roles.Find(String name) in Roles.cs:line 41',
  ' ---> System.TimeoutException: late',
].join('\n');

describe('dotnet-application', () => {
  it('reads a compact log event as written down', () => {
    const line = clef({
      '@mt': 'Login failed for {User} from {ClientIp:l}',
      '@l': 'Warning',
      '@i': 'a1b2',
      '@tr': 'f00d',
      User: 'ana',
      ClientIp: '192.0.2.7',
      Attempt: 3,
      SourceContext: 'Portal.Login',
      MachineName: 'APP2',
      RequestId: '0HN:1',
    });
    expect(eventOf(line)).toEqual({
      '@timestamp': '2026-03-04T10:00:00.123Z',
      event: {
        kind: 'event',
        module: 'application',
        dataset: 'application.dotnet',
        provider: 'Portal.Login',
        category: ['authentication'],
        type: ['start'],
        action: 'application-login',
        outcome: 'failure',
        code: 'a1b2',
        original: line,
      },
      message: 'Login failed for ana from 192.0.2.7',
      log: { level: 'warn', logger: 'Portal.Login' },
      service: { type: 'dotnet' },
      host: { name: 'APP2' },
      user: { name: 'ana' },
      source: { address: '192.0.2.7', ip: '192.0.2.7' },
      trace: { id: 'f00d' },
      labels: { Attempt: '3' },
      related: { user: ['ana'], ip: ['192.0.2.7'], hosts: ['APP2'] },
      vigia: {
        logsource: { product: 'dotnet', category: 'application' },
        app: { template: 'Login failed for {User} from {ClientIp:l}', request_id: '0HN:1' },
      },
    });
  });

  it('takes a console record with its message and exception, without a time of its own', () => {
    const indented = TRACE.replaceAll(/^/gm, '      ');
    const [first, second] = recordsOf(
      `fail: Portal.Roles[12]\n      Role lookup failed user=ana\n${indented}\ninfo: Portal.Login[0]\n      hello\n`,
    );
    expect(eventOf(first!)).toMatchObject({
      event: { code: '12', provider: 'Portal.Roles' },
      message: 'Role lookup failed user=ana',
      log: { level: 'error' },
      user: { name: 'ana' },
      error: {
        type: 'System.InvalidOperationException',
        message: "no such role 'PAYER'",
        stack_trace: TRACE,
      },
      vigia: { app: { causes: ['System.TimeoutException'] } },
    });
    expect(eventOf(first!)['@timestamp']).toBeUndefined();
    expect(eventOf(second!).message).toBe('hello');
  });

  it('takes the time before a console record where there is one', () => {
    expect(eventOf('2026-03-04T10:00:00.123Z info: Portal.Login[0]\n      hello')).toMatchObject({
      '@timestamp': '2026-03-04T10:00:00.123Z',
      message: 'hello',
    });
  });

  it('stores no secret and no identifier', () => {
    const line = clef({ '@mt': 'Paid {Nif} with {Password}', Nif: '123456789', Password: 'Pl4nted' });
    expect(JSON.stringify(eventOf(line))).not.toMatch(/123456789|Pl4nted/);
    expect(eventOf(line).message).toBe('Paid <nif> with <masked>');
  });

  it.each([
    ['x', 'record begins neither'],
    ['{"message":"x"}', 'lacks "@t"'],
    [clef({}), 'has none of "@m"'],
    ['{"@t":"soon","@m":"x"}', 'the time is not ISO 8601'],
  ])('refuses %j and says why', (line, reason) => {
    const result = dotnetApplication.normalise(bytes(line), context);
    expect('reject' in result && result.reject).toContain(reason);
  });

  it('takes hostile text in linear time and throws at nothing', () => {
    const started = process.cpuUsage().user;
    for (const text of [
      clef({ '@mt': '{a'.repeat(200_000) }),
      clef({ '@mt': '{a:'.repeat(200_000) }),
      `info: ${'a'.repeat(500_000)}`,
      `info: a[0]\n${' ---> a'.repeat(100_000)}`,
      `info: a[0]\n${' \n'.repeat(200_000)}`,
    ])
      expect(() => dotnetApplication.normalise(bytes(text), context)).not.toThrow();
    expect(process.cpuUsage().user - started).toBeLessThan(5_000_000);
  });

  describe.skipIf(!hasCorpus('samples', 'app') || !hasEcsReference())('on the recorded files', () => {
    const eventsOf = (file: string) =>
      recordsOf(readFileSync(corpusPath('samples', 'app', file), 'utf8')).map(eventOf);

    it('makes the same ECS events of both layouts', () => {
      const problemsOf = ecsProblems();
      const [compact, console] = [eventsOf('dotnet-clef.jsonl'), eventsOf('dotnet-console.log')];
      expect([compact.length, console.length]).toEqual([120, 120]);
      for (const event of [...compact, ...console]) expect(problemsOf(event)).toEqual([]);
      const told = (events: typeof compact) =>
        events.map(({ message, event, user, source, log, error }) => [
          ...[message, event.action, event.outcome, user?.name, source?.ip, log, error?.stack_trace],
        ]);
      expect(told(console)).toEqual(told(compact));
    });
  });
});
