/** The nginx error log: context apart from message, kinds, forged context, the recorded file. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import { nginxError } from './nginx-error.ts';
import { lineCutter } from './reading/lines.ts';

const context = { source: 'web3', anchor: '2026-03-04T12:00:00Z', zoneMinutes: 60, host: 'web3' };
const bytes = (text: string) => new TextEncoder().encode(text);
function eventOf(text: string) {
  const result = nginxError.normalise(bytes(text), context);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}
const record = (message: string, more = ', request: "GET /a?b=1 HTTP/1.1", host: "portal.example:8443"') =>
  `2026/03/04 11:00:00 [error] 33#34: *14 ${message}, client: 192.0.2.5, server: portal.example${more}`;
const recordsOf = (text: string) => {
  const cutter = lineCutter(0, 1_000_000, nginxError.framing);
  return [...cutter.push(bytes(text)), ...cutter.end()].map(({ raw }) => new TextDecoder().decode(raw));
};

describe('nginx-error', () => {
  it('reads a record as written down', () => {
    const line = record(
      'user "ana": password mismatch',
      ', request: "GET /a?b=%27 HTTP/1.1", host: "portal.example:8443", referrer: "https://x.example/"',
    );
    expect(eventOf(line)).toEqual({
      '@timestamp': '2026-03-04T10:00:00.000Z',
      event: {
        kind: 'event',
        module: 'nginx',
        dataset: 'nginx.error',
        provider: 'nginx',
        category: ['authentication'],
        type: ['start'],
        action: 'web-login',
        outcome: 'failure',
        original: line,
      },
      message: 'user "ana": password mismatch',
      log: { level: 'error' },
      process: { pid: 33 },
      service: { type: 'nginx' },
      host: { name: 'web3' },
      source: { address: '192.0.2.5', ip: '192.0.2.5' },
      user: { name: 'ana' },
      url: { original: '/a?b=%27', path: '/a', query: 'b=%27', domain: 'portal.example', port: 8443 },
      http: { version: '1.1', request: { method: 'GET', referrer: 'https://x.example/' } },
      related: { user: ['ana'], ip: ['192.0.2.5'], hosts: ['web3', 'portal.example'] },
      vigia: {
        logsource: { product: 'nginx', category: 'webserver', service: 'nginx' },
        clock: ['assumed-zone'],
        nginx: { decoded: "/a?b='", url_bytes: 8, connection: '14' },
      },
    });
  });

  it.each([
    ['user "x" was not found in "/etc/htpasswd"', 'web-login'],
    ['access forbidden by rule', 'access-denied'],
    ['directory index of "/var/www/" is forbidden', 'access-denied'],
    ['open() "/var/www/x" failed (2: No such file or directory)', 'file-not-found'],
    ['open() "/var/www/x" failed (13: Permission denied)', 'access-denied'],
    ['client sent invalid method while reading client request line', 'invalid-request'],
    ['limiting requests, excess: 5.1 by zone "login"', 'rate-limited'],
    ['connect() failed (111: Connection refused) while connecting to upstream', 'upstream-failed'],
    ['something new', 'message'],
  ])('knows %s', (message, action) => {
    expect(eventOf(record(message)).event.action).toBe(action);
  });

  it('reads what happens without a client', () => {
    const event = eventOf('2026/03/04 11:00:00 [alert] 1#1: worker process 7 exited on signal 11');
    expect(event).toMatchObject({ event: { action: 'worker-died', category: ['process'] } });
    expect(event.source).toBeUndefined();
  });

  it('keeps lines that continue a record, and hides passwords', () => {
    const text = `${record('FastCGI sent in stderr: "PHP message: a\nb"')}\n${record('x', ', request: "GET /?password=Pl4nted HTTP/1.1"')}\n`;
    const [first, second] = recordsOf(text);
    expect(eventOf(first!).message).toBe('FastCGI sent in stderr: "PHP message: a\nb"');
    expect(JSON.stringify(eventOf(second!))).not.toContain('Pl4nted');
    expect(new TextDecoder().decode(nginxError.mask(bytes('GET /?password=Pl4nted HTTP')))).not.toContain(
      'Pl4nted',
    );
  });

  it('takes no address out of a quoted path, and says where quotes make it doubtful', () => {
    const inPath = eventOf(
      record('open() "/var/www/x, client: 198.51.100.9, server: y" failed (2: No such file or directory)'),
    );
    expect(inPath.source?.ip).toBe('192.0.2.5');
    expect(inPath.vigia?.['nginx']).not.toHaveProperty('ambiguous');
    const withQuote = eventOf(record('open() "/x", client: 198.51.100.9, server: y"" failed (2: x)'));
    expect(withQuote.vigia?.['nginx']).toMatchObject({ ambiguous: true });
    const inRequest = eventOf(record('x', ', request: "GET /", client: 198.51.100.9, server: y HTTP/1.1"'));
    expect(inRequest.source?.ip).toBe('192.0.2.5');
    expect(inRequest.vigia?.['nginx']).toMatchObject({ ambiguous: true });
  });

  it.each([
    ['x', 'does not begin with'],
    ['2026/13/04 11:00:00 [error] 1#1: x', 'no such time'],
  ])('refuses %s', (line, reason) => {
    const result = nginxError.normalise(bytes(line), context);
    expect('reject' in result && result.reject).toContain(reason);
  });

  it('takes hostile text in linear time and throws at nothing', () => {
    const started = process.cpuUsage().user;
    for (const text of [
      record(', client: '.repeat(100_000)),
      record('x', ', request: "'.repeat(80_000)),
      record('x', `, request: "${'", host: "'.repeat(100_000)}"`),
      record('open() "'.repeat(100_000)),
      record('"'.repeat(900_000)),
    ])
      expect(() => nginxError.normalise(bytes(text), context)).not.toThrow();
    expect(process.cpuUsage().user - started).toBeLessThan(5_000_000);
    expect(() => nginxError.normalise(Uint8Array.from([255, 0, 254]), context)).not.toThrow();
  });

  it.skipIf(!hasCorpus('samples', 'nginx') || !hasEcsReference())(
    'makes ECS events of the recorded file',
    () => {
      const problemsOf = ecsProblems();
      const events = recordsOf(readFileSync(corpusPath('samples', 'nginx', 'error.log'), 'utf8')).map(
        eventOf,
      );
      expect(events).toHaveLength(93);
      for (const event of events) expect(problemsOf(event)).toEqual([]);
      const counts = Object.groupBy(events, ({ event }) => event.action!);
      expect(counts['web-login']).toHaveLength(4);
      expect(counts['invalid-request']).toHaveLength(8);
      expect(counts['message']).toBeUndefined();
    },
  );
});
