/** Executes approved runs, and goes on with those that another process left half-way; started steps are verified, never repeated. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isIn } from '../../core/conditions/tree.ts';
import { isApproved } from '../../playbooks/index.ts';
import type { Parts } from '../parts.ts';

const POLL_MS = 2_000;

export async function respond(parts: Parts, { signal }: { signal: AbortSignal }): Promise<void> {
  while (!signal.aborted) {
    const { found } = await parts.store.documents.find('run', { where: isIn('state', ['running', 'waiting']), size: 1_000 });
    for (const { body } of found) if (body.state === 'running' || isApproved(body)) parts.execute(body.id);
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
