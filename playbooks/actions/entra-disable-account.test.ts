import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GraphRecord, graphRecord } from '../../tests/proofs/graph-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { entraDisableAccount } from './entra-disable-account.ts';

describe('entra.disable-account against a record of Microsoft Graph', () => {
  let graph: GraphRecord;
  beforeEach(async () => {
    graph = await graphRecord('anna@example.test');
  });
  afterEach(async () => {
    expect(graph.refused).toEqual([]);
    await graph.close();
  });

  it('disables the account, proves it although the answer was lost, and gives it back', async () => {
    const disable = verbs(entraDisableAccount, graph);
    const { subjects } = await disable.plan({ user: 'anna@example.test' });
    expect(subjects[0]?.names).toEqual(expect.arrayContaining(['anna@example.test', 'anna']));
    expect(await disable.verify()).toMatchObject({ outcome: 'not-proven' });
    disable.loseNextAnswer();
    await expect(disable.act()).rejects.toThrow(/answer was lost/);
    expect(await disable.verify()).toMatchObject({ outcome: 'proven' });
    expect(graph.user.accountEnabled).toBe(false);
    expect(await disable.undo()).toMatchObject({ outcome: 'proven' });
    expect(graph.user.accountEnabled).toBe(true);
  });

  it('sends nothing for one that is disabled, and undo of that does not enable it', async () => {
    graph.user.accountEnabled = false;
    const disable = verbs(entraDisableAccount, graph);
    await disable.plan({ user: 'anna@example.test' });
    await disable.act();
    expect(await disable.undo()).toMatchObject({ outcome: 'proven' });
    expect(disable.calls).toEqual([]);
  });

  it('says that there is no such user', async () => {
    const planned = verbs(entraDisableAccount, graph).plan({ user: 'nobody@example.test' });
    await expect(planned).rejects.toThrow(/nobody@example\.test/);
  });
});
