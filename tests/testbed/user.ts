/** The unprivileged users that servers run as, because they refuse to run as root. */
import { tryCommand } from './command.ts';
import type { User } from './contained.ts';

/** Finds the user, or makes one that can neither log on nor owns a home. */
export async function serviceUser(name: string): Promise<User> {
  const found = await find(name);
  if (found !== undefined) return found;
  // Two test files may try at once; only whether the user exists afterwards counts.
  const made = await tryCommand('useradd', [
    '--system',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    name,
  ]);
  const user = await find(name);
  if (user === undefined) throw new Error(`cannot make the user ${name}: ${made.stderr.trim()}`);
  return user;
}

async function find(name: string): Promise<User | undefined> {
  const [, , uid, gid] = (await tryCommand('getent', ['passwd', name])).stdout.split(':');
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
