/** Who may call the API: tokens, roles, and what is written down about it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServing, type Serving } from '../testbench/serving.ts';

let serving: Serving;
beforeAll(async () => {
  serving = await openServing();
});
afterAll(() => serving.close());

const codeOf = ({ body }: { body: Record<string, unknown> }) => (body['error'] as { code: string }).code;

describe('the door', () => {
  it('asks for a token everywhere but where nothing personal is told', async () => {
    const paths = (await serving.call(undefined, 'GET', '/openapi.json')).body['paths'] as Record<
      string,
      object
    >;
    const open: string[] = [];
    for (const [path, methods] of Object.entries(paths)) {
      for (const method of Object.keys(methods)) {
        const upper = method.toUpperCase() as 'GET' | 'POST' | 'DELETE';
        const { status } = await serving.call(undefined, upper, path.replace(/\{\w+\}/g, 'x'));
        if (status !== 401) open.push(`${upper} ${path}`);
      }
    }
    expect(Object.keys(paths).length).toBeGreaterThan(25);
    expect(open.sort()).toEqual(['GET /health', 'GET /metrics', 'GET /ready']);
  });

  it.each([
    ['garbage', 'x'],
    ['a token nobody made', `vigia_0123456789ab_${'A'.repeat(32)}`],
    ['a known id with another secret', ''],
  ])('refuses %s without saying what is wrong with it', async (_, given) => {
    const token = given || serving.tokens['viewer']!.replace(/_[^_]*$/, `_${'B'.repeat(32)}`);
    const answer = await serving.call(token, 'GET', '/api/v1/me');
    expect(answer.status).toBe(401);
    expect(answer.text).toContain('the token is not known');
  });

  it('ends a token when it is revoked and when it expires', async () => {
    await serving.person('leaver', ['viewer']);
    const id = serving.tokens['leaver']!.split('_')[1]!;
    expect((await serving.call('leaver', 'GET', '/api/v1/me')).status).toBe(200);
    expect((await serving.call('admin', 'DELETE', `/api/v1/tokens/${id}`)).status).toBe(204);
    expect((await serving.call('leaver', 'GET', '/api/v1/me')).text).toContain('revoked');

    const made = await serving.call('admin', 'POST', '/api/v1/tokens', {
      user: 'brief',
      roles: ['viewer'],
      days: 1,
    });
    serving.tokens['brief'] = String(made.body['token']);
    expect((await serving.call('brief', 'GET', '/api/v1/me')).body).toEqual({
      user: 'brief',
      roles: ['viewer'],
    });
    const { token } = await serving.parts.tokens.create('gone', ['viewer'], -1);
    expect((await serving.call(token, 'GET', '/api/v1/me')).text).toMatch(/expired on \d{4}-/);
  });

  it.each([
    ['viewer', 'POST', '/api/v1/incidents/INC-1/acknowledge', {}],
    ['auditor', 'POST', '/api/v1/runs', { flow: 'switch-off', input: {} }],
    ['analyst', 'POST', '/api/v1/runs/RUN-1/approve', { planHash: 'x' }],
    ['responder', 'POST', '/api/v1/tokens', { user: 'x', roles: ['admin'] }],
    ['approver', 'GET', '/api/v1/tokens', undefined],
    ['responder', 'GET', '/api/v1/audit/verify', undefined],
    ['viewer', 'GET', '/api/v1/dead-letters', undefined],
    ['auditor', 'POST', '/api/v1/dead-letters/retry', {}],
    ['approver', 'POST', '/api/v1/events/search', {}],
  ] as const)('does not let a person with only the role %s %s %s', async (who, method, url, payload) => {
    const answer = await serving.call(who, method, url, payload);
    expect([answer.status, codeOf(answer)]).toEqual([403, 'refused']);
    expect(answer.text).toContain('ask an administrator');
  });

  it('never shows a token or its hash again', async () => {
    const listed = await serving.call('admin', 'GET', '/api/v1/tokens');
    expect((listed.body['tokens'] as object[]).length).toBeGreaterThan(5);
    expect(listed.text).not.toContain('hash');
    for (const token of Object.values(serving.tokens))
      expect(listed.text).not.toContain(token.split('_').slice(2).join('_'));
  });

  it('slows down whoever tries many tokens', async () => {
    let refused = 0;
    for (let call = 0; call < 1_300 && refused === 0; call++) {
      const { status } = await serving.call('vigia_0123456789ab_guessedguessedguessed', 'GET', '/api/v1/me');
      if (status === 429) refused = call;
    }
    expect(refused).toBeGreaterThan(0);
  });
});
