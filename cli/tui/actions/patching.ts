/** Waves of patches from the console: plan one and ask for it, look at its last run. */
import type { Flow } from '../../../playbooks/engine/flow.ts';
import type { PlannedFlow } from '../../../playbooks/engine/planner.ts';
import { ask, type Console } from '../store/console.ts';
import type { WaveRow } from '../store/state.ts';
import { runOfWave } from '../store/wave-run.ts';
import { openRun } from './navigate.ts';

export const selectedWave = ({ state: { patching } }: Console): WaveRow | undefined =>
  patching.value?.waves.find(({ id }) => id === patching.place.selected);

interface PlannedWave extends PlannedFlow {
  leftOut: { host: string; why: string }[];
}

/** Looks at every host of the wave, which takes as long as the slowest. */
export function planWave(c: Console) {
  const wave = selectedWave(c);
  if (!wave) return c.tell('info', c.say('why.nothing'));
  c.tell('info', c.say('patching.looking', { count: wave.hosts.length }));
  c.run(
    Promise.all([
      ask(c, () => c.api.post<PlannedWave>(`/api/v1/patches/waves/${encodeURIComponent(wave.id)}/plan`)),
      ask(c, () => c.api.get<{ flows: Flow[] }>('/api/v1/flows')),
    ]).then(([{ leftOut, ...plan }, { flows }]) => {
      const flow = flows.find(({ id }) => id === plan.flow.id);
      if (flow === undefined) return;
      for (const { host, why } of leftOut) c.tell('problem', c.say('patching.left-out', { host, why }));
      c.set({ dialog: { kind: 'plan', flow, plan, top: 0, openedAt: c.now(), busy: false } });
    }),
  );
}

export function openWave(c: Console) {
  const wave = selectedWave(c);
  const { value } = c.state.patching;
  if (!wave || !value) return;
  const run = runOfWave(value, wave);
  if (run === undefined) c.tell('info', c.say('patching.not-yet'));
  else c.run(openRun(c, run.id));
}
