import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { echo } from '../tests/proofs/echo.ts';
import { type RecordedServer, recordedServer } from '../tests/proofs/recorded-server.ts';
import { type ChangeCalls, readsOnly } from './calls.ts';
import { pathOf, withHttp } from './http.ts';
import type { HttpSettings } from './settings.ts';

const anything: ChangeCalls = { before: () => undefined, after: () => undefined };

describe('the HTTP client', () => {
  let server: RecordedServer;
  beforeAll(async () => {
    process.env['VIGIA_TEST_HTTP'] = 'Va1-http-secret';
    server = await recordedServer({
      'GET /moved': () => 302,
      'GET /large': () => [200, 'x'.repeat(9 * 1_048_576)],
      'POST /token': ({ body }) =>
        new URLSearchParams(body).get('client_secret') === 'Va1-http-secret'
          ? [200, { access_token: 'tok' }]
          : [401, { error: 'invalid_client' }],
      'GET /me': ({ headers }) => (headers.authorization === 'Bearer tok' ? [200, { id: 1 }] : undefined),
    });
  });
  afterAll(async () => {
    delete process.env['VIGIA_TEST_HTTP'];
    await server.close();
  });
  const settings = (more: object = {}): HttpSettings =>
    ({
      kind: 'http',
      url: server.url,
      auth: 'bearer',
      passwordEnv: 'VIGIA_TEST_HTTP',
      ...more,
    }) as HttpSettings;
  const get = (path: string, more: object = {}) =>
    withHttp('api', settings(more), readsOnly, (http) => http.read('reading', { method: 'GET', path }));

  it('gets a token with client credentials and uses it', async () => {
    const more = { auth: 'client-credentials', user: 'app', tokenUrl: `${server.url}/token`, scope: 's' };
    expect(await get('/me', more)).toMatchObject({ status: 200, json: { id: 1 } });
  });

  it('follows no redirect, cuts no answer, and sends no change where only reads are allowed', async () => {
    await expect(get('/moved')).rejects.toThrow(/it answered 302/);
    await expect(get('/large')).rejects.toThrow(/longer than 8388608 bytes/);
    const changed = withHttp('api', settings(), readsOnly, (http) =>
      http.change('x', { method: 'POST', path: '/x' }),
    );
    await expect(changed).rejects.toThrow(/only reads are allowed/);
  });

  it.each([
    ['bearer', {}, 'Va1-http-secret'],
    ['vault', {}, 'Va1-http-secret'],
    ['basic', { user: 'vigia' }, Buffer.from('vigia:Va1-http-secret').toString('base64')],
    ['a10', { user: 'vigia' }, 'Va1-http-secret'],
    ['client-credentials', { user: 'app', scope: 's' }, 'Va1-http-secret'],
  ])('repeats no secret that an error page repeats (%s)', async (auth, more, secret) => {
    const { url, close } = await echo();
    const failure: unknown = await get('/', { url, tokenUrl: `${url}/token`, auth, ...more }).catch(
      (cause: unknown) => cause,
    );
    await close();
    expect(failure).toMatchObject({ message: expect.stringMatching(/it answered 400: .*<masked>/) });
    for (const each of [secret, encodeURIComponent(secret)]) expect(inspect(failure)).not.toContain(each);
  });

  it('refuses an address that is not encrypted and not this machine', async () => {
    await expect(get('/me', { url: 'http://api.example.test' })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('names system and operation of a system that is not there', async () => {
    const gone = withHttp('api', settings({ url: 'http://127.0.0.1:9' }), anything, (http) =>
      http.read('reading', { method: 'GET', path: '/' }),
    );
    await expect(gone).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/^api \(127\.0\.0\.1:9\): reading failed/),
    });
  });

  it.each([
    ['a/b?c', '/users/a%2Fb%3Fc/x'],
    ['..', '/users//x'],
    ['ana@example.test', '/users/ana%40example.test/x'],
  ])('keeps %s one piece of a path', (value, path) => {
    expect(pathOf`/users/${value}/x`).toBe(path);
  });
});
