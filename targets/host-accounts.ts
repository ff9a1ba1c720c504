/** Local accounts of a Linux host and the processes that run as them. */
import { errors } from '../core/errors.ts';
import type { Host } from './ssh.ts';

export interface HostAccount {
  readonly name: string;
  readonly uid: number;
}

export interface HostProcess {
  readonly pid: number;
  readonly terminal: string;
  readonly program: string;
}

/** Below are root and the accounts that services run as. */
const FIRST_PERSON = 1000;

export async function findHostAccount(host: Host, name: string): Promise<HostAccount> {
  const words = ['/usr/bin/getent', 'passwd', name];
  const { code, text } = await host.read('looking for the account', { words, codes: [0, 2] });
  if (code === 2) throw errors.notFound('account of the host', name);
  const [found, , uid] = text.trimEnd().split(':');
  // getent takes a number too, and gives whoever has it.
  if (found !== name) throw errors.notFound('account of the host', name);
  if (!(Number(uid) >= FIRST_PERSON))
    throw errors.refused(
      `${name} on ${host.server} is an account of the system (number ${uid}, below ${FIRST_PERSON}), and services may run as it`,
      'contain it by hand',
    );
  return { name, uid: Number(uid) };
}

/** Ended ones that nobody has collected yet (state Z) are none. */
export async function processesOf(host: Host, uid: number): Promise<HostProcess[]> {
  const words = ['/usr/bin/ps', '-o', 'pid=,stat=,tty=,comm=', '-u', String(uid), '-U', String(uid)];
  const { text } = await host.read('listing processes', { words, codes: [0, 1] });
  return text.split('\n').flatMap((line) => {
    const [, pid, state, terminal, program] = /^\s*(\d+)\s+(\S+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (pid === undefined || state === undefined || state.startsWith('Z')) return [];
    return [{ pid: Number(pid), terminal: terminal ?? '?', program: program ?? '' }];
  });
}

/** By real and by effective account: a program that changed one of them is still the account's. */
export async function killProcessesOf(host: Host, uid: number): Promise<void> {
  // 1 means: none was there.
  for (const whose of ['-U', '-u'])
    await host.change('ending processes', {
      words: ['/usr/bin/pkill', '-KILL', whose, String(uid)],
      sudo: true,
      codes: [0, 1],
    });
}
