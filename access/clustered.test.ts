import { afterAll, beforeAll, expect, it } from 'vitest';
import { openElasticsearch } from '../store/elasticsearch/open.ts';
import { need } from '../tests/testbed/need.ts';
import { type Provider, provider } from './provider.ts';
import { type Desk, openDesk } from './testbench/desk.ts';

const elasticsearch = await need('elasticsearch');

elasticsearch.describe('access kept in Elasticsearch', () => {
  let desk: Desk;
  const calls: string[] = [];
  let isThere = false;
  /** A switch; no target is asked. */
  const lamp: Provider = provider<null>({
    kinds: ['ssh'],
    plan: async ({ account, role, system }) => ({
      account,
      found: null,
      plan: {
        targets: [{ system, identity: role, name: role }],
        changes: [],
        stays: [],
        undo: '',
        proof: '',
        bounds: {},
        observed: {},
      },
    }),
    give: async () => {
      calls.push('give');
      isThere = true;
    },
    isGiven: async () => ({ outcome: isThere ? 'proven' : 'not-proven', detail: '' }),
    take: async () => {
      calls.push('take');
      isThere = false;
    },
    isGone: async () => ({
      right: { outcome: isThere ? 'not-proven' : 'proven', detail: '' },
      sessions: { outcome: 'proven', detail: '' },
    }),
  });
  beforeAll(async () => {
    desk = await openDesk(
      async ({ now }) => {
        const nodes = elasticsearch.component.url;
        const store = await openElasticsearch({ nodes, prefix: 'vigia-access', now });
        await store.migrate();
        return store;
      },
      () => ({ lamp: { kind: 'ssh', host: 'lamp', user: 'x', hostKey: '', keyFile: '' } }),
    );
  });
  afterAll(() => desk?.close());

  it('is given and ended by one of three processes, and found by its state', async () => {
    const processes = [1, 2, 3].map(() => desk.process({ providers: [lamp] }));
    const [first] = processes as [ReturnType<Desk['process']>];
    const asked = await first.request({ system: 'lamp', role: 'on', why: 'x', minutes: 30 }, 'rita');
    await first.approve(asked.id, { by: 'olga', roles: ['approver'], planHash: asked.planHash });
    await Promise.all(processes.map((vigia) => vigia.advance(asked.id)));
    expect(await first.get(asked.id)).toMatchObject({ state: 'active' });
    expect(await first.due()).toEqual([]);
    desk.wait(31 * 60_000);
    expect((await first.due()).map(({ id }) => id)).toEqual([asked.id]);
    await Promise.all(processes.map((vigia) => vigia.advance(asked.id)));
    expect(await first.get(asked.id)).toMatchObject({ state: 'ended', attempts: 1 });
    expect(calls).toEqual(['give', 'take']);
    expect(await first.use(asked.id)).toMatchObject({ count: 0 });
    const sequences = (await first.journal(asked.id)).map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  });
});
