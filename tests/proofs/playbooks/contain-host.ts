/** contain-host on a real Linux host: sudo's own log on the host counts what was done there. */
import type { HostTools } from '../../testbed/host-tools.ts';
import type { Scene, Story } from './story.ts';

const SUDO_LOG = '/var/log/sudo-vigia.log';
const ATTACKER = '203.0.113.66';

export const containHost: Story = {
  flow: 'contain-host',
  needs: ['host'],
  async open(beds) {
    const host = await beds.host();
    return {
      targets: { web1: host.settings },
      scene: (tag) => scene(host, tag),
      close: async () => undefined,
    };
  },
};

async function scene(host: HostTools, user: string): Promise<Scene> {
  const said = (command: string) => host.run(['sh', '-c', command]);
  await host.run(['useradd', '--create-home', user]);
  await host.run(['chpasswd'], `${user}:Va1-${user}-secret\n`);
  await said(
    `setsid runuser -u ${user} -- sh -c 'while :; do sleep 600; done' >/dev/null 2>&1 & until ps -U ${user} >/dev/null; do sleep 0.02; done`,
  );
  const uid = (await host.run(['id', '-u', user])).trim();
  await said(`: > ${SUDO_LOG}`);
  return {
    input: { host: 'web1', keep: [host.management], users: [user], addresses: [ATTACKER] },
    async changes() {
      const commands = sudoCommands(await host.run(['cat', SUDO_LOG]));
      const count = (test: RegExp) => commands.filter((command) => test.test(command)).length;
      return {
        block: count(new RegExp(`add element inet vigia_block blocked4 \\{ ${ATTACKER} `)),
        isolate: count(/add element inet vigia_isolation active/),
        expire: count(new RegExp(`chage -E 1 ${user}$`)),
        lock: count(new RegExp(`usermod -L ${user}$`)),
        'kill by real account': count(new RegExp(`pkill -KILL -U ${uid}$`)),
        'kill by effective account': count(new RegExp(`pkill -KILL -u ${uid}$`)),
      };
    },
    async left() {
      const shadow = (await host.run(['getent', 'shadow', user])).split(':');
      const processes = (await said(`ps -o stat= -U ${user} | grep -vc Z || true`)).trim();
      const left = {
        'the address is not blocked': !(await host.run(['nft', 'list', 'ruleset'])).includes(ATTACKER),
        'others still reach the host': await host.answers(host.other),
        'Vigia does not reach the host': !(await host.answers(host.management)),
        'the password is not locked': !shadow[1]?.startsWith('!'),
        'the account has not expired': shadow[7] !== '1',
        'processes run': processes !== '0',
      };
      return Object.entries(left).flatMap(([what, isLeft]) => (isLeft ? [what] : []));
    },
    async close() {
      await said(
        `nft delete table inet vigia_isolation 2>/dev/null; nft delete table inet vigia_block 2>/dev/null; userdel -r ${user} 2>/dev/null; true`,
      );
    },
  };
}

/** One entry each; sudo breaks long ones and indents what follows. */
const sudoCommands = (log: string): string[] =>
  log
    .replace(/\n\s+/g, ' ')
    .split('\n')
    .flatMap((line) => /COMMAND=(.*)$/.exec(line)?.[1]?.replace(/\\([{},])/g, '$1') ?? []);
