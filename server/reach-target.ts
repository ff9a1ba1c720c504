/** Logs on to a target as Vigia would, and does nothing there; says as whom. */
import { readsOnly } from '../targets/calls.ts';
import { withDirectory } from '../targets/directory.ts';
import { withHttp } from '../targets/http.ts';
import { mailOf } from '../targets/mail.ts';
import { withMariadb } from '../targets/mariadb.ts';
import { accountOf, readSecret, type TargetSettings } from '../targets/settings.ts';
import { openSql } from '../targets/sql.ts';
import { withHost } from '../targets/ssh.ts';

/** In the words of the doctor, also for one that cannot be reached. */
export function knownAs(target: TargetSettings): string {
  if (target.kind === 'directory-rehearsal') return `nobody: changes go into ${target.copy}`;
  return accountOf(target) || (target.kind === 'mail' ? 'nobody' : 'the holder of a secret');
}

/** What was found, in a few words. */
export async function reachTarget(name: string, target: TargetSettings): Promise<string> {
  const nothing = async () => undefined;
  switch (target.kind) {
    case 'directory':
    case 'directory-rehearsal':
      await withDirectory(name, target, readsOnly, nothing);
      break;
    case 'ssh':
      await withHost(name, target, readsOnly, nothing);
      break;
    case 'mariadb':
      await withMariadb(name, target, readsOnly, nothing);
      break;
    case 'mail':
      await mailOf(name, target, readsOnly).reach();
      break;
    case 'http':
      await withHttp(name, target, readsOnly, nothing);
      // No call means the same to every system; these two begin with one.
      if (target.auth === 'a10' || target.auth === 'client-credentials') break;
      return 'not tried: only a step shows whether its secret works';
    case 'webhook':
      readSecret(name, target);
      return 'not tried: every call is a message';
    default:
      await (await openSql(name, target)).close();
  }
  return `reached as ${knownAs(target)}`;
}
