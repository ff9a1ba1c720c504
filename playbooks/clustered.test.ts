import { afterAll, beforeAll, expect, it } from 'vitest';
import { openElasticsearch } from '../store/elasticsearch/open.ts';
import { need } from '../tests/testbed/need.ts';
import { approved, approver, type Bench, openBench } from './testbench/bench.ts';

const elasticsearch = await need('elasticsearch');

elasticsearch.describe('a run kept in Elasticsearch', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench(async ({ now }) => {
      const store = await openElasticsearch({
        nodes: elasticsearch.component.url,
        prefix: 'vigia-playbooks',
        now,
      });
      await store.migrate();
      return store;
    });
  });
  afterAll(() => bench?.close());

  it('is executed by one of three processes, and undone', async () => {
    const run = await approved(bench.process());
    const processes = [bench.process(), bench.process(), bench.process()];
    const results = await Promise.allSettled(processes.map((vigia) => vigia.execute(run.id)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(bench.target.calls).toEqual(['hall off', 'stairs off']);
    const undone = await processes[0]!.undo(run.id, { ...approver, reason: 'false alarm' });
    expect(undone.state).toBe('undone');
    const journal = await processes[0]!.journal(run.id);
    expect(journal.map(({ sequence }) => sequence)).toEqual(journal.map((_, index) => index + 1));
    expect(journal.filter(({ entry }) => entry === 'receipt')).toHaveLength(2);
  });

  it('keeps both of two approvals that are given at the same moment', async () => {
    const vigia = bench.process();
    const run = await vigia.start('switch-off', { first: 'hall' }, 'rita');
    const approve = (by: string) =>
      vigia.approve(run.id, { by, roles: ['approver'], planHash: run.planHash });
    await Promise.all([approve('olga'), approve('nuno'), approve('vera')]);
    expect((await vigia.run(run.id)).approvals.map(({ by }) => by).sort()).toEqual(['nuno', 'olga', 'vera']);
  });
});
