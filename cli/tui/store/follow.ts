/** Reads again and again what the screens show, fast for the one in front. */
import { type Console, isOffline, reasonOf } from './console.ts';
import { refreshHealth, refreshMe, refreshQueue, refreshRun, refreshRuns } from './refresh.ts';

const FAST_MS = 1_000;
const SLOW_MS = 5_000;
/** A sweep that takes long is repeated rarely, so that a huge queue does not eat the machine. */
const RATIO = 10;

/** Repeats reading until `stop`. Failures to reach the API show in the header, refusals in the message line. */
export function follow(c: Console): () => void {
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;
  const loop = (read: () => Promise<void>, pause: () => number) => {
    const again = async () => {
      const began = c.now();
      await read().catch((cause: unknown) => {
        if (!isOffline(cause)) c.tell('problem', reasonOf(cause));
      });
      if (stopped) return;
      const timer = setTimeout(
        () => {
          timers.delete(timer);
          c.run(again());
        },
        Math.max(pause(), RATIO * (c.now() - began)),
      );
      timers.add(timer);
    };
    c.run(again());
  };
  loop(
    async () => {
      if (c.state.me === undefined) await refreshMe(c);
      await refreshQueue(c);
    },
    () => (c.state.screen === 'queue' || c.state.screen === 'incident' ? FAST_MS : SLOW_MS),
  );
  loop(
    async () => {
      if (c.state.screen === 'runs') await refreshRuns(c);
      else if (c.state.screen === 'health') await refreshHealth(c);
      else if (c.state.dialog?.kind === 'approve') await refreshRun(c);
    },
    () => (c.state.screen === 'runs' || c.state.dialog?.kind === 'approve' ? FAST_MS : SLOW_MS),
  );
  return () => {
    stopped = true;
    for (const timer of timers) clearTimeout(timer);
  };
}
