/** Runs approved playbooks in the background, each at most once at a time in this process. */
import type { Logger } from 'pino';
import { VigiaError } from '../core/errors.ts';
import type { Playbooks } from '../playbooks/index.ts';

export function executor(
  playbooks: Playbooks,
  log: Logger,
): { execute(run: string): void; settled(): Promise<void> } {
  const running = new Map<string, Promise<void>>();
  return {
    execute(run) {
      if (running.has(run)) return;
      const work = playbooks
        .execute(run)
        .then(
          () => undefined,
          (cause: unknown) => {
            if (!(cause instanceof VigiaError)) log.error({ err: cause, run });
            // Another process works on it: the usual thing where several share a store.
            else if (cause.code === 'conflict') log.debug(`run ${run}: ${cause.message}`);
            else log.error(`run ${run}: ${cause.message}`);
          },
        )
        .finally(() => running.delete(run));
      running.set(run, work);
    },
    async settled() {
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
