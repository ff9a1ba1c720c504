/** Installs Debian packages without letting them start their services. */
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { command } from './command.ts';

/** Debian's maintainer scripts ask this program before they start a service; 101 means "do not". */
const policyFile = '/usr/sbin/policy-rc.d';
const savedFile = `${policyFile}.vigia-saved`;
const mark = '# Placed by the Vigia test bed while it installs packages.';

const aptOptions = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];

/** Must run under the install lock: it changes a file of the machine for a while. */
export async function installPackages(packages: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
  // The lists of a fresh machine are empty or old; a mirror that fails here is reported by the next step.
  const update = await command('apt-get', [...aptOptions, 'update'], { env }).catch((error: Error) => error);
  await withoutServices(async () => {
    try {
      await command('apt-get', [...aptOptions, '--no-install-recommends', 'install', ...packages], { env });
    } catch (cause) {
      const hint = update instanceof Error ? `\nbefore that, ${update.message}` : '';
      throw new Error(`${(cause as Error).message}${hint}`, { cause });
    }
  });
}

async function withoutServices(work: () => Promise<void>): Promise<void> {
  // An earlier run may have been killed half-way: first put back what it had saved.
  restore();
  // Ctrl-C reaches apt-get too; we wait for it and clean up instead of leaving our file behind.
  const wait = (): void => undefined;
  process.on('SIGINT', wait);
  process.on('SIGTERM', wait);
  try {
    if (existsSync(policyFile)) renameSync(policyFile, savedFile);
    writeFileSync(policyFile, `#!/bin/sh\n${mark}\nexit 101\n`);
    chmodSync(policyFile, 0o755);
    await work();
  } finally {
    restore();
    process.off('SIGINT', wait);
    process.off('SIGTERM', wait);
  }
}

function restore(): void {
  if (existsSync(policyFile) && readFileSync(policyFile, 'utf8').includes(mark)) rmSync(policyFile);
  if (existsSync(savedFile) && !existsSync(policyFile)) renameSync(savedFile, policyFile);
}
