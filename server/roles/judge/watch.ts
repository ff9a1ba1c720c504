/** The clock of judged rules: what did not come, and what need not be remembered any more. One process at a time does it. */
import { randomUUID } from 'node:crypto';
import type { Parts } from '../../parts.ts';
import { steadily } from '../steadily.ts';
import { settleBaselines } from './baseline.ts';
import { forgetOld } from './forget.ts';
import { judgeOverdue } from './overdue.ts';

const LOOK_MS = 15_000;
const LEASE_MS = 120_000;
const FORGET_MS = 3_600_000;
const LEASE = 'judge';

export async function watch(parts: Parts, { signal }: { signal: AbortSignal }): Promise<void> {
  if (parts.detection.judged.length === 0) return;
  const owner = randomUUID();
  const upMs = parts.now();
  let forgotMs = -Infinity;
  await steadily(parts, {
    name: 'judge',
    signal,
    pauseMs: LOOK_MS,
    async work() {
      const lease = await parts.store.leases.acquire(LEASE, owner, LEASE_MS);
      if (!lease) return false;
      try {
        await settleBaselines(parts);
        await judgeOverdue(parts, upMs);
        if (parts.now() - forgotMs >= FORGET_MS) {
          await forgetOld(parts);
          forgotMs = parts.now();
        }
      } finally {
        await parts.store.leases.release(lease);
      }
      return false;
    },
  });
}
