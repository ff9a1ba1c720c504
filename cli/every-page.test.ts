import { expect, it } from 'vitest';
import type { Api } from './api.ts';
import { everyOne } from './every-page.ts';

const pages: Record<string, object> = {
  '/api/v1/runs?state=done': { runs: ['a', 'b'], next: 'b&c' },
  '/api/v1/runs?state=done&after=b%26c': { runs: ['c'], next: 'd' },
  '/api/v1/runs?state=done&after=d': { runs: [] },
};
const api = {
  get: async (path: string) => pages[path] ?? expect.fail(`nobody answers at ${path}`),
} as unknown as Api;

it('gives what all pages hold, in order, each page asked for once', async () => {
  const query = new URLSearchParams({ state: 'done' });
  expect(await everyOne(api, '/api/v1/runs', 'runs', query)).toEqual(['a', 'b', 'c']);
  expect([...query]).toEqual([['state', 'done']]);
});
