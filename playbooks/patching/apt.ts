/** Reads the packages of a Debian host and what an update would do, without rights of its own; the text forms of apt and dpkg. */
import type { Host } from '../../targets/ssh.ts';
import type { Update } from './packages.ts';

const QUERY = '/usr/bin/dpkg-query';
/** Resolving thousands of packages on a busy host takes its time. */
const SLOW_MS = 120_000;
const C = ['/usr/bin/env', 'LC_ALL=C'];

export interface Installed {
  readonly version: string;
  /** The source package that it was made from. */
  readonly source: string;
}

/** Everything that is installed, by name; packages of another architecture as `name:i386`. */
export async function readInstalled(host: Host): Promise<Map<string, Installed>> {
  const fields = ['binary:Package', 'Version', 'Architecture', 'db:Status-Abbrev', 'source:Package'];
  const format = `${fields.map((field) => `\${${field}}`).join('\\t')}\\n`;
  const { text } = await host.read('listing packages', { words: [QUERY, '-W', '-f', format] });
  return parseInstalled(text);
}

export function parseInstalled(text: string): Map<string, Installed> {
  const rows = text.split('\n').map((line) => line.split('\t'));
  const native = rows.find(([name]) => name === 'dpkg')?.[2];
  return new Map(
    rows
      .filter(([, , , status]) => status?.startsWith('ii'))
      .map(([name = '', version = '', , , source = name]) => [
        unqualified(name, native),
        { version, source },
      ]),
  );
}

const unqualified = (name: string, native: string | undefined): string =>
  native !== undefined && name.endsWith(`:${native}`) ? name.slice(0, -native.length - 1) : name;

export interface Simulated {
  readonly updates: readonly Update[];
  readonly removed: readonly string[];
  readonly held: readonly string[];
}

/** What `apt-get` would do; it changes nothing and needs no rights. */
export async function simulate(host: Host, words: readonly string[]): Promise<Simulated> {
  const { text } = await host.read('asking what an update would do', {
    words: [...C, '/usr/bin/apt-get', '-s', ...words],
    timeoutMs: SLOW_MS,
  });
  return parseSimulation(text);
}

/** `Inst libssl3 [3.0.20-1] (3.0.22-1 Debian-Security:12/oldstable-security [amd64]) [openssl:amd64 ]` */
const INST = /^Inst (\S+) (?:\[(\S+)\] )?\((\S+) ?(.*?)(?: \[\w+\])?\)/;

export function parseSimulation(text: string): Simulated {
  const lines = text.split('\n');
  const updates = lines.flatMap((line): Update[] => {
    const [, name, from, to, origin = ''] = INST.exec(line) ?? [];
    if (name === undefined || to === undefined) return [];
    return [{ name, ...(from === undefined ? {} : { from }), to, origin }];
  });
  const removed = lines.flatMap((line) => /^Remv (\S+)/.exec(line)?.[1] ?? []);
  const start = lines.indexOf('The following packages have been kept back:');
  const after = start < 0 ? [] : lines.slice(start + 1);
  const end = after.findIndex((line) => !line.startsWith('  '));
  const held = after.slice(0, end < 0 ? after.length : end).flatMap((line) => line.trim().split(/\s+/));
  return { updates, removed, held };
}

/** Name → the versions that some repository of the host offers. */
export async function readOffered(host: Host, names: readonly string[]): Promise<Map<string, string[]>> {
  if (names.length === 0) return new Map();
  const { text } = await host.read('asking which versions there are', {
    words: ['/usr/bin/apt-cache', 'madison', ...names],
    timeoutMs: SLOW_MS,
  });
  const rows = text.split('\n').map((line) => line.split('|').map((part) => part.trim()));
  const offered = new Map<string, string[]>();
  // The first column has no architecture: `libssl3`, also when `libssl3:i386` was asked for.
  for (const [name, version] of rows)
    if (name && version) offered.set(name, [...(offered.get(name) ?? []), version]);
  return offered;
}

export async function isNewer(host: Host, version: string, than: string): Promise<boolean> {
  const words = ['/usr/bin/dpkg', '--compare-versions', version, 'gt', than];
  return (await host.read('comparing versions', { words, codes: [0, 1] })).code === 0;
}

/** Those of the packages that came along with others: what nobody needs any more may be removed of them. */
export async function readAutomatic(host: Host, names: readonly string[]): Promise<string[]> {
  const { text } = await host.read('asking which packages came along', {
    words: ['/usr/bin/apt-mark', 'showauto'],
    timeoutMs: SLOW_MS,
  });
  const automatic = new Set(text.split('\n'));
  return names.filter((name) => automatic.has(name));
}

/** When the host last renewed its lists, ISO. */
export async function readListsAt(host: Host): Promise<string | undefined> {
  const { text } = await host.read('asking how old the lists are', {
    words: ['/usr/bin/stat', '-c', '%Y', '/var/lib/apt/lists', '/var/lib/apt/lists/partial'],
    codes: [0, 1],
  });
  const newest = Math.max(0, ...text.split('\n').map(Number).filter(Number.isFinite));
  return newest > 0 ? new Date(newest * 1_000).toISOString() : undefined;
}
