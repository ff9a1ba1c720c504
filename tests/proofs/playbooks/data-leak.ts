/** data-leak: a host, a directory, a database and a mail server, whose own logs count; evidence is counted by its hashes. */
import { containment } from '../containment.ts';
import { mailSink } from '../mail-sink.ts';
import { databaseChanges, directoryChanges } from '../target-logs.ts';
import { oncePerStart, type Story } from './story.ts';
import { BLOCK_OF, blockedOn, letIn, sudoCommands } from './sudo-log.ts';

const AWAY = '203.0.113.80';

export const dataLeak: Story = {
  flow: 'data-leak',
  needs: ['samba', 'postgres', 'host'],
  short: { kill: 47, stop: 53 },
  async open(beds, tag) {
    const [samba, postgres, host] = await Promise.all([beds.samba(), beds.postgres(), beds.host()]);
    const bed = await containment(samba, postgres, tag);
    const sink = await mailSink();
    return {
      targets: { ...bed.targets, web1: host.settings, mail: sink.settings },
      // A mail that may have been sent is not sent again: a person looks at the log of the server.
      wellEnough: { 'notify.mail': 'look at its log' },
      async scene(name) {
        const person = await bed.person(name);
        const session = await bed.session(person);
        const commands = await sudoCommands(host);
        const officer = `${name}@example.test`;
        const isOpen = async () => ({
          directory: await bed.logon(person).then(
            (client) => client.unbind().then(() => true),
            () => false,
          ),
          database: await bed.session(person).then(
            ({ client }) => client.end().then(() => true),
            () => false,
          ),
        });
        return {
          input: { host: 'web1', addresses: [AWAY], account: name, role: name, notify: [officer] },
          incident: `leak-${name}`,
          async changes(started) {
            await session.ended;
            const { 'userAccountControl |= 2': disabled } = directoryChanges(samba, person);
            const { 'ALTER ROLE': locked, terminate } = databaseChanges(postgres, person);
            const sent = sink.mails.filter(({ to }) => to.includes(officer)).length;
            return {
              block: await commands.count(BLOCK_OF(AWAY)),
              disabled: disabled!,
              locked: locked!,
              terminate: terminate!,
              mail: oncePerStart(sent, started('notify.mail')),
            };
          },
          async left() {
            const open = await isOpen();
            const left = {
              'the way out is open': !(await blockedOn(host)).includes(AWAY),
              'the account is enabled': open.directory,
              'the role lets in': open.database,
            };
            return Object.entries(left).flatMap(([what, isLeft]) => (isLeft ? [what] : []));
          },
          state: async () => ({ ...(await isOpen()), blocked: (await blockedOn(host)).includes(AWAY) }),
          close: () => letIn(host),
        };
      },
      async close() {
        await sink.close();
        await bed.close();
      },
    };
  },
};
