/** Sends one mail to people of the allowed domains. A server that took it cannot be asked whether anybody read it. */
import { randomUUID } from 'node:crypto';
import { action } from '../action.ts';
import { line, system, words } from '../inputs.ts';

interface Input {
  readonly system: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

export const notifyMail = action<Input, { id: string }, { said: string }>({
  id: 'notify.mail',
  title: 'Send a mail',
  risk: 'read',
  input: {
    type: 'object',
    required: ['to', 'subject', 'text'],
    additionalProperties: false,
    properties: {
      system: system('mail'),
      to: {
        type: 'array',
        minItems: 1,
        maxItems: 50,
        items: { type: 'string', maxLength: 254, pattern: '^[^@\\s<>",;]+@[^@\\s<>",;]+$' },
        description: 'Addresses, of domains that the settings of the target allow.',
        examples: [['on-call@example.test']],
      },
      subject: { ...line(200), description: 'Subject, on one line.' },
      text: { ...words(10_000), description: 'What it says, as plain text.' },
    },
  },
  async plan(input, ctx) {
    const mail = ctx.mail(input.system);
    mail.expectAllowed(input.to);
    return {
      plan: {
        targets: input.to.map((address) => ({ system: input.system, identity: address, name: address })),
        changes: [`+ a mail to ${input.to.join(', ')}: ${input.subject}`],
        stays: ['everything else; whether it was read is not known'],
        undo: 'impossible: a mail cannot be taken back',
        proof: 'the answer of the mail server; it cannot be asked later',
        bounds: { recipients: input.to.length },
        observed: { recipients: input.to.length },
      },
      subjects: [],
      before: { id: randomUUID() },
    };
  },
  act: async ({ input: { system: where, to, subject, text }, before: { id } }, ctx) => ({
    said: await ctx.mail(where).send({ id, to, subject, text }),
  }),
  async verify({ receipt, before }) {
    return receipt === undefined
      ? {
          outcome: 'unknown',
          detail: `whether the server took message ${before.id} is not known; look at its log`,
        }
      : { outcome: 'proven', detail: `the server took message ${before.id}: ${receipt.said.slice(0, 200)}` };
  },
  undo: 'a mail cannot be taken back',
});
