import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { actions, loadFlows } from '../../../playbooks/index.ts';
import { need, needInstalled } from '../../testbed/need.ts';
import { openBeds } from './beds.ts';
import { crashCases } from './cases.ts';
import { stories } from './stories.ts';

it('has a story for every shipped flow', () => {
  const flows = loadFlows(join(import.meta.dirname, '../../../playbooks/flows'), actions);
  expect(stories.map(({ flow }) => flow).sort(), 'add one entry to stories.ts').toEqual(
    [...flows.keys()].sort(),
  );
});

const [samba, postgres] = [await need('samba'), await need('postgres')];
const mariadb = await need('mariadb');
const installed = new Map(
  await Promise.all(
    [...new Set(stories.flatMap(({ needs }) => needs))].map(
      async (name) => [name, await needInstalled(name)] as const,
    ),
  ),
);
const beds = openBeds({
  samba: async () => samba.component,
  postgres: async () => postgres.component,
  mariadb: async () => mariadb.component,
});
afterAll(() => beds.close(), 60_000);

// The short form: a few points each, and other ones for sleep than for death. `npm run proof -- playbooks` takes every one.
describe.each(stories)('$flow, while its process dies or sleeps', (story) => {
  const isThere = story.needs.every((name) => installed.get(name)?.isThere);
  it.runIf(isThere).each([
    ['kill', 'run', 28],
    ['stop', 'run', 60],
    ['kill', 'undo', 60],
  ] as const)(
    'changes each thing at most once, loses no receipt, and keeps its promise (%s, %s)',
    { timeout: 240_000 },
    async (how, phase, every) => {
      const { cases, points } = await crashCases(story, beds, {
        how,
        phase,
        every: story.short?.[how] ?? every,
      });
      expect(points).toBeGreaterThan(phase === 'run' ? 30 : 5);
      expect(cases.length).toBeGreaterThan(1);
      for (const each of cases)
        expect(each, `${each.cutAt} ${each.point}`).toMatchObject({ lost: 0, doubled: 0, left: [] });
    },
  );
});
