/** Which run belongs to a wave: runs know their hosts, not the wave that they were asked for. */
import type { Run } from '../../../core/documents.ts';
import type { PatchingAnswer, WaveRow } from './state.ts';

/** The newest run that was asked for just these hosts. */
export function runOfWave({ runs }: PatchingAnswer, { hosts }: WaveRow): Run | undefined {
  const wanted = JSON.stringify([...hosts].sort());
  const own = runs.filter(
    ({ input }) => JSON.stringify([...((input['hosts'] as string[]) ?? [])].sort()) === wanted,
  );
  return own.sort((a, b) => (a.requested < b.requested ? 1 : -1))[0];
}
