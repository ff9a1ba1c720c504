/** Reads the packages of a host with rpm and dnf, in forms that we ask for; Vigia installs nothing there. */
import type { PatchUpdate } from '../../core/documents.ts';
import type { Host } from '../../targets/ssh.ts';

const SLOW_MS = 180_000;

export interface RpmState {
  readonly installed: { name: string; version: string }[];
  readonly updates: PatchUpdate[];
  readonly reboot: string[];
}

export async function readDnf(host: Host): Promise<RpmState> {
  const installed = await host.read('listing packages', {
    words: ['/usr/bin/rpm', '-qa', '--qf', '%{NAME}.%{ARCH}\\t%{EVR}\\t%{SOURCERPM}\\n'],
    timeoutMs: SLOW_MS,
  });
  const upgrades = await host.read('asking what it is behind by', {
    words: [
      '/usr/bin/dnf',
      '-q',
      'repoquery',
      '--upgrades',
      '--qf',
      '%{name}.%{arch}\\t%{evr}\\t%{repoid}\\n',
    ],
    timeoutMs: SLOW_MS,
  });
  // Of dnf-utils; without them (127) the host does not say.
  const reboot = await host.read('asking whether it waits for a reboot', {
    words: ['/usr/bin/needs-restarting', '-r'],
    codes: [0, 1, 127],
    timeoutMs: SLOW_MS,
  });
  return {
    ...parseRpm(installed.text, upgrades.text),
    reboot: reboot.code === 1 ? ['needs-restarting -r says so'] : [],
  };
}

/** Kernels stand there several times: the newest line is the last that rpm names, and an update is told by its version. */
export function parseRpm(installed: string, upgrades: string): Omit<RpmState, 'reboot'> {
  const rows = installed
    .split('\n')
    .map((line) => line.split('\t'))
    .filter((row) => row.length === 3) as [string, string, string][];
  const byName = new Map(
    rows.map(([name, version, source]) => [name, { version, source: sourceOf(source) }]),
  );
  // A repository may stand in two places, and dnf then names an update twice.
  const lines = [...new Set(upgrades.split('\n').filter((line) => line.trim() !== ''))];
  const updates = lines.flatMap((line): PatchUpdate[] => {
    const [name, to, origin = ''] = line.split('\t');
    if (name === undefined || to === undefined) return [];
    const found = byName.get(name);
    const from = found?.version;
    return [
      { name, source: found?.source ?? name.replace(/\.[^.]*$/, ''), ...(from ? { from } : {}), to, origin },
    ];
  });
  return { installed: rows.map(([name, version]) => ({ name, version })), updates };
}

/** `openssl-3.0.7-27.el9.src.rpm` */
const sourceOf = (file: string): string => file.replace(/-[^-]+-[^-]+\.src\.rpm$/, '');
