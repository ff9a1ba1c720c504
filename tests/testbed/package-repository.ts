/** A signed package repository inside the image of a host: what is installed there, and the same again under a higher version. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.ts';

/** Ends the version of the newer packages; their files are those of the older ones, in new inodes. */
export const newer = '+vigia1';
const signer = 'packages@testbed.example.test';
const aptSource = 'deb [signed-by=/etc/apt/keyrings/testbed.gpg] file:/srv/packages ./\n';

/** The folder `srv/packages` of the image holds the installed packages as files; afterwards it is the host's only source. */
export async function makePackageRepository(image: string): Promise<void> {
  const folder = join(image, 'srv/packages');
  const files = readdirSync(folder).filter((name) => name.endsWith('.deb'));
  await Promise.all(files.map((name) => rebuild(folder, name)));
  const stanzas = await Promise.all(debsIn(folder).map((name) => stanzaOf(folder, name)));
  const packages = stanzas.join('\n');
  writeFileSync(join(folder, 'Packages'), packages);
  const release = `Suite: testbed-security\nDate: ${new Date().toUTCString().replace('GMT', 'UTC')}\nSHA256:\n ${sha256(packages)} ${Buffer.byteLength(packages)} Packages\n`;
  writeFileSync(join(folder, 'Release'), release);
  await sign(image, folder);
  for (const name of ['sources.list', 'sources.list.d'])
    rmSync(join(image, 'etc/apt', name), { recursive: true, force: true });
  writeFileSync(join(image, 'etc/apt/sources.list'), aptSource);
}

const debsIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.deb'))
    .sort();
const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex');

/** `nginx` wants exactly its own version of `nginx-common`, so what it asks of the others grows with them. */
async function rebuild(folder: string, name: string): Promise<void> {
  const tree = join(folder, `${name}.tree`);
  await command('dpkg-deb', ['-R', join(folder, name), tree]);
  const file = join(tree, 'DEBIAN/control');
  const control = readFileSync(file, 'utf8');
  const version = /^Version: (.*)$/m.exec(control)![1]!;
  writeFileSync(
    file,
    control
      .replace(/^Version: .*$/m, `Version: ${version}${newer}`)
      .replaceAll(`(= ${version})`, `(= ${version}${newer})`),
  );
  await command('dpkg-deb', [
    '-b',
    '-Zgzip',
    '-z1',
    tree,
    join(folder, name.replace(/_([^_]*\.deb)$/, `${newer}_$1`)),
  ]);
  rmSync(tree, { recursive: true });
}

async function stanzaOf(folder: string, name: string): Promise<string> {
  const control = await command('dpkg-deb', ['-f', join(folder, name)]);
  const content = readFileSync(join(folder, name));
  return `${control.trimEnd()}\nFilename: ./${name}\nSize: ${content.length}\nSHA256: ${sha256(content)}\n`;
}

async function sign(image: string, folder: string): Promise<void> {
  const home = join(folder, 'keys');
  mkdirSync(home, { mode: 0o700 });
  const gpg = (...args: string[]) =>
    command('gpg', ['--homedir', home, '--batch', '--yes', '--passphrase', '', ...args]);
  await gpg('--quick-generate-key', signer, 'ed25519', 'sign', 'never');
  await gpg('--clearsign', '-o', join(folder, 'InRelease'), join(folder, 'Release'));
  mkdirSync(join(image, 'etc/apt/keyrings'), { recursive: true });
  await gpg('--export', '-o', join(image, 'etc/apt/keyrings/testbed.gpg'), signer);
  await command('gpgconf', ['--homedir', home, '--kill', 'all']);
  rmSync(home, { recursive: true });
}
