/** Takes one mail out of a mailbox for good, found by the id that its header bears, so that nobody opens it any more. */
import { type Http, pathOf } from '../../targets/http.ts';
import { action, said } from '../action.ts';
import { type EntraInput, entraInput, entraSubject, entraTarget, findUser, UNTRIED } from '../entra.ts';

interface Input extends EntraInput {
  readonly message: string;
}

interface Before {
  readonly id: string;
  readonly messages: readonly string[];
}

export const entraPurgeMessage = action<Input, Before, { purged: number }>({
  id: 'entra.purge-message',
  title: 'Purge a message from a mailbox',
  untried: UNTRIED,
  risk: 'destructive',
  input: {
    ...entraInput,
    required: ['user', 'message'],
    properties: {
      ...entraInput.properties,
      message: {
        type: 'string',
        maxLength: 998,
        pattern: '^<[^\\s<>]+>$',
        description: 'Message-ID of its header, with the angle brackets.',
        examples: ['<invoice-1@mail.example.test>'],
      },
    },
  },
  plan: (input, ctx) =>
    ctx.http(input.system, async (http) => {
      const user = await findUser(http, input.user);
      const messages = await find(http, user.id, input.message);
      return {
        plan: {
          targets: [
            entraTarget(input.system, user),
            ...messages.map(({ id, subject }) => ({ system: input.system, identity: id, name: subject })),
          ],
          changes: messages.map(
            ({ subject }) =>
              `- message ${said(subject)} is purged from the mailbox of ${said(user.userPrincipalName)}`,
          ),
          stays: [
            'copies that were forwarded, downloaded or are in other mailboxes; whatever was opened or answered',
            ...(messages.length === 0 ? ['the mailbox holds no such message'] : []),
          ],
          undo: 'impossible for Vigia: administrators of the mail system recover it while retention or a hold keeps it',
          proof: 'looks for the message again',
          bounds: { messages: messages.length },
          observed: { messages: messages.length },
        },
        subjects: [entraSubject(input.system, user)],
        before: { id: user.id, messages: messages.map(({ id }) => id) },
      };
    }),
  act: ({ input, before: { id, messages } }, ctx) =>
    ctx.http(input.system, async (http) => {
      for (const message of messages)
        await http.change('purging a message', {
          method: 'POST',
          path: pathOf`/users/${id}/messages/${message}/permanentDelete`,
          // Somebody else may have deleted it since.
          statuses: [200, 204, 404],
        });
      return { purged: messages.length };
    }),
  verify: ({ input, before: { id, messages } }, ctx) =>
    ctx.http(input.system, async (http) => {
      const left = await find(http, id, input.message);
      return left.length === 0
        ? {
            outcome: 'proven',
            detail:
              messages.length === 0 ? 'the mailbox held no such message' : 'the mailbox no longer holds it',
          }
        : { outcome: 'not-proven', detail: `the mailbox still holds ${left.length} of it; plan a new run` };
    }),
  undo: 'administrators of the mail system recover it while retention or a hold keeps it',
});

async function find(http: Http, user: string, message: string): Promise<{ id: string; subject: string }[]> {
  const filter = encodeURIComponent(`internetMessageId eq '${message.replaceAll("'", "''")}'`);
  const { json } = await http.read('looking for the message', {
    method: 'GET',
    path: `${pathOf`/users/${user}/messages`}?$filter=${filter}&$select=id,subject`,
  });
  // The fields are those that we asked for.
  return [...((json as { value?: { id: string; subject: string }[] } | undefined)?.value ?? [])];
}
