/** phishing-mailbox: a directory and a mail server, whose own logs count, and a record of Microsoft Graph, which counts its calls. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { containment } from '../containment.ts';
import { graphRecord, MESSAGE } from '../graph-record.ts';
import { mailSink } from '../mail-sink.ts';
import { passwordsSet } from '../target-logs.ts';
import { oncePerStart, type Story } from './story.ts';

export const phishingMailbox: Story = {
  flow: 'phishing-mailbox',
  needs: ['samba', 'postgres'],
  async open(beds, tag) {
    const [samba, postgres] = await Promise.all([beds.samba(), beds.postgres()]);
    const bed = await containment(samba, postgres, tag);
    const graph = await graphRecord(`${tag}@example.test`);
    const sink = await mailSink();
    return {
      targets: { directory: bed.targets.directory, ...graph.targets, mail: sink.settings },
      // A mail that may have been sent is not sent again: a person looks at the log of the server.
      wellEnough: { 'notify.mail': 'look at its log' },
      async scene(name) {
        const person = await bed.person(name);
        const { id, mailbox, user } = graph.person(`${name}@example.test`);
        const principal = `${name}@example.test`;
        const setBefore = passwordsSet(samba, person);
        const handedOver = () => readdirSync(bed.handover).filter((file) => file.includes(name));
        const letsIn = (password: string) =>
          bed.logon({ ...person, password }).then(
            (client) => client.unbind().then(() => true),
            () => false,
          );
        return {
          input: {
            message: MESSAGE,
            mailboxes: [principal],
            victims: [principal],
            notify: [`desk-${name}@example.test`],
          },
          async changes(started) {
            const of = (call: string) =>
              graph.calls.filter((each) => each.call.startsWith(`POST /users/${id}/${call}`)).length;
            const sent = sink.mails.filter(({ to }) => to.includes(`desk-${name}@example.test`)).length;
            // Each reset sets one that is thrown away first.
            const sets = Math.ceil((passwordsSet(samba, person) - setBefore) / 2);
            return {
              purge: oncePerStart(of('messages/'), started('entra.purge-message')),
              reset: oncePerStart(sets, started('directory.reset-password')),
              revoke: oncePerStart(of('revokeSignInSessions'), started('entra.revoke-sessions')),
              mail: oncePerStart(sent, started('notify.mail')),
            };
          },
          async left() {
            const secrets = handedOver().map((file) =>
              readFileSync(join(bed.handover, file), 'utf8').trimEnd(),
            );
            const works = await Promise.all(secrets.map(letsIn));
            const left = {
              'the message is in the mailbox': mailbox.size > 0,
              'the old password lets in': await letsIn(person.password),
              'no password that was left lets in': !works.includes(true),
              'the sessions count': user.signInSessionsValidFromDateTime === '2026-11-01T08:00:00Z',
            };
            return Object.entries(left).flatMap(([what, isLeft]) => (isLeft ? [what] : []));
          },
          // None of it can be taken back, and the run says so.
          state: async () => ({}),
        };
      },
      async close() {
        await sink.close();
        await graph.close();
        await bed.close();
      },
    };
  },
};
