/** The desk on a store that the test opens, with targets of the test bed and a clock that the test moves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Access } from '../../core/documents.ts';
import type { Store } from '../../core/store.ts';
import type { TargetsSettings } from '../../targets/settings.ts';
import { type AccessDesk, type AccessOptions, type Ask, access, type Told } from '../index.ts';

export const policyFile = join(import.meta.dirname, '../../policies/access.yml');
export const olga = { by: 'olga', roles: ['approver'] } as const;

export interface Desk {
  readonly store: Store;
  readonly told: Told[];
  /** Every call that changed a target, in order. */
  readonly calls: string[];
  now(): number;
  /** Moves both clocks. */
  wait(ms: number): void;
  /** One process of Vigia; several may share the store. */
  process(options?: Partial<AccessOptions>): AccessDesk;
  /** Asked for by rita, approved by olga, given. */
  given(desk: AccessDesk, ask: Partial<Ask> & Pick<Ask, 'system' | 'role'>): Promise<Access>;
  close(): Promise<void>;
}

/** The test opens the store, since this folder may not know one: `openDesk(openEmbedded, targets)`. */
export async function openDesk(
  open: (options: { file: string; now: () => number }) => Promise<Store>,
  targets: () => TargetsSettings,
): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-access-'));
  let waited = 0;
  const monotonic = () => performance.now() + waited;
  const now = () => Date.now() + waited;
  const store = await open({ file: join(folder, 'store.db'), now: monotonic });
  const told: Told[] = [];
  const calls: string[] = [];
  return {
    store,
    told,
    calls,
    now,
    wait(ms) {
      waited += ms;
    },
    process: (options = {}) =>
      access({
        store,
        targets: targets(),
        policyFile,
        now,
        monotonic,
        tell: async (what) => void told.push(what),
        onCut: (point) => {
          const [, call] = /^before ((?:sql|ldap|ssh|rehearse) .*)$/.exec(point) ?? [];
          if (call !== undefined) calls.push(call);
        },
        ...options,
      }),
    async given(desk, ask) {
      const asked = await desk.request(
        { why: 'change window', ticket: 'CHG-1042', minutes: 30, ...ask },
        'rita',
      );
      await desk.approve(asked.id, { ...olga, planHash: asked.planHash });
      return await desk.advance(asked.id);
    },
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
