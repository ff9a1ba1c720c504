/** What the API answers to bodies, addresses and queries that nobody should send: a sentence with status 4xx, never a crash. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServing, type Serving } from '../testbench/serving.ts';

let serving: Serving;
beforeAll(async () => {
  serving = await openServing();
});
afterAll(() => serving.close());

const raw = (payload: string, type = 'application/json') =>
  serving.app.inject({
    method: 'POST',
    url: '/api/v1/events/search',
    payload,
    headers: { 'content-type': type, authorization: `Bearer ${serving.tokens['analyst']}` },
  });

describe('hostile bodies', () => {
  it.each([
    ['no JSON', '{"query":', 400],
    ['a prototype', '{"__proto__":{"isAdmin":true}}', 400],
    ['an unknown field', '{"querry":"x"}', 400],
    ['a list', '[]', 400],
    ['a number for text', '{"query":5}', 400],
    ['text for a number', '{"size":"5"}', 400],
    ['null', '{"size":null}', 400],
    ['more events than one page may hold', '{"size":10001}', 400],
    ['a time that is none', '{"from":"yesterday"}', 400],
    ['more than 2 MiB', JSON.stringify({ query: 'x'.repeat(2_200_000) }), 413],
    ['a cursor that is none', '{"after":"../../etc/passwd"}', 400],
  ])('refuses %s', async (_, payload, status) => {
    const answer = await raw(payload);
    expect([answer.statusCode, answer.payload.slice(0, 10)]).toEqual([status, '{"error":{']);
    expect(answer.payload).not.toMatch(/\.ts:\d|node_modules/);
  });

  it('refuses 100,000 nested lists', async () => {
    const answer = await raw(`{"query":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect([answer.statusCode, answer.payload.slice(0, 10)]).toEqual([400, '{"error":{']);
  });

  it('refuses what is no JSON by its type', async () => {
    expect((await raw('query=x', 'application/x-www-form-urlencoded')).statusCode).toBe(415);
  });

  it.each([
    ['an open parenthesis', '(user.name:a'],
    ['a regular expression that is none', 'user.name:/(/'],
    ['10,000 parentheses', `${'('.repeat(5_000)}a${')'.repeat(4_000)}`],
  ])('explains what is wrong with %s in a query', async (_, query) => {
    const answer = await serving.call('analyst', 'POST', '/api/v1/events/search', { query });
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('query:1:')]);
  });

  it.each([
    'user.name:"\u001b[2J\u202e"',
    `user.name:"'; drop table events; --"`,
    'a.b.c.d.e.f.g:*',
    '"%" or "_" or "\\\\"',
    `user.name:/${'(a|a)*'.repeat(50)}b/`,
  ])('takes %j for a query that matches nothing', async (query) => {
    const answer = await serving.call('analyst', 'POST', '/api/v1/events/search', { query });
    expect([answer.status, answer.body]).toMatchObject([200, { events: [] }]);
  });
});

describe('hostile addresses', () => {
  it.each([
    ['GET', '/api/v1/incidents/..%2f..%2fetc%2fpasswd', 404],
    ['GET', `/api/v1/incidents/${'A'.repeat(500)}`, 414],
    ['GET', '/api/v1/events/%00', 404],
    ['GET', '/api/v1/alerts/%E0%A4%A', 400],
    ['GET', '/api/v1/reports/..%2f..%2fetc/x', 404],
    ['GET', '/api/v1/incidents?size=-1', 400],
    ['GET', '/api/v1/incidents?state=broken', 400],
    ['GET', '/api/v1/incidents?after=broken', 400],
    ['GET', '/api/v1/runs?state[]=a&state[]=b', 400],
    ['GET', '/api/v1/ledger?from=never', 400],
    ['GET', '/api/v1/nothing', 404],
    ['DELETE', '/api/v1/tokens/none', 404],
  ] as const)('answers %s %s with a sentence', async (method, url, status) => {
    const answer = await serving.call('admin', method, url);
    expect([answer.status, answer.text.slice(0, 10)]).toEqual([status, '{"error":{']);
  });

  it('shows its answers to no other site and sniffs no types', async () => {
    const { headers } = await serving.call('admin', 'GET', '/api/v1/me');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'SAMEORIGIN' });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('a bug of ours', () => {
  it('tells the caller nothing but that it happened', async () => {
    const { report } = serving.parts;
    serving.parts.report = () => Promise.reject(new Error('secret inside'));
    const answer = await serving.call('admin', 'GET', '/api/v1/health');
    serving.parts.report = report;
    expect([answer.status, answer.body]).toMatchObject([500, { error: { code: 'bug' } }]);
    expect(answer.text).not.toContain('secret');
  });
});
