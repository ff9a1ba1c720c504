import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GraphRecord, graphRecord } from '../../tests/proofs/graph-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { entraRevokeSessions } from './entra-revoke-sessions.ts';

describe('entra.revoke-sessions against a record of Microsoft Graph', () => {
  let graph: GraphRecord;
  beforeEach(async () => {
    graph = await graphRecord('anna@example.test');
  });
  afterEach(async () => {
    expect(graph.refused).toEqual([]);
    await graph.close();
  });

  it('is proven only when Entra says that sessions count from a later time', async () => {
    const revoke = verbs(entraRevokeSessions, graph);
    const { plan } = await revoke.plan({ user: 'anna@example.test' });
    expect(plan.stays.join()).toMatch(/may sign in again/);
    expect(await revoke.verify()).toMatchObject({ outcome: 'not-proven' });
    await revoke.act();
    expect(await revoke.verify()).toMatchObject({ outcome: 'proven' });
    expect(revoke.calls).toEqual(['http revoking sessions']);
  });

  it('is not proven while Entra says that none was ever revoked', async () => {
    const revoke = verbs(entraRevokeSessions, graph);
    await revoke.plan({ user: 'anna@example.test' });
    graph.user.signInSessionsValidFromDateTime = null;
    expect(await revoke.verify()).toMatchObject({ outcome: 'not-proven' });
  });
});
