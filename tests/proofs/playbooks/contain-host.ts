/** contain-host on a real Linux host: sudo's own log on the host counts what was done there. */
import type { HostTools } from '../../testbed/host-tools.ts';
import type { Scene, Story } from './story.ts';
import { BLOCK_OF, blockedOn, letIn, sudoCommands } from './sudo-log.ts';

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
  const commands = await sudoCommands(host);
  const shadowed = async () => (await host.run(['getent', 'shadow', user])).trimEnd();
  return {
    input: { host: 'web1', keep: [host.management], users: [user], addresses: [ATTACKER] },
    async changes() {
      return {
        block: await commands.count(BLOCK_OF(ATTACKER)),
        isolate: await commands.count(/add element inet vigia_isolation active/),
        expire: await commands.count(new RegExp(`chage -E 1 ${user}$`)),
        lock: await commands.count(new RegExp(`usermod -L ${user}$`)),
        'kill by real account': await commands.count(new RegExp(`pkill -KILL -U ${uid}$`)),
        'kill by effective account': await commands.count(new RegExp(`pkill -KILL -u ${uid}$`)),
      };
    },
    async left() {
      const shadow = (await shadowed()).split(':');
      const processes = (await said(`ps -o stat= -U ${user} | grep -vc Z || true`)).trim();
      const left = {
        'the address is not blocked': !(await blockedOn(host)).includes(ATTACKER),
        'others still reach the host': await host.answers(host.other),
        'Vigia does not reach the host': !(await host.answers(host.management)),
        'the password is not locked': !shadow[1]?.startsWith('!'),
        'the account has not expired': shadow[7] !== '1',
        'processes run': processes !== '0',
      };
      return Object.entries(left).flatMap(([what, isLeft]) => (isLeft ? [what] : []));
    },
    async state() {
      return {
        'what the host shuts out': (await blockedOn(host)).includes(ATTACKER),
        'who reaches the host': await host.answers(host.other),
        'the entry of the account': await shadowed(),
      };
    },
    async close() {
      await letIn(host);
      await said(`userdel -r ${user} 2>/dev/null; true`);
    },
  };
}
