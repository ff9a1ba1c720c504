/** What sudo's own log on a Linux host says was done there, and what Vigia's packet filter holds. */
import type { HostTools } from '../../testbed/host-tools.ts';

const SUDO_LOG = '/var/log/sudo-vigia.log';

export interface SudoCommands {
  /** How many commands of the log match. */
  count(test: RegExp): Promise<number>;
}

/** The log begins anew. */
export async function sudoCommands(host: HostTools): Promise<SudoCommands> {
  await host.run(['sh', '-c', `: > ${SUDO_LOG}`]);
  return {
    async count(test) {
      // One entry each; sudo breaks long ones and indents what follows.
      const log = (await host.run(['cat', SUDO_LOG])).replace(/\n\s+/g, ' ');
      const commands = log
        .split('\n')
        .flatMap((line) => /COMMAND=(.*)$/.exec(line)?.[1]?.replace(/\\([{},=])/g, '$1') ?? []);
      return commands.filter((command) => test.test(command)).length;
    },
  };
}

export const BLOCK_OF = (address: string): RegExp =>
  new RegExp(`add element inet vigia_block blocked4 \\{ ${address} `);

/** The set of blocked addresses as the host shows it; empty when there is none. */
export const blockedOn = (host: HostTools): Promise<string> =>
  host.run(['sh', '-c', 'nft list set inet vigia_block blocked4 2>/dev/null || true']);

/** Takes every block and isolation of Vigia away. */
export async function letIn(host: HostTools): Promise<void> {
  const tables = ['vigia_isolation', 'vigia_block'];
  const commands = tables.map((table) => `nft delete table inet ${table} 2>/dev/null`);
  await host.run(['sh', '-c', `${commands.join('; ')}; true`]);
}
