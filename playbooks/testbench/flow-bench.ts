/** Runs the shipped flows on real targets, with clocks that the test moves, and shows everything that Vigia kept about them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run } from '../../core/documents.ts';
import type { Store } from '../../core/store.ts';
import type { TargetsSettings } from '../../targets/settings.ts';
import { type IncidentRef, type Playbooks, playbooks } from '../index.ts';
import { approver, policiesFolder } from './bench.ts';

export interface FlowBench {
  readonly store: Store;
  readonly vigia: Playbooks;
  /** Moves both clocks. */
  wait(ms: number): void;
  /** Asked for by rita, approved by olga, and not begun. */
  approved(flow: string, input: Readonly<Record<string, unknown>>, incident?: IncidentRef): Promise<Run>;
  /** Executed until it ends or asks a person. */
  run(flow: string, input: Readonly<Record<string, unknown>>, incident?: IncidentRef): Promise<Run>;
  undo(run: Run): Promise<Run>;
  /** Plan, run, journal and markers, as text: no secret may be in it. */
  kept(): Promise<string>;
  close(): Promise<void>;
}

const flowsFolder = join(import.meta.dirname, '../flows');

/** The test opens the store, since this folder may not know one: `openFlowBench(openEmbedded, targets)`. */
export async function openFlowBench(
  open: (options: { file: string; now: () => number }) => Promise<Store>,
  targets: TargetsSettings,
): Promise<FlowBench> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-flow-'));
  let skipped = 0;
  const now = () => Date.now() + skipped;
  const monotonic = () => performance.now() + skipped;
  const store = await open({ file: join(folder, 'store.db'), now: monotonic });
  const vigia = playbooks({ store, targets, policiesFolder, flowsFolder, now, monotonic });
  const bench: FlowBench = {
    store,
    vigia,
    wait(ms) {
      skipped += ms;
    },
    async approved(flow, input, incident) {
      const run = await vigia.start(flow, input, 'rita', incident && { incident });
      return await vigia.approve(run.id, { ...approver, planHash: run.planHash });
    },
    run: async (flow, input, incident) =>
      await vigia.execute((await bench.approved(flow, input, incident)).id),
    undo: (run) => vigia.undo(run.id, { ...approver, reason: 'the test is over' }),
    async kept() {
      const kinds = ['run', 'journal', 'marker', 'evidence'] as const;
      const found = await Promise.all(
        kinds.map(async (kind) => (await store.documents.find(kind, { size: 10_000 })).found),
      );
      return JSON.stringify(found);
    },
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
  return bench;
}

/** `Lock the role: proven`, one for each step in the order of the plan. */
export const outcomesOf = ({ steps }: Run): string[] =>
  steps.map(({ name, outcome }) => `${name}: ${outcome ?? 'open'}`);
