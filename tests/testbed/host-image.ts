/** The files of a small Debian host, made once per machine by the install step; hosts are thin layers over it. */
import { existsSync, mkdtempSync, renameSync } from 'node:fs';
import { command } from './command.ts';
import { cacheFolder, removeFolder } from './folder.ts';

/** Change the number when the packages below change, so that old images are not used. */
const imageName = 'host-image-1';
const packages = ['openssh-server', 'sudo', 'nftables', 'procps', 'iproute2'];

export const hostImage = (): string => cacheFolder(imageName);

/** Must run under the install lock. The folder appears under its name only when it is complete. */
export async function makeHostImage(): Promise<void> {
  if (existsSync(hostImage())) return;
  const folder = mkdtempSync(cacheFolder('host-'));
  try {
    const include = `--include=${packages.join(',')}`;
    await command('mmdebstrap', ['--variant=minbase', include, '--quiet', 'bookworm', `${folder}/root`]);
    renameSync(`${folder}/root`, hostImage());
  } finally {
    removeFolder(folder);
  }
}
