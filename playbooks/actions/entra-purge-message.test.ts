import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GraphRecord, graphRecord, MESSAGE } from '../../tests/proofs/graph-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { entraPurgeMessage } from './entra-purge-message.ts';

describe('entra.purge-message against a record of Microsoft Graph', () => {
  let graph: GraphRecord;
  beforeEach(async () => {
    graph = await graphRecord('anna@example.test');
  });
  afterEach(async () => {
    expect(graph.refused).toEqual([]);
    await graph.close();
  });
  const input = { user: 'anna@example.test', message: MESSAGE };

  it('purges the message that the header names, and proves that it is gone', async () => {
    const purge = verbs(entraPurgeMessage, graph);
    const { plan } = await purge.plan(input);
    expect(plan.changes).toEqual([expect.stringContaining('"Fatura em atraso"')]);
    expect(await purge.verify()).toMatchObject({ outcome: 'not-proven' });
    await purge.act();
    expect(await purge.verify()).toMatchObject({ outcome: 'proven' });
    expect(graph.mailbox.size).toBe(0);
  });

  it('takes a message that somebody else deleted for purged, and a mailbox without it for clean', async () => {
    const purge = verbs(entraPurgeMessage, graph);
    await purge.plan(input);
    graph.mailbox.clear();
    await purge.act();
    expect(await purge.verify()).toMatchObject({ outcome: 'proven' });
    const again = verbs(entraPurgeMessage, graph);
    expect((await again.plan(input)).plan.changes).toEqual([]);
    await again.act();
    expect(again.calls).toEqual([]);
  });

  it.each(['no-brackets@example.test', "<a' or subject eq 'x> y", '<a b>'])(
    'refuses the id %s',
    async (message) => {
      await expect(verbs(entraPurgeMessage, graph).plan({ ...input, message })).rejects.toMatchObject({
        exitCode: 2,
      });
    },
  );
});
