/** What the audit trail says about calls. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../core/documents.ts';
import { openServing, type Serving } from '../testbench/serving.ts';

let serving: Serving;
beforeAll(async () => {
  serving = await openServing();
});
afterAll(() => serving.close());

const trail = async (action: string): Promise<AuditEntry[]> => {
  const { found } = await serving.parts.store.documents.find('audit', { sort: ['sequence'], size: 1_000 });
  return found.map(({ body }) => body).filter((entry) => entry.action === action);
};

describe('the audit trail', () => {
  it('says who searched events for what, before the answer leaves', async () => {
    await serving.call('analyst', 'POST', '/api/v1/events/search', { query: 'user.name:ana', size: 1 });
    expect(await trail('events.search')).toMatchObject([
      { who: 'analyst', target: '/api/v1/events/search', details: { status: 200, query: 'user.name:ana' } },
    ]);
  });

  it('names who made a token for whom, and not the token', async () => {
    const made = await serving.call('admin', 'POST', '/api/v1/tokens', { user: 'new', roles: ['approver'] });
    const [entry] = await trail('token.create');
    expect(entry).toMatchObject({ who: 'admin', details: { status: 201, user: 'new', roles: ['approver'] } });
    expect(JSON.stringify(entry)).not.toContain(String(made.body['token']).split('_').slice(2).join('_'));
  });

  it('keeps attempts that were refused', async () => {
    await serving.call('viewer', 'POST', '/api/v1/tokens', { user: 'viewer', roles: ['admin'] });
    await serving.call(undefined, 'POST', '/api/v1/tokens', { user: 'viewer', roles: ['admin'] });
    const refused = (await trail('token.create')).filter(({ details }) => details['status'] !== 201);
    expect(refused.map(({ who, details }) => [who, details['status']])).toEqual([
      ['viewer', 403],
      ['unknown', 401],
    ]);
  });

  it('is whole, until somebody changes an entry', async () => {
    const whole = await serving.call('auditor', 'GET', '/api/v1/audit/verify');
    expect(whole.body).toMatchObject({ problems: [], chains: [{ writer: 'api' }] });
    const { documents } = serving.parts.store;
    const first = (await documents.find('audit', { sort: ['sequence'], size: 1 })).found[0]!;
    await documents.update('audit', first.id, { ...first.body, who: 'nobody' }, first.version);
    const altered = await serving.call('auditor', 'GET', '/api/v1/audit/verify');
    expect(altered.body['problems']).toMatchObject([{ sequence: 1, problem: 'altered' }]);
  });

  it('answers nothing that it cannot record', async () => {
    const { audit } = serving.parts;
    serving.parts.audit = { record: () => Promise.reject(new Error('the disk is full')) };
    const answer = await serving.call('analyst', 'POST', '/api/v1/events/search', {});
    serving.parts.audit = audit;
    expect(answer.status).toBe(503);
    expect(answer.body).toMatchObject({ error: { code: 'remote' } });
    expect(Object.keys(answer.body)).toEqual(['error']);
  });
});
