/** Which parts of our code ran, told by V8 itself: has a run reached a block that none reached before? */
import { Session } from 'node:inspector/promises';

export interface Coverage {
  /** Did code run since the last call that was not kept before? `keep` what ran. */
  isNew(keep: boolean): Promise<boolean>;
  stop(): Promise<void>;
}

/** `isOurs` by the path of a script. */
export async function startCoverage(isOurs: (path: string) => boolean): Promise<Coverage> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  /** By function: a byte for each of its characters, 1 where it ran. */
  const reached = new Map<string, Uint8Array>();
  return {
    async isNew(keep) {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      let isNew = false;
      for (const { scriptId, url, functions } of result) {
        if (!isOurs(url)) continue;
        for (const { ranges } of functions) {
          const [whole] = ranges;
          if (!whole || whole.count === 0) continue;
          const { startOffset: start, endOffset: end } = whole;
          const name = `${scriptId}:${start}:${end}`;
          const ran = new Uint8Array(end - start);
          // Outer ranges come first; what lies within says more.
          for (const { startOffset, endOffset, count } of ranges)
            ran.fill(count > 0 ? 1 : 0, startOffset - start, endOffset - start);
          const known = reached.get(name);
          if (known && ran.every((isIt, at) => isIt <= known[at]!)) continue;
          isNew = true;
          if (keep) reached.set(name, known ? ran.map((isIt, at) => isIt | known[at]!) : ran);
        }
      }
      return isNew;
    },
    async stop() {
      await session.post('Profiler.stopPreciseCoverage');
      session.disconnect();
    },
  };
}
