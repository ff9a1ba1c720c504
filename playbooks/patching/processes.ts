/** The processes of a Linux host with the files they run from, and to which service each belongs. */
import type { Host } from '../../targets/ssh.ts';

export interface HostProcess {
  readonly pid: number;
  readonly user: string;
  /** The file that it was started from. */
  readonly program: string;
  /** `session`: of a person who is logged on. `other`: nothing that a restart of a service would reach. */
  readonly owner:
    | { readonly kind: 'service'; readonly service: string }
    | { readonly kind: 'session' | 'other' };
  /** Files whose code it has in memory. */
  readonly maps: readonly string[];
  /** Those of them that were replaced or deleted since. */
  readonly replaced: readonly string[];
}

/** Word for word in deploy/sudoers-vigia: one line for each piece of code in the memory of each process. */
const MAPS = ['/usr/bin/find', '/proc', '-mindepth', '2', '-maxdepth', '2', '-name', 'maps'];
const READ_MAPS = [...MAPS, '-exec', '/usr/bin/grep', '-Hs', 'r-xp', '{}', '+'];
const PS = ['/usr/bin/ps', '-ww', '-eo', 'pid=,ppid=,user:32=,cgroup:300=,comm='];

/** `services`: program → service, for hosts without systemd. */
export async function readProcesses(
  host: Host,
  services: Readonly<Record<string, string>>,
): Promise<HostProcess[]> {
  const found = parseProcesses((await host.read('listing processes', { words: PS })).text);
  // 1: a process ended while it was looked at, or has no code of its own.
  const maps = parseMaps(
    (await host.read('reading what processes run from', { words: READ_MAPS, sudo: true, codes: [0, 1] }))
      .text,
  );
  const isSystemd = found.find(({ pid }) => pid === 1)?.name === 'systemd';
  const scripts = isSystemd ? new Map<string, string>() : await readScripts(host, [...programsOf(maps)]);
  return found.flatMap((process): HostProcess[] => {
    const own = maps.get(process.pid);
    if (own === undefined) return [];
    const program = own.maps[0] ?? '';
    const owner = isSystemd
      ? ownerBySlice(process.cgroup)
      : ownerByProgram(process, program, found, (name) => services[name] ?? scripts.get(program));
    return [{ pid: process.pid, user: process.user, program, owner, ...own }];
  });
}

interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly user: string;
  readonly cgroup: string;
  readonly name: string;
}

export function parseProcesses(text: string): Listed[] {
  return text.split('\n').flatMap((line) => {
    const [, pid, parent, user, cgroup, name] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || user === undefined || cgroup === undefined) return [];
    return [{ pid: Number(pid), parent: Number(parent), user, cgroup, name: name ?? '' }];
  });
}

/** Where packages put code. What a program unpacks under /tmp or makes in memory is none that a package replaced. */
const OF_PACKAGES = /^\/(usr|lib|lib64|bin|sbin|opt)\//;
const LINE = /^\/proc\/(\d+)\/maps:\S+ \S+ \S+ \S+ \d+ +(\/.*)$/;

export function parseMaps(text: string): Map<number, Pick<HostProcess, 'maps' | 'replaced'>> {
  const found = new Map<number, { maps: string[]; replaced: string[] }>();
  for (const line of text.split('\n')) {
    const [, pid, path] = LINE.exec(line) ?? [];
    if (pid === undefined || path === undefined) continue;
    const own = found.get(Number(pid)) ?? { maps: [], replaced: [] };
    found.set(Number(pid), own);
    // While dpkg replaces a file, the old one has a name of its own for a moment.
    const file = path.replace(/ \(deleted\)$/, '').replace(/\.dpkg-(new|tmp)$/, '');
    if (!OF_PACKAGES.test(file)) continue;
    if (!own.maps.includes(file)) own.maps.push(file);
    if (path.endsWith(' (deleted)') && !own.replaced.includes(file)) own.replaced.push(file);
  }
  return found;
}

const programsOf = (maps: ReadonlyMap<number, Pick<HostProcess, 'maps'>>): Set<string> =>
  new Set([...maps.values()].flatMap(({ maps: [program] }) => program ?? []));

/** `0::/system.slice/nginx.service`; services of a person's own session manager are part of the session. */
function ownerBySlice(cgroup: string): HostProcess['owner'] {
  if (/\/user\.slice(\/|$)/.test(cgroup)) return { kind: 'session' };
  const service = /\/([A-Za-z0-9][A-Za-z0-9@_.:\\-]*)\.service(\/|$)/.exec(cgroup)?.[1];
  return service === undefined ? { kind: 'other' } : { kind: 'service', service };
}

/** Without systemd: by the policy, else by the start script that the program's package brings. */
function ownerByProgram(
  { pid, parent }: Listed,
  program: string,
  all: readonly Listed[],
  serviceOf: (name: string) => string | undefined,
): HostProcess['owner'] {
  if (isSession(pid, parent, all)) return { kind: 'session' };
  const service = serviceOf(program.slice(program.lastIndexOf('/') + 1));
  return service === undefined ? { kind: 'other' } : { kind: 'service', service };
}

/** The SSH server makes a child for each connection; whatever is below it belongs to who is logged on. */
function isSession(pid: number, parent: number, all: readonly Listed[]): boolean {
  const byPid = new Map(all.map((each) => [each.pid, each]));
  const seen = new Set<number>();
  let [at, above] = [byPid.get(pid), byPid.get(parent)];
  while (at !== undefined && !seen.has(at.pid)) {
    if (at.name === 'sshd' && (above?.name === 'sshd' || isConnection(at, all))) return true;
    seen.add(at.pid);
    [at, above] = [above, above === undefined ? undefined : byPid.get(above.parent)];
  }
  return false;
}

/** Also when the server that accepted it has ended. A connection of root itself, after that, is taken for the server. */
const isConnection = ({ pid, user }: Listed, all: readonly Listed[]): boolean =>
  user !== 'root' || all.some((each) => each.parent === pid && each.name === 'sshd' && each.user !== 'root');

/** Program → start script: of its own name, or the one that its package brings. */
async function readScripts(host: Host, programs: readonly string[]): Promise<Map<string, string>> {
  const words = ['/usr/bin/dpkg-query', '-S', '/etc/init.d/*', ...programs];
  const { text } = await host.read('asking which packages programs are from', { words, codes: [0, 1] });
  return parseScripts(text, programs);
}

export function parseScripts(text: string, programs: readonly string[]): Map<string, string> {
  const rows = text.split('\n').flatMap((line) => {
    const at = line.indexOf(': ');
    return at < 0 ? [] : [{ packages: line.slice(0, at).split(', '), path: line.slice(at + 2) }];
  });
  const scripts = rows.filter(({ path }) => path.startsWith('/etc/init.d/'));
  const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  return new Map(
    programs.flatMap((program) => {
      const packages = rows.filter(({ path }) => path === program).flatMap((row) => row.packages);
      const script =
        scripts.find(({ path }) => nameOf(path) === nameOf(program)) ??
        scripts.find((row) => row.packages.some((name) => packages.includes(name)));
      return script === undefined ? [] : [[program, nameOf(script.path)] as const];
    }),
  );
}
