/** The engine on a store that the test opens, with lamps as targets and clocks that the test moves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '../../core/documents.ts';
import type { Store } from '../../core/store.ts';
import { personConfirm } from '../actions/person-confirm.ts';
import { type Playbooks, type PlaybooksOptions, playbooks } from '../index.ts';
import { type Lamps, makeLamps } from './lamps.ts';

export const policiesFolder = join(import.meta.dirname, '../../policies');
export const flowsFolder = join(import.meta.dirname, '../testdata/flows');

export interface Bench {
  readonly store: Store;
  readonly target: Lamps;
  /** Moves both clocks. */
  wait(ms: number): void;
  /** One process of Vigia; several may share the store. */
  process(options?: Partial<PlaybooksOptions>): Playbooks;
  close(): Promise<void>;
}

export const approver = { by: 'olga', roles: ['approver'] } as const satisfies {
  by: string;
  roles: readonly ['approver'];
};

/** The test opens the store, since this folder may not know one: `openBench(openEmbedded)`. */
export async function openBench(
  open: (options: { file: string; now: () => number }) => Promise<Store>,
): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-playbooks-'));
  let elapsed = 0;
  const monotonic = () => elapsed;
  const now = () => Date.UTC(2026, 10, 22, 9) + elapsed;
  const store = await open({ file: join(folder, 'store.db'), now: monotonic });
  const target = makeLamps(['hall', 'stairs', 'attic', 'cellar']);
  let processes = 0;
  return {
    store,
    target,
    wait(ms) {
      elapsed += ms;
    },
    process: (options = {}) => {
      processes += 1;
      const owner = `process-${processes}`;
      return playbooks({
        store,
        targets: {},
        policiesFolder,
        flowsFolder,
        actions: [target.action, target.asking, personConfirm],
        now,
        monotonic,
        owner,
        ...options,
      });
    },
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Asked for by rita, approved by olga. */
export async function approved(vigia: Playbooks, input = { first: 'hall', second: 'stairs' }): Promise<Run> {
  const run = await vigia.start('switch-off', input, 'rita');
  return await vigia.approve(run.id, { ...approver, planHash: run.planHash });
}
