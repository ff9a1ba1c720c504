/** A wave of the policy as the input of one run: who is in it, what is installed, when it may begin. */
import type { PatchHost } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { exemptionOf, orderOfWave, type PatchingPolicy, type Wave } from './policy.ts';

export interface PlannedWave {
  readonly wave: Wave;
  /** Of the flow patch-wave. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Hosts of the wave that the run leaves out, and why. */
  readonly left: readonly { readonly host: string; readonly why: string }[];
}

const HOUR_MS = 3_600_000;
/** As many values as an input takes. */
const MAX_PINS = 1_000;

/** `found`: the hosts of the wave as just looked at. Throws when the policy stops the wave, or nothing is to be done. */
export function waveOf(
  wave: Wave,
  policy: PatchingPolicy,
  found: readonly PatchHost[],
  now: number,
): PlannedWave {
  const byName = new Map(found.map((host) => [host.host, host]));
  const away = found.filter(({ failure }) => failure !== undefined);
  const stops = wave.unreachable === 'stop' ? away : away.filter(({ host }) => host === wave.canary);
  if (stops.length > 0)
    throw errors.remote(
      `wave ${wave.id}`,
      'looking at its hosts',
      stops.map(({ host, failure }) => `${host}: ${failure?.message}`).join('; '),
      wave.unreachable === 'stop'
        ? 'mend them, or let the policy leave out hosts that do not answer'
        : 'the canary must answer; mend it, or name another one',
    );
  const pins = new Set<string>();
  const hosts: string[] = [];
  const left: { host: string; why: string }[] = [];
  for (const host of orderOfWave(wave, policy.clusters)) {
    const { seen, failure } = byName.get(host) ?? {};
    const why = failure?.message ?? whyNot(seen);
    const own = (seen?.updates ?? []).filter(
      ({ name, from }) => from !== undefined && exemptionOf(policy, host, name, now).holds === undefined,
    );
    if (why !== undefined) left.push({ host, why });
    else if (own.length === 0 && seen?.stale.length === 0)
      left.push({
        host,
        why: 'it is behind by nothing that is not exempt, and nothing runs from replaced files',
      });
    else {
      hosts.push(host);
      for (const { name, to } of own) pins.add(`${name}=${to}`);
    }
  }
  if (hosts.length === 0)
    throw errors.usage(
      `there is nothing to do in wave ${wave.id}`,
      left.map(({ host, why }) => `${host}: ${why}`).join('; '),
    );
  if (pins.size > MAX_PINS)
    throw errors.usage(
      `wave ${wave.id} would install ${pins.size} different versions, more than ${MAX_PINS}`,
      'split it: hosts of one release belong together',
    );
  return {
    wave,
    input: {
      hosts,
      packages: [...pins].sort(),
      window: wave.window,
      notBefore: new Date(now + wave.notice_hours * HOUR_MS).toISOString(),
      ...(wave.tell === undefined ? {} : { tell: wave.tell }),
    },
    left,
  };
}

const whyNot = (seen: PatchHost['seen']): string | undefined =>
  seen?.manager === 'apt' ? undefined : 'it has no apt, and Vigia updates nothing else';
