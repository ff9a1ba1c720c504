/** A real Linux host: sshd, sudo and nftables in process, mount and network namespaces of their own, over a shared image. */
import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { fingerprint } from '../../targets/ssh.ts';
import { command } from './command.ts';
import { type Contained, contain } from './contained.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { hostImage } from './host-image.ts';
import { connectHost, type HostFacts, type HostTools } from './host-tools.ts';
import { keyPair } from './key-pair.ts';
import { canConnect, untilReady } from './wait.ts';

export interface LinuxHost extends HostTools {
  stop(): Promise<void>;
}

const account = 'svc-vigia';
/** The file that we ship is the one that is tested. */
const sudoers = join(import.meta.dirname, '../../deploy/sudoers-vigia');

export async function startHost(): Promise<LinuxHost> {
  const folder = temporaryFolder('host');
  try {
    const keys = {
      host: keyPair(),
      own: keyPair(),
    };
    writeLayer(folder, keys.host);
    writeFileSync(join(folder, 'key'), keys.own.private, { mode: 0o600 });
    const server = await contain({
      program: 'unshare',
      args: ['--net', '--uts', 'sh', '-c', script, hostImage(), folder],
      logFile: join(folder, 'output.log'),
    });
    const net = await plug(server);
    const facts: HostFacts = {
      ...net,
      pid: server.pid,
      hostKey: fingerprint(publicKey(keys.host)),
      user: account,
      keyFile: join(folder, 'key'),
    };
    await untilReady('the Linux host', [server], 30_000, () =>
      canConnect(22, facts.address, facts.management),
    );
    const tools = connectHost(facts);
    await enrol(tools, keys.own.public);
    return {
      ...tools,
      async stop() {
        // Process 1 is a shell that collects what ends; with it all processes, mounts and the network of the host are gone.
        await server.stop('SIGKILL');
        removeFolder(folder);
      },
    };
  } catch (cause) {
    removeFolder(folder);
    throw cause;
  }
}

/** $0 the image, $1 the folder of this host; what it writes stays in memory. The loop waits for the cable, which is plugged from outside. */
const script = `set -e
mount --make-rprivate /
mkdir "$1/memory"; mount -t tmpfs tmpfs "$1/memory"
cp -a "$1/up" "$1/memory/up"; mkdir "$1/memory/work"
mount -t overlay overlay -o "lowerdir=$0,upperdir=$1/memory/up,workdir=$1/memory/work" "$1/root"
cd "$1/root"
mount -t proc proc proc; mount -t tmpfs -o mode=755 tmpfs run; mount -t tmpfs -o mode=755 tmpfs dev
mkdir -p dev/pts dev/shm run/sshd
for node in 'null 3' 'zero 5' 'random 8' 'urandom 9'; do mknod -m 666 dev/$\{node% *} c 1 $\{node#* }; done
mknod -m 666 dev/tty c 5 0
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts; ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
hostname web1
until ip link show eth0 >/dev/null 2>&1; do sleep 0.05; done
until ip -o addr show eth0 | grep -q 198.18; do sleep 0.05; done
exec chroot . /bin/sh -c '/usr/sbin/sshd -D -e & while :; do sleep 3600 & wait; done'
`;

function writeLayer(folder: string, key: { private: string; public: string }): void {
  for (const name of ['up/etc/ssh/vigia-access', 'up/etc/sudoers.d', 'root'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'up/etc/ssh/ssh_host_ed25519_key'), key.private, { mode: 0o600 });
  writeFileSync(join(folder, 'up/etc/hosts'), '127.0.0.1 localhost web1\n');
  writeFileSync(
    join(folder, 'up/etc/ssh/sshd_config'),
    'HostKey /etc/ssh/ssh_host_ed25519_key\nUsePAM yes\nPasswordAuthentication yes\nUseDNS no\nMaxStartups 100\n' +
      'AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/vigia-access/%u\n',
  );
  const file = join(folder, 'up/etc/sudoers.d/vigia');
  copyFileSync(sudoers, file);
  chmodSync(file, 0o440);
}

/** A cable between this machine and the host, with two addresses here: from which one a connection comes can be chosen. */
async function plug({ pid }: Contained): Promise<Pick<HostFacts, 'address' | 'management' | 'other'>> {
  while (readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/self/ns/net'))
    await new Promise((again) => setTimeout(again, 5));
  // 198.18.0.0/15 is for test networks; the kernel removes the cable when the host ends.
  const net = `198.18.${randomInt(0, 256)}.${16 * randomInt(0, 16)}`;
  const at = (offset: number) => net.replace(/\d+$/, (last) => String(Number(last) + offset));
  const name = `vigia${randomBytes(4).toString('hex')}`;
  const ip = (...args: string[]) => command('ip', args);
  const inside = (...args: string[]) => command('nsenter', ['--target', String(pid), '--net', 'ip', ...args]);
  await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid));
  for (const offset of [1, 2]) await ip('addr', 'add', `${at(offset)}/28`, 'dev', name);
  await ip('link', 'set', name, 'up');
  await inside('link', 'set', 'lo', 'up');
  await inside('link', 'set', 'eth0', 'up');
  await inside('addr', 'add', `${at(10)}/28`, 'dev', 'eth0');
  return { address: at(10), management: at(1), other: at(2) };
}

async function enrol({ run }: HostTools, key: string): Promise<void> {
  await run(['useradd', '--create-home', '--shell', '/bin/sh', account]);
  const home = `/home/${account}`;
  await run(['install', '-d', '-m', '700', '-o', account, `${home}/.ssh`]);
  await run(['tee', `${home}/.ssh/authorized_keys`], `${key}\n`);
}

function publicKey({ public: text }: { public: string }): Buffer {
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error) throw key;
  return key.getPublicSSH();
}
