/** The flows that patch, on a real Linux host: sudo's own log counts what was done there, dpkg and the kernel tell what is so. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostTools } from '../../testbed/host-tools.ts';
import { newer } from '../../testbed/package-repository.ts';
import type { Scene, Story } from './story.ts';
import { sudoCommands } from './sudo-log.ts';

// Each play installs and goes back once: seconds, where other stories take tenths.
const short = { kill: 41, stop: 47 };

export const patchEmergency: Story = {
  flow: 'patch-emergency',
  needs: ['host'],
  short,
  async open(beds) {
    const host = await beds.host();
    return {
      targets: { web1: { ...host.settings, timeoutMs: 60_000 } },
      scene: () => scene(host, {}),
      close: async () => undefined,
    };
  },
};

/** In a window that is always open. */
export const patchWave: Story = {
  flow: 'patch-wave',
  needs: ['host'],
  short,
  async open(beds) {
    const host = await beds.host();
    const policiesFolder = mkdtempSync(join(tmpdir(), 'vigia-policies-'));
    cpSync(join(import.meta.dirname, '../../../policies'), policiesFolder, { recursive: true });
    writeFileSync(
      join(policiesFolder, 'windows.yml'),
      "source: a proof\nsince: 2026-11-28\nzone: UTC\nwindows:\n  - { id: always, title: Always, days: [mon, tue, wed, thu, fri, sat, sun], from: '00:00', to: '00:00' }\n",
    );
    return {
      targets: { web1: { ...host.settings, timeoutMs: 60_000 } },
      policiesFolder,
      scene: () => scene(host, { window: 'always', tell: 'the service desk' }),
      close: async () => rmSync(policiesFolder, { recursive: true }),
    };
  },
};

/** The update of openssl brings that of its library along, and the SSH server runs from that. */
async function scene(host: HostTools, input: Scene['input']): Promise<Scene> {
  const said = (command: string) => host.run(['sh', '-c', command]);
  await said('test -e /var/lib/apt/lists/_srv_packages_._InRelease || apt-get -q update');
  const commands = await sudoCommands(host);
  const runsFromOld = async () =>
    /libcrypto.*\(deleted\)/.test(await said('cat "/proc/$(cat /run/sshd.pid)/maps"'));
  const versionOf = (name: string) => host.run(['dpkg-query', '-W', '-f', `\${Version}`, name]);
  return {
    input: { hosts: ['web1'], packages: ['openssl'], ...input },
    async changes() {
      return {
        install: await commands.count(/^\/usr\/bin\/apt-get .*--only-upgrade install .*\bopenssl=/),
        restart: await commands.count(/^\/usr\/sbin\/service ssh restart/),
      };
    },
    async left() {
      const left = {
        'the update is not installed': !(await versionOf('openssl')).endsWith(newer),
        'its library is not installed': !(await versionOf('libssl3')).endsWith(newer),
        'the SSH server runs from the old library': await runsFromOld(),
      };
      return Object.entries(left).flatMap(([what, isLeft]) => (isLeft ? [what] : []));
    },
    async state() {
      return {
        'the version of openssl': await versionOf('openssl'),
        'the version of its library': await versionOf('libssl3'),
        'what the SSH server runs from': await runsFromOld(),
      };
    },
    async close() {
      const names = ['openssl', 'libssl3'];
      const old = await Promise.all(
        names.map(async (name) => `${name}=${(await versionOf(name)).replace(newer, '')}`),
      );
      await host.run(['apt-get', '-q', '-y', '--allow-downgrades', 'install', ...old]);
      // Or the next play begins with a server that runs from a library that is gone.
      await host.run(['service', 'ssh', 'restart']);
      while (!(await host.answers(host.management))) await sleep(20);
    },
  };
}
