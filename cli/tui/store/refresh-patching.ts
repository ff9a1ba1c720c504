/** Reads what patching shows: waves, what their hosts are behind by, the runs of waves, and what is urgent. */
import type { PatchHost, PatchTask, Run } from '../../../core/documents.ts';
import { ask, type Console, reasonOf } from './console.ts';
import type { PatchingAnswer } from './state.ts';

export async function refreshPatching(c: Console): Promise<void> {
  try {
    const [{ waves }, { hosts }, { runs }, { tasks }] = await Promise.all([
      ask(c, () => c.api.get<Pick<PatchingAnswer, 'waves'>>('/api/v1/patches/waves')),
      ask(c, () => c.api.get<{ hosts: PatchHost[] }>('/api/v1/patches/hosts')),
      ask(c, () => c.api.get<{ runs: Run[] }>('/api/v1/runs')),
      ask(c, () => c.api.get<{ tasks: PatchTask[] }>('/api/v1/patches/tasks?state=open')),
    ]);
    const value: PatchingAnswer = {
      waves,
      hosts: hosts.map(({ host, seen, failure }) => ({
        host,
        // Thousands of package names stay behind: the screen counts them.
        ...(seen
          ? {
              behind: seen.updates.length,
              stale: seen.stale.length,
              reboot: seen.reboot.length > 0,
              at: seen.at,
            }
          : {}),
        ...(failure ? { failure } : {}),
      })),
      runs: runs.filter(({ flow }) => flow.id === 'patch-wave'),
      urgent: tasks.filter(({ priority }) => priority !== 'routine').length,
    };
    const { place } = c.state.patching;
    const selected = place.selected ?? waves[0]?.id;
    if (JSON.stringify(value) === JSON.stringify(c.state.patching.value)) c.state.patching.at = c.now();
    else {
      const next = { value, at: c.now(), place: selected === undefined ? place : { ...place, selected } };
      c.set({ patching: next }, 'background');
    }
  } catch (cause) {
    c.set({ patching: { ...c.state.patching, error: reasonOf(cause) } }, 'background');
    throw cause;
  }
}
