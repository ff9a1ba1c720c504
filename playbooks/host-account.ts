/** A local account of a Linux host: judged as a subject, and whether it may log on. */
import type { PlannedTarget } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import type { HostAccount } from '../targets/host-accounts.ts';
import type { Host } from '../targets/ssh.ts';
import type { Subject } from './action.ts';

export { findHostAccount, type HostAccount } from '../targets/host-accounts.ts';

export interface LogonState {
  readonly passwordLocked: boolean;
  /** `2027-01-31`, or `never`. */
  readonly expires: string;
}

/** The second of January 1970, day 1: day 0 means "never" to some programs. */
export const EXPIRED = '1970-01-02';
export const NEVER = 'never';

export async function readLogon(host: Host, name: string): Promise<LogonState> {
  const status = await host.read('reading the password state', {
    words: ['/usr/bin/passwd', '-S', name],
    sudo: true,
  });
  const ages = await host.read('reading the expiry', {
    words: ['/usr/bin/chage', '-i', '-l', name],
    sudo: true,
  });
  // The words of chage are translated; places of lines and dates are not.
  const expiry = /:\s*(.*)$/.exec(ages.text.trimEnd().split('\n')[3] ?? '')?.[1];
  if (expiry === undefined)
    throw errors.remote(host.server, 'reading the expiry', 'chage gave no fourth line');
  return {
    passwordLocked: /^L/.test(status.text.split(' ')[1] ?? ''),
    expires: /^\d{4}-\d\d-\d\d$/.test(expiry) ? expiry : NEVER,
  };
}

export const hostAccountSubject = (system: string, { name }: HostAccount): Subject => ({
  system,
  kind: 'host-account',
  names: [name],
});

/** The host is told by its pinned key, the account by its number. */
export const hostAccountTarget = (system: string, { name, uid }: HostAccount): PlannedTarget => ({
  system,
  identity: `uid ${uid}`,
  name,
});
