/** What must be restarted so that nothing runs from replaced files any more, and what a restart of services does not reach. */
import type { Host } from '../../targets/ssh.ts';
import type { Update } from './packages.ts';
import type { PatchingPolicy } from './policy.ts';
import { type HostProcess, readProcesses } from './processes.ts';

export interface Restarts {
  readonly services: readonly {
    readonly service: string;
    readonly pids: readonly number[];
    readonly files: readonly string[];
  }[];
  /** Sentences about what stays as it is, and what ends that. */
  readonly left: readonly string[];
}

/** `updates`: what is about to be installed, so that what will map replaced files is named before it does. */
export async function findRestarts(
  host: Host,
  policy: PatchingPolicy,
  updates: readonly Update[] = [],
): Promise<Restarts> {
  const files = await filesOf(host, updates);
  const processes = await readProcesses(host, policy.services);
  return groupRestarts(processes, policy, files);
}

export function groupRestarts(
  processes: readonly HostProcess[],
  { keep_running }: Pick<PatchingPolicy, 'keep_running'>,
  files: ReadonlySet<string> = new Set(),
): Restarts {
  const touched = processes.flatMap((process) => {
    const mapped = process.maps.filter(
      (file) => process.replaced.includes(file) || files.has(withoutUsr(file)),
    );
    return mapped.length === 0 ? [] : [{ ...process, mapped }];
  });
  const byService = Map.groupBy(touched, ({ owner }) => (owner.kind === 'service' ? owner.service : ''));
  const services: Restarts['services'][number][] = [];
  const left: string[] = [];
  for (const [service, own] of byService) {
    const why = keep_running.find((entry) => entry.service === service)?.why;
    const pids = own.map(({ pid }) => pid);
    if (service === '') continue;
    if (why !== undefined) left.push(`${service} (process ${pids.join(', ')}) is never restarted: ${why}`);
    else services.push({ service, pids, files: [...new Set(own.flatMap(({ mapped }) => mapped))].sort() });
  }
  for (const { pid, user, program, owner } of byService.get('') ?? [])
    left.push(
      pid === 1
        ? `process 1 (${program}) keeps the old files until a reboot`
        : owner.kind === 'session'
          ? `process ${pid} (${program}) of a session of ${user} keeps the old files until it ends`
          : `process ${pid} (${program}) of ${user} belongs to no service: restart it by hand`,
    );
  return { services: services.sort((a, b) => (a.service < b.service ? -1 : 1)), left };
}

/** Files that the updates replace, without a leading /usr: packages and processes may name merged folders differently. */
async function filesOf(host: Host, updates: readonly Update[]): Promise<Set<string>> {
  const names = updates.filter(({ from }) => from !== undefined).map(({ name }) => name);
  if (names.length === 0) return new Set();
  const { text } = await host.read('listing files of packages', {
    words: ['/usr/bin/dpkg-query', '-L', ...names],
    codes: [0, 1],
  });
  return new Set(
    text
      .split('\n')
      .filter((path) => path.startsWith('/'))
      .map(withoutUsr),
  );
}

const withoutUsr = (path: string): string => (path.startsWith('/usr/') ? path.slice(4) : path);

export interface Reboot {
  readonly needed: boolean;
  readonly why: readonly string[];
}

/** A kernel that is installed and not running, a package that says so, or one that is about to. */
export async function readReboot(host: Host, updates: readonly Update[] = []): Promise<Reboot> {
  const asked = await host.read('asking whether it waits for a reboot', {
    words: ['/usr/bin/cat', '/run/reboot-required.pkgs', '/run/reboot-required'],
    codes: [0, 1],
  });
  const waiting = [...new Set(asked.text.split('\n').filter((line) => line.trim() !== ''))];
  const coming = updates.filter(({ name }) => /^(linux-image-|systemd$|libc6$|dbus$)/.test(name));
  return {
    needed: waiting.length + coming.length > 0,
    why: [
      ...waiting.map((line) => `the host says: ${line}`),
      ...coming.map(({ name, to }) => `${name} ${to} takes effect with a reboot`),
    ],
  };
}
