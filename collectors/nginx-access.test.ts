/** The nginx collector against its three log formats, the recorded files, planted passwords and hostile bytes. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { corpusPath, hasCorpus } from '../tests/corpus.ts';
import { ecsProblems, hasEcsReference } from '../tests/ecs.ts';
import type { NormaliseContext } from './collector.ts';
import { nginxAccess } from './nginx-access.ts';

const context: NormaliseContext = {
  source: 'web3',
  anchor: '2026-03-04T12:00:00Z',
  zoneMinutes: 60,
  host: 'web3',
};
const bytes = (text: string) => new TextEncoder().encode(text);

function eventOf(line: string | Uint8Array) {
  const result = nginxAccess.normalise(typeof line === 'string' ? bytes(line) : line, context);
  if ('reject' in result) throw new Error(result.reject);
  return result.event;
}
const json = (fields: object) =>
  JSON.stringify({
    time: '2026-03-04T10:00:00+00:00',
    remote_addr: '192.0.2.5',
    method: 'GET',
    uri: '/',
    status: 200,
    ...fields,
  });
const combined = (request: string, more = '"-" "Mozilla/5.0"') =>
  `192.0.2.5 - - [04/Mar/2026:11:00:00 +0100] "${request}" 200 12 ${more}`;

describe('nginx-access', () => {
  it('reads a JSON record as written down', () => {
    const line = json({
      msec: 1772618400.123,
      remote_port: '4711',
      user: 'ana',
      uri: '/claims/list.php?id=%27%20or&x=a+b',
      proto: 'HTTP/1.1',
      bytes: 153,
      req_len: 99,
      rt: 0.25,
      urt: '0.200, 0.050',
      host: 'portal.example',
      referer: 'https://portal.example/',
      ua: 'Mozilla/5.0',
      xff: 'unknown, 198.51.100.7',
      tls: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
      req_id: 'a9',
    });
    expect(eventOf(line)).toEqual({
      '@timestamp': '2026-03-04T10:00:00.123Z',
      event: {
        kind: 'event',
        module: 'nginx',
        dataset: 'nginx.access',
        provider: 'nginx',
        category: ['web'],
        type: ['access'],
        action: 'http-request',
        outcome: 'success',
        duration: 250_000_000,
        original: line,
      },
      message: 'GET /claims/list.php?id=%27%20or&x=a+b 200',
      service: { type: 'nginx' },
      host: { name: 'web3' },
      source: { address: '192.0.2.5', ip: '192.0.2.5', port: 4711 },
      network: { forwarded_ip: '198.51.100.7' },
      user: { name: 'ana' },
      url: {
        original: '/claims/list.php?id=%27%20or&x=a+b',
        path: '/claims/list.php',
        query: 'id=%27%20or&x=a+b',
        extension: 'php',
        domain: 'portal.example',
      },
      http: {
        version: '1.1',
        request: { method: 'GET', referrer: 'https://portal.example/', id: 'a9', bytes: 99 },
        response: { status_code: 200, body: { bytes: 153 } },
      },
      user_agent: { original: 'Mozilla/5.0' },
      tls: { version: '1.3', version_protocol: 'tls', cipher: 'TLS_AES_256_GCM_SHA384' },
      related: { user: ['ana'], ip: ['192.0.2.5', '198.51.100.7'], hosts: ['web3', 'portal.example'] },
      vigia: {
        logsource: { product: 'nginx', category: 'webserver', service: 'nginx' },
        nginx: {
          decoded: "/claims/list.php?id=' or&x=a b",
          url_bytes: 34,
          upstream_response_time: '0.200, 0.050',
        },
      },
    });
  });

  it('makes the same request of every format', () => {
    const parts = (line: string) => {
      const { '@timestamp': at, source, url, http, user } = eventOf(line);
      return { at, ip: source?.ip, path: url?.path, query: url?.query, http: http?.request?.method, user };
    };
    const expected = {
      at: '2026-03-04T10:00:00.000Z',
      ip: '192.0.2.5',
      path: '/a',
      query: 'b=1',
      http: 'GET',
      user: { name: 'ana' },
    };
    const line = combined('GET /a?b=1 HTTP/1.1').replace(' - - ', ' - ana ');
    expect(parts(json({ uri: '/a?b=1', user: 'ana' }))).toEqual(expected);
    expect(parts(json({ method: '', uri: '', request: 'GET /a?b=1 HTTP/2.0', remote_user: 'ana' }))).toEqual(
      expected,
    );
    expect(parts(line)).toEqual(expected);
    expect(parts(`portal.example:8443 ${line} 0.120`)).toEqual(expected);
    expect(eventOf(`portal.example:8443 ${line} 0.120`)).toMatchObject({
      url: { domain: 'portal.example', port: 8443 },
      event: { duration: 120_000_000 },
    });
  });

  it.each([
    ['GET /%252e%252e/etc HTTP/1.1', '/../etc'],
    ['GET /?q=%u0027 HTTP/1.1', "/?q='"],
    ['GET /%c3%a7 HTTP/1.1', '/ç'],
    ['GET /%zz%9 HTTP/1.1', '/%zz%9'],
    ['GET /a\\x22b\\x5Cc HTTP/1.1', '/a"b\\c'],
  ])('undoes the escapes of %s', (request, decoded) => {
    expect(eventOf(combined(request)).vigia?.['nginx']).toMatchObject({ decoded });
  });

  it('keeps bytes that are no HTTP, and says that there was no method', () => {
    const event = eventOf(combined('\\x16\\x03\\x01garbage', '"-" "-"').replace(' 200 ', ' 400 '));
    expect(event.vigia?.['nginx']).toEqual({ request: '\u0016\u0003\u0001garbage' });
    expect(event.message).toBe('unreadable request 400');
    expect(event.url).toBeUndefined();
  });

  it('takes no user name for the end of the head', () => {
    const forged =
      '192.0.2.5 - x [01/Jan/2020:00:00:00 +0000] [04/Mar/2026:11:00:00 +0100] "GET / HTTP/1.1" 401 0 "-" "-"';
    expect(eventOf(forged)).toMatchObject({
      '@timestamp': '2026-03-04T10:00:00.000Z',
      user: { name: 'x [01/Jan/2020:00:00:00 +0000]' },
    });
  });

  it.each([
    json({ uri: '/login?user=a&password=Pl4nted&x=1' }),
    json({ referer: 'https://ana:Pl4nted@portal.example/' }),
    json({ uri: `/?token='Pl4nted`, ua: "it's" }),
    combined('GET /login?user=a&access_token=Pl4nted HTTP/1.1'),
    combined('GET / HTTP/1.1', '"https://p.example/?api_key=Pl4nted" "x"'),
  ])('hides the secret of %s', (line) => {
    expect(JSON.stringify(eventOf(line))).not.toContain('Pl4nted');
    expect(eventOf(line).source?.ip).toBe('192.0.2.5');
    expect(new TextDecoder().decode(nginxAccess.mask(bytes(line.slice(0, -1))))).not.toContain('Pl4nted');
  });

  it('hides nothing behind an open quote in a secret', () => {
    const event = eventOf(combined("GET /?token='abc HTTP/1.1", `"-" "it's a scanner"`));
    expect(event.user_agent?.original).toBe("it's a scanner");
    expect(event.url?.query).not.toContain('abc');
  });

  it.each([
    ['x', 'neither JSON nor the combined'],
    ['{"a":', 'is no JSON'],
    ['{"time":"2026-03-04T10:00:00Z"}', 'lacks "time" or "status"'],
    ['{"time":"soon","status":200}', 'the time is none of'],
    ['1.2.3.4 - - [40/Mar/2026:11:00:00 +0100] "GET / HTTP/1.1" 200 1', 'the time is none of'],
  ])('refuses %j and says why', (line, reason) => {
    const result = nginxAccess.normalise(bytes(line), context);
    expect('reject' in result && result.reject).toContain(reason);
  });

  it('throws at nothing', () => {
    const pieces = [
      '"',
      '\\x',
      '\\xff\\xfe',
      '%',
      '%u00',
      '{',
      '[',
      ' - ',
      '\u0000',
      '\u202e',
      '${jndi:',
      'ÿ'.repeat(40),
    ];
    for (const first of pieces) {
      for (const second of pieces) {
        for (const line of [first + second, combined(first + second), json({ uri: first, ua: second })]) {
          expect(() => nginxAccess.normalise(bytes(line), context)).not.toThrow();
        }
      }
    }
    expect(() => nginxAccess.normalise(Uint8Array.from([255, 0, 254, 34, 123]), context)).not.toThrow();
    expect(() => nginxAccess.normalise(bytes(combined('%41'.repeat(200_000))), context)).not.toThrow();
  });

  describe.skipIf(!hasCorpus('samples', 'nginx') || !hasEcsReference())('on the recorded files', () => {
    const eventsOf = (file: string) =>
      readFileSync(corpusPath('samples', 'nginx', file), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => eventOf(line));

    it.each(['json.log', 'access.log', 'vhost.log'])('makes an ECS event of every line of %s', (file) => {
      const problemsOf = ecsProblems();
      const events = eventsOf(file);
      expect(events).toHaveLength(69);
      for (const event of events) expect(problemsOf(event)).toEqual([]);
      expect(events.filter((event) => event.http?.response?.status_code === 401)).toHaveLength(16);
    });

    it('reads the same addresses and agents from JSON and from the combined format', () => {
      const told = (file: string) =>
        eventsOf(file).map(({ source, user_agent, http }) => [
          source?.ip,
          user_agent?.original,
          http?.request?.referrer,
        ]);
      expect(told('access.log')).toEqual(told('json.log'));
    });
  });
});
