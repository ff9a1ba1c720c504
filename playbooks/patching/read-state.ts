/** Looks at one host: what it has, what it is behind by, what runs from replaced files, whether it waits for a reboot. */
import type { PatchHost } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import type { Host } from '../../targets/ssh.ts';
import { readInstalled, readListsAt, simulate } from './apt.ts';
import { readDnf } from './dnf.ts';
import type { PatchingPolicy } from './policy.ts';
import { findRestarts, readReboot } from './restarts.ts';

type Seen = NonNullable<PatchHost['seen']>;

export async function readState(host: Host, policy: PatchingPolicy, now: number): Promise<Seen> {
  const at = new Date(now).toISOString();
  const manager = await managerOf(host);
  const { services, left } = await findRestarts(host, policy);
  const running = { stale: services.map(({ service }) => service), left: [...left] };
  if (manager === 'dnf') return { at, by: 'ssh', manager, ...(await readDnf(host)), held: [], ...running };
  const installed = await readInstalled(host);
  const { updates, held } = await simulate(host, ['--with-new-pkgs', 'upgrade']);
  const listsAt = await readListsAt(host);
  return {
    at,
    by: 'ssh',
    manager,
    installed: [...installed].map(([name, { version }]) => ({ name, version })),
    updates: updates.map((update) => ({
      ...update,
      source: installed.get(update.name)?.source ?? update.name,
    })),
    held: [...held],
    ...(listsAt === undefined ? {} : { listsAt }),
    ...running,
    reboot: [...(await readReboot(host)).why],
  };
}

async function managerOf(host: Host): Promise<'apt' | 'dnf'> {
  for (const [manager, program] of [
    ['apt', '/usr/bin/dpkg-query'],
    ['dnf', '/usr/bin/dnf'],
  ] as const) {
    const asked = { words: [program, '--version'], codes: [0, 127] };
    if ((await host.read('asking for its package manager', asked)).code === 0) return manager;
  }
  throw errors.remote(host.server, 'asking for its package manager', 'it has neither apt nor dnf');
}
