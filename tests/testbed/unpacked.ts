/** Files out of Debian packages that must not be installed beside others, or need not be: unpacked into the cache folder. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './command.ts';
import { cacheFolder } from './folder.ts';

/** Where a package lies unpacked. */
export const unpackedFolder = (name: string): string => cacheFolder('unpacked', name);
/** One file of it. */
export const unpackedFile = (name: string, path: string): string => join(unpackedFolder(name), path);

/** Fetches and unpacks what is not there yet. Gives the reason when it cannot be had. */
export async function unpacked(names: readonly string[]): Promise<string | undefined> {
  const wanted = names.filter((name) => !existsSync(unpackedFolder(name)));
  if (wanted.length === 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'vigia-packages-'));
  try {
    await command('apt-get', ['-q', 'download', ...wanted], { cwd: folder });
    mkdirSync(cacheFolder('unpacked'), { recursive: true });
    for (const file of readdirSync(folder)) {
      // In the name of the file a version follows. The folder appears under its name only when it is complete.
      const into = unpackedFolder(file.slice(0, file.indexOf('_')));
      const part = `${into}.${process.pid}.part`;
      await command('dpkg-deb', ['--extract', join(folder, file), part]);
      renameSync(part, into);
    }
    return undefined;
  } catch (cause) {
    return (cause as Error).message;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
