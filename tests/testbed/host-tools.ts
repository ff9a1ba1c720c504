/** What suites do with a running Linux host: commands as its root, connections from either of two addresses. */
import type { SshSettings } from '../../targets/settings.ts';
import { command } from './command.ts';
import { canConnect } from './wait.ts';

/** All that another process must know to use a running host; plain data. */
export interface HostFacts {
  readonly address: string;
  /** Our address on the host's network from which connections come by default. */
  readonly management: string;
  /** Another address of ours there. */
  readonly other: string;
  /** Process 1 of the host, as this machine numbers it. */
  readonly pid: number;
  readonly hostKey: string;
  /** The account with the sudoers file that we ship. */
  readonly user: string;
  readonly keyFile: string;
}

export interface HostTools extends HostFacts {
  readonly settings: SshSettings & { readonly keyFile: string };
  /** On the host, as root, past the network. */
  run(words: readonly string[], input?: string): Promise<string>;
  /** Whether its SSH port answers to a connection from that address of ours. */
  answers(from: string): Promise<boolean>;
}

export function connectHost(facts: HostFacts): HostTools {
  const { pid, address, hostKey, user, keyFile } = facts;
  const inside = ['--target', String(pid), '--mount', '--pid', '--net', '--uts', '--root', '--wd'];
  return {
    ...facts,
    settings: { kind: 'ssh', host: address, user, hostKey, keyFile },
    run: (words, input = '') => command('nsenter', [...inside, ...words], { input }),
    answers: (from) => canConnect(22, address, from).catch(() => false),
  };
}
