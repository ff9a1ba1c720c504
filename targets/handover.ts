/** A new secret on its way to its owner: a file that only the account of Vigia can read, never the store or a log. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errors } from '../core/errors.ts';
import { type ChangeCalls, changing } from './calls.ts';

export interface Handover {
  /** A file name that no step had before; it may be journalled. */
  name(account: string): string;
  /** Makes the secret and writes it down before anything else has it: a crash cannot lose a secret that a target holds. */
  make(file: string): Promise<string>;
  read(file: string): string | undefined;
  /** Where a person finds it. */
  place(file: string): string;
}

/** 144 bits, and a character of every class that a password policy may ask for; Oracle takes no more than 30 characters. */
export const newSecret = (): string => `${randomBytes(18).toString('base64url')}.A1a`;

export function handoverOf(
  system: string,
  { handover: folder }: { readonly handover?: string },
  calls: ChangeCalls,
): Handover {
  if (folder === undefined)
    throw errors.refused(
      `target ${system} has no place where a new secret could be left for its owner`,
      'set "handover" of that target to a folder that only its owner and Vigia can read',
    );
  expectPrivate(system, folder);
  const place = (file: string) => join(folder, file);
  return {
    name: (account) =>
      `${[system, account].map((part) => part.replaceAll(/[^\w.-]/g, '_').slice(0, 60)).join('-')}-${randomBytes(6).toString('hex')}`,
    make: (file) =>
      changing(calls, 'file new secret', async () => {
        const secret = newSecret();
        if (!existsSync(folder)) {
          mkdirSync(folder, { recursive: true, mode: 0o700 });
          // A default access list of the parent may have let others in.
          chmodSync(folder, 0o700);
        }
        writeFileSync(place(file), `${secret}\n`, { mode: 0o600, flag: 'wx', flush: true });
        return secret;
      }),
    read: (file) =>
      existsSync(place(file)) ? readFileSync(place(file), 'utf8').replace(/\n$/, '') : undefined,
    place,
  };
}

function expectPrivate(system: string, folder: string): void {
  if (!existsSync(folder)) return;
  const mode = statSync(folder).mode & 0o777;
  if ((mode & 0o077) !== 0)
    throw errors.refused(
      `the handover folder ${folder} of target ${system} is open to others (mode ${mode.toString(8)})`,
      `chmod 700 ${folder}`,
    );
}
