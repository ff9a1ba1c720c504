import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { findAll } from '../core/find-all.ts';
import { personConfirm } from '../playbooks/actions/person-confirm.ts';
import { makeLamps } from '../playbooks/testbench/lamps.ts';
import { openElasticsearch } from '../store/elasticsearch/open.ts';
import { need } from '../tests/testbed/need.ts';
import { compose } from './compose.ts';
import { respond } from './roles/respond.ts';
import { readSettings, shipped } from './settings.ts';

const es = await need('elasticsearch');
const RUNS = 16;
/** One of them may be quick enough to do all of these; then more are asked for, until both had a part. */
const MOST_RUNS = 80;

es.describe('two servers on one Elasticsearch', () => {
  it('started together under load, run no step twice and leave no run behind', {
    timeout: 240_000,
  }, async () => {
    const lamps = makeLamps(Array.from({ length: 2 * MOST_RUNS }, (_, number) => `lamp-${number}`));
    const folders: string[] = [];
    /** Journal writes of each server: both must have had a part in it. */
    const writes = [0, 0];
    const open = async (server: number) => {
      const folder = mkdtempSync(join(tmpdir(), 'vigia-two-'));
      folders.push(folder);
      const store = await openElasticsearch({ nodes: es.component.url, prefix: 'vigia-two-servers' });
      await store.migrate();
      const parts = await compose(readSettings(undefined, { VIGIA_STATE: folder }), {
        store,
        log: pino({ level: 'silent' }),
        playbooks: {
          actions: [lamps.action, lamps.asking, personConfirm],
          flowsFolder: shipped('playbooks', 'testdata', 'flows'),
          onCut(point) {
            if (point === 'after journal receipt') writes[server]! += 1;
          },
        },
      });
      return { ...parts, close: async () => parts.close().then(() => store.close()) };
    };
    const servers = [await open(0), await open(1)];
    const stop = new AbortController();
    try {
      const { playbooks } = servers[0]!;
      const ask = async (number: number) => {
        const input = { first: `lamp-${2 * number}`, second: `lamp-${2 * number + 1}` };
        const { id, planHash } = await playbooks.start('switch-off', input, 'rita');
        await playbooks.approve(id, { by: 'olga', roles: ['approver'], planHash });
      };
      // Half of the work waits for them, half comes while they are at it.
      const numbers = Array.from({ length: RUNS }, (_, number) => number);
      await Promise.all(numbers.slice(0, RUNS / 2).map(ask));
      const responding = servers.map((parts) => respond(parts, { signal: stop.signal }));
      await Promise.all(numbers.slice(RUNS / 2).map(ask));
      const states = async () =>
        (await findAll(servers[0]!.store.documents, 'run')).map(({ body }) => body.state);
      let asked = RUNS;
      const allDone = () =>
        expect.poll(states, { timeout: 180_000, interval: 100 }).toEqual(Array(asked).fill('done'));
      await allDone();
      for (; Math.min(...writes) === 0 && asked < MOST_RUNS; await allDone()) await ask(asked++);
      stop.abort();
      await Promise.all(responding);
      const touched = [...lamps.lamps.keys()].slice(0, 2 * asked);
      expect(lamps.calls.toSorted()).toEqual(touched.map((lamp) => `${lamp} off`).sort());
      const journal = (await findAll(servers[0]!.store.documents, 'journal')).map(({ body }) => body);
      const started = journal.filter(({ entry }) => entry === 'step-started').map(({ key }) => key);
      expect([started.length, new Set(started).size]).toEqual([2 * asked, 2 * asked]);
      expect(writes[0]! + writes[1]!).toBe(2 * asked);
      expect(Math.min(...writes)).toBeGreaterThan(0);
    } finally {
      stop.abort();
      for (const parts of servers) await parts.close();
      for (const folder of folders) rmSync(folder, { recursive: true });
    }
  });
});
