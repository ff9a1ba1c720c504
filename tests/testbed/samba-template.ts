/** The directory as it is just after provisioning, made once per machine; controllers start from copies of it. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.ts';
import { cacheFolder, removeFolder } from './folder.ts';
import { withLock } from './lock.ts';

/** Change this when the provisioning below changes, so that old templates are not used. */
const templateName = 'samba-template-1';

/** Gives the folder of the template; makes it when this machine has none. */
export async function provisionOnce(realm: string): Promise<string> {
  const template = cacheFolder(templateName);
  if (existsSync(template)) return template;
  return await withLock(cacheFolder('samba.lock'), async () => {
    if (existsSync(template)) return template;
    const folder = mkdtempSync(cacheFolder('provision-'));
    try {
      await provision(folder, realm);
      renameSync(folder, template);
    } catch (cause) {
      removeFolder(folder);
      throw cause;
    }
    return template;
  });
}

async function provision(folder: string, realm: string): Promise<void> {
  // Upper, lower, digit and sign, as the default password policy asks.
  const password = `Va1-${randomBytes(15).toString('base64url')}`;
  // Without an existing file the distribution's own settings, with printers and homes, are copied in.
  const empty = join(folder, 'provision.conf');
  writeFileSync(empty, '[global]\n');
  await command('samba-tool', [
    ...['domain', 'provision', `--configfile=${empty}`, `--targetdir=${folder}`],
    ...[`--realm=${realm}`, `--domain=${realm.split('.')[0]}`, '--server-role=dc', '--use-rfc2307'],
    ...['--dns-backend=SAMBA_INTERNAL', '--host-name=dc1', '--host-ip=127.0.0.1', `--adminpass=${password}`],
    ...['--option=interfaces=lo', '--option=bind interfaces only=yes'],
  ]);
  writeFileSync(join(folder, 'admin-password'), password, { mode: 0o600 });
}
