/** The files of a small Debian host, made once per machine by the install step; hosts are thin layers over it. */
import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import { command } from './command.ts';
import { cacheFolder, removeFolder } from './folder.ts';
import { makePackageRepository } from './package-repository.ts';

/** Change the number when the packages below change, so that old images are not used. */
const imageName = 'host-image-3';
const packages = ['openssh-server', 'sudo', 'nftables', 'procps', 'iproute2', 'openssl', 'nginx'];
/** Kept as files too, as both sides of an update. */
const patched = ['openssl', 'libssl3', 'nginx', 'nginx-common'];
const keep = `mkdir -p /srv/packages && cd /srv/packages && apt-get -q -o APT::Sandbox::User=root download ${patched.join(' ')}`;

export const hostImage = (): string => cacheFolder(imageName);

/** Must run under the install lock. The folder appears under its name only when it is complete. */
export async function makeHostImage(): Promise<void> {
  if (existsSync(hostImage())) return;
  const folder = mkdtempSync(cacheFolder('host-'));
  try {
    const include = `--include=${packages.join(',')}`;
    const hook = `--customize-hook=chroot "$1" sh -c '${keep}'`;
    await command('mmdebstrap', [
      '--variant=minbase',
      include,
      hook,
      '--quiet',
      'bookworm',
      `${folder}/root`,
    ]);
    await makePackageRepository(`${folder}/root`);
    renameSync(`${folder}/root`, hostImage());
  } finally {
    removeFolder(folder);
  }
}
