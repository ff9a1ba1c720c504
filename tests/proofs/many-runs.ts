/** Proves that many runs at once on the embedded store keep their leases: each is renewed in time while its step is under way. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { LeaseStore } from '../../core/store.ts';
import { personConfirm } from '../../playbooks/actions/person-confirm.ts';
import { heartbeatMs, LEASE_MS } from '../../playbooks/engine/lease.ts';
import { playbooks } from '../../playbooks/index.ts';
import { makeLamps } from '../../playbooks/testbench/lamps.ts';
import { executor } from '../../server/executor.ts';
import { openEmbedded } from '../../store/embedded/open.ts';
import type { Proof } from './proof.ts';

const RUNS = 200;
const root = join(import.meta.dirname, '../..');

/** The scale is that of time: the number of runs stays, because that is what the store has to carry. */
export const manyRuns: Proof = async ({ scale, say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-many-'));
  const leaseMs = LEASE_MS * scale;
  const store = await openEmbedded({ file: join(folder, 'store.db') });
  const lamps = makeLamps(Array.from({ length: RUNS }, (_, number) => `lamp-${number}`));
  // Long enough for two heartbeats of each run.
  lamps.onTheWay = () => sleep(heartbeatMs(leaseMs) * 2.5);
  const watched = watch(store.leases);
  try {
    const vigia = playbooks({
      store: { ...store, leases: watched.leases },
      targets: {},
      actions: [lamps.action, lamps.asking, personConfirm],
      policiesFolder: join(root, 'policies'),
      flowsFolder: join(root, 'playbooks/testdata/flows'),
      leaseMs,
    });
    const runs: string[] = [];
    for (const lamp of lamps.lamps.keys()) {
      const { id, planHash } = await vigia.start('switch-off', { first: lamp }, 'rita');
      await vigia.approve(id, { by: 'olga', roles: ['approver'], planHash });
      runs.push(id);
    }
    say(`${RUNS} runs are approved`);
    const started = performance.now();
    const { execute, settled } = executor(vigia, pino({ level: 'error' }));
    for (const id of runs) execute(id);
    await settled();
    const tookMs = performance.now() - started;
    const states = await Promise.all(runs.map(async (id) => (await vigia.run(id)).state));
    const calls = new Set(lamps.calls);
    return {
      proof: 'many-runs',
      cases: RUNS,
      lost: RUNS - calls.size,
      doubled: lamps.calls.length - calls.size,
      failed: states.filter((state) => state !== 'done').length + watched.missed(heartbeatMs(leaseMs)),
      more: {
        'heartbeats missed': watched.missed(heartbeatMs(leaseMs)),
        renewals: watched.gaps.length,
        'longest time between renewals (ms)': Math.round(Math.max(...watched.gaps)),
        'heartbeat (ms)': Math.round(heartbeatMs(leaseMs)),
        'all runs took (ms)': Math.round(tookMs),
      },
    };
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
};

/** Notes how long each lease went without a renewal that the store confirmed. */
function watch(leases: LeaseStore) {
  const last = new Map<string, number>();
  const gaps: number[] = [];
  const beat = (name: string) => {
    const now = performance.now();
    gaps.push(now - (last.get(name) ?? now));
    last.set(name, now);
  };
  const watching: LeaseStore = {
    async acquire(name, owner, ttlMs) {
      const lease = await leases.acquire(name, owner, ttlMs);
      if (lease) last.set(name, performance.now());
      return lease;
    },
    async renew(lease) {
      const isKept = await leases.renew(lease);
      if (isKept) beat(lease.name);
      return isKept;
    },
    async release(lease) {
      beat(lease.name);
      last.delete(lease.name);
      await leases.release(lease);
    },
  };
  /** One was due and another one too before any came. */
  return {
    leases: watching,
    gaps,
    missed: (everyMs: number) => gaps.filter((gap) => gap >= 2 * everyMs).length,
  };
}
