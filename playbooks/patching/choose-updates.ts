/** Which updates a step would install on one host: what was asked for, less what is exempt, resolved by the host's own package manager. */
import { errors } from '../../core/errors.ts';
import type { Host } from '../../targets/ssh.ts';
import { isNewer, readInstalled, readOffered, simulate } from './apt.ts';
import type { Update } from './packages.ts';
import { type Exemption, exemptionOf, type PatchingPolicy } from './policy.ts';

export interface Behind {
  /** What may be updated, before it is known what comes along. */
  readonly allowed: readonly Update[];
  /** Behind, and left alone by policy. */
  readonly exempt: readonly { readonly update: Update; readonly exemption: Exemption }[];
  /** Exemptions that ended: the package is updated again. */
  readonly ended: readonly Exemption[];
  readonly held: readonly string[];
  /** What an update of everything would change. */
  readonly all: readonly Update[];
}

export interface Chosen extends Behind {
  /** All that would change, with what comes along. */
  readonly updates: readonly Update[];
}

export interface Wanted {
  readonly system: string;
  /** Names, or `name=version`; empty means everything that is behind. */
  readonly packages: readonly string[];
  readonly policy: PatchingPolicy;
  readonly now: number;
}

export const pinOf = ({ name, to }: Update): string => `${name}=${to}`;

export async function findBehind(host: Host, { system, packages, policy, now }: Wanted): Promise<Behind> {
  const all = await simulate(host, ['--with-new-pkgs', 'upgrade']);
  const behind = all.updates.filter(({ from }) => from !== undefined);
  const asked = packages.length === 0 ? behind : await matching(host, behind, packages);
  const judged = asked.map((update) => ({ update, ...exemptionOf(policy, system, update.name, now) }));
  return {
    allowed: judged.flatMap(({ update, holds }) => (holds ? [] : [update])),
    exempt: judged.flatMap(({ update, holds }) => (holds ? [{ update, exemption: holds }] : [])),
    ended: [...new Set(judged.flatMap(({ ended, holds }) => (ended && !holds ? [ended] : [])))],
    held: all.held,
    all: all.updates,
  };
}

export async function chooseUpdates(host: Host, wanted: Wanted): Promise<Chosen> {
  const behind = await findBehind(host, wanted);
  const pins = behind.allowed.map(pinOf);
  const isAll = behind.all.every((update) => update.from === undefined || pins.includes(pinOf(update)));
  const updates = isAll ? behind.all : pins.length === 0 ? [] : await exactly(host, pins);
  for (const { name, to } of updates) {
    const { holds } = exemptionOf(wanted.policy, wanted.system, name, wanted.now);
    if (holds !== undefined)
      throw errors.refused(
        `on ${wanted.system} the updates need ${name} ${to}, which is exempt by ${holds.place} until ${holds.until}: ${holds.why}`,
        'leave out what needs it, or have a second person end the exemption',
      );
  }
  return { ...behind, updates };
}

/** Asked once more with exactly these: what they bring along is part of the plan. */
const exactly = async (host: Host, pins: readonly string[]): Promise<readonly Update[]> =>
  (await simulate(host, ['--no-remove', '--only-upgrade', 'install', ...pins])).updates;

/** A version that was asked for is taken where the host is behind it and some repository still offers it. */
async function matching(host: Host, behind: readonly Update[], wanted: readonly string[]): Promise<Update[]> {
  const pins = wanted.map((entry) => entry.split('=') as [string, string?]);
  const other = behind.filter(
    ({ name, to }) => !pins.some(([own, version]) => own === name && (version ?? to) === to),
  );
  const stale = other.filter(({ name }) =>
    pins.some(([own, version]) => own === name && version !== undefined),
  );
  const offered = await readOffered(
    host,
    stale.map(({ name }) => name),
  );
  const older: Update[] = [];
  for (const update of stale)
    for (const [name, version] of pins)
      if (
        name === update.name &&
        version !== undefined &&
        offered.get(name)?.includes(version) &&
        (await isNewer(host, version, update.from ?? '0'))
      )
        older.push({ ...update, to: version });
  return [...behind.filter((update) => !other.includes(update)), ...older];
}

/** The recorded versions that no repository of the host offers any more: there is no way back to them. */
export async function withoutWayBack(host: Host, updates: readonly Update[]): Promise<Update[]> {
  const changed = updates.filter(({ from }) => from !== undefined);
  const offered = await readOffered(
    host,
    changed.map(({ name }) => name),
  );
  return changed.filter(({ name, from }) => !offered.get(name.replace(/:.*/, ''))?.includes(from!));
}

/** Those whose installed version is not the wanted one, with what is there. */
export async function notAt(
  host: Host,
  wanted: readonly { readonly name: string; readonly version: string }[],
): Promise<string[]> {
  const installed = await readInstalled(host);
  return wanted
    .filter(({ name, version }) => installed.get(name)?.version !== version)
    .map(
      ({ name, version }) => `${name} is ${installed.get(name)?.version ?? 'not installed'}, not ${version}`,
    );
}
