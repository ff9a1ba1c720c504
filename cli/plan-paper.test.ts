import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { playbooks } from '../playbooks/index.ts';
import { offlinePlanner } from '../server/offline-plan.ts';
import { readSettings, type Settings, shipped } from '../server/settings.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { planPaper } from './plan-paper.ts';

let folder: string;
let settings: Settings;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-offline-'));
  settings = {
    ...readSettings(undefined, { VIGIA_STATE: folder }),
    // Nobody listens there.
    store: { kind: 'elasticsearch', nodes: ['http://127.0.0.1:9'] },
    targets: {
      directory: {
        kind: 'directory-rehearsal',
        export: shipped('demo', 'directory.ldif'),
        copy: join(folder, 'directory.ldif'),
      },
    },
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

const input = { account: 'dave' };

it('is the plan that the service would make, with the same hash, though the store is down', async () => {
  const offline = await offlinePlanner(settings).plan('contain-account', input);
  const store = await openEmbedded({ file: join(folder, 'store.db') });
  try {
    const online = playbooks({
      store,
      targets: settings.targets,
      policiesFolder: shipped('policies'),
      flowsFolder: shipped('playbooks', 'flows'),
    });
    expect((await online.plan('contain-account', input)).planHash).toBe(offline.planHash);
  } finally {
    await store.close();
  }
});

it('still refuses what is protected', async () => {
  const planned = offlinePlanner(settings).plan('contain-account', { account: 'Administrator' });
  await expect(planned).rejects.toThrow(/protected\.yml:\d+ \(built-in-administrator\)/);
});

it('prints what is done, room for each signature and each step, and what was not looked up', async () => {
  const plan = await offlinePlanner(settings).plan('contain-account', input);
  const page = planPaper(plan, '2026-11-28T10:00:00.000Z', ['who approves by a token']);
  expect(page).toMatch(/^PLAN ON PAPER: Contain a compromised account \(contain-account\)\n/);
  expect(page).toContain(plan.planHash);
  expect(page).toMatch(
    /approvals +1 by people with the role approver, none of them the one who asks; they hold for 8 hours/,
  );
  expect(page).toContain('NOT LOOKED UP: who approves by a token');
  expect(page.match(/signature/g)).toHaveLength(2);
  const [, done] = page.split('WHAT WAS DONE');
  for (const { index, name } of plan.steps) expect(done).toContain(`${index + 1}  ${name}\n`);
  for (const name of plan.left) expect(page).toContain(`Left out: ${name}`);
});
