import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Run } from '../core/documents.ts';
import type { Store } from '../core/store.ts';
import { openEmbedded } from '../store/embedded/open.ts';
import { readsOnly } from '../targets/calls.ts';
import { withDirectory } from '../targets/directory.ts';
import { ACCOUNT_DISABLED, findAccount } from '../targets/directory-accounts.ts';
import type { RehearsalSettings } from '../targets/settings.ts';
import { type Playbooks, playbooks } from './index.ts';
import { approver, policiesFolder } from './testbench/bench.ts';

const input = { hosts: ['srv-app-07', 'ws-114'], accounts: ['dave', 'sysupd8'] };
const rui = { by: 'rui', roles: ['responder'] } as const;
const screen = { name: 'screen.png', content: Buffer.from('shown') };

let folder: string;
let store: Store;
let vigia: Playbooks;
let directory: RehearsalSettings;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-ransomware-'));
  store = await openEmbedded({ file: join(folder, 'store.db') });
  directory = {
    kind: 'directory-rehearsal',
    export: join(import.meta.dirname, '../demo/directory.ldif'),
    copy: join(folder, 'directory.ldif'),
  };
  const flowsFolder = join(import.meta.dirname, 'flows');
  vigia = playbooks({ store, targets: { directory }, policiesFolder, flowsFolder });
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const outcomes = (run: Run) => Object.fromEntries(run.steps.map(({ name, outcome }) => [name, outcome]));
const stepOf = (run: Run, name: string) => run.steps.find((step) => step.name === name)!.index;
const isDisabled = (account: string) =>
  withDirectory('directory', directory, readsOnly, async (ldap) =>
    Boolean((await findAccount(ldap, account)).control & ACCOUNT_DISABLED),
  );

async function begun(): Promise<Run> {
  const run = await vigia.start('ransomware-first-hour', input, 'rita');
  await vigia.approve(run.id, { ...approver, planHash: run.planHash });
  return await vigia.execute(run.id);
}

it('disables the accounts at once, while people are asked about backups and hosts', async () => {
  const run = await begun();
  expect([await isDisabled('dave'), await isDisabled('sysupd8'), await isDisabled('alice')]).toEqual([
    true,
    true,
    false,
  ]);
  expect(outcomes(run)).toMatchObject({
    'Disable the account: dave': 'proven',
    'Disable the account: sysupd8': 'proven',
    'Confirm the immutable copies': undefined,
    'Isolate the host: srv-app-07': undefined,
  });
  expect(run).toMatchObject({ state: 'running', held: { why: 'question' } });
  const asked = (await vigia.journal(run.id)).filter(({ entry }) => entry === 'asked');
  expect(asked).toHaveLength(4);
});

it('is done when every answer brought its evidence, and needs no media then', async () => {
  let run = await begun();
  for (const name of [
    'Confirm the immutable copies',
    'Isolate the host: ws-114',
    'Block deletion of backups',
    'Isolate the host: srv-app-07',
  ])
    run = await vigia.answer(run.id, stepOf(run, name), rui, { done: true, text: 'done', evidence: screen });
  expect([run.state, outcomes(run)['Save what can be saved of backups that are not immutable']]).toEqual([
    'done',
    'skipped',
  ]);
});

it('asks for the media when the immutable copies could not be confirmed', async () => {
  const run = await begun();
  const answers = [
    ['Confirm the immutable copies', false],
    ['Isolate the host: srv-app-07', true],
    ['Block deletion of backups', true],
    ['Isolate the host: ws-114', true],
  ] as const;
  let after = run;
  for (const [name, done] of answers)
    after = await vigia.answer(run.id, stepOf(run, name), rui, { done, text: 'see', evidence: screen });
  expect(after.held?.detail).toMatch(/take the media/);
  expect(outcomes(after)['Confirm the immutable copies']).toBe('failed');
});

it('takes back what the directory can, and says what a person has to', async () => {
  const run = await begun();
  const undone = await vigia.undo(run.id, { ...approver, reason: 'an exercise' });
  expect([await isDisabled('dave'), outcomes(undone)['Disable the account: dave']]).toEqual([
    false,
    'undone',
  ]);
  expect(undone.steps.find(({ name }) => name === 'Isolate the host: srv-app-07')?.detail).toMatch(
    /not undone: a person did it/,
  );
});
