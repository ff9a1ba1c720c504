/** Tells another system what happened, by a signed HTTP call. The receiver must answer 2xx and take a repeated id once. */
import { randomUUID } from 'node:crypto';
import { action, said } from '../action.ts';
import { line, system, words } from '../inputs.ts';

interface Input {
  readonly system: string;
  readonly title: string;
  readonly text: string;
  readonly incident?: string;
}

export const notifyWebhook = action<Input, { id: string }, { status: number }>({
  id: 'notify.webhook',
  title: 'Call a webhook',
  risk: 'read',
  input: {
    type: 'object',
    required: ['title', 'text'],
    additionalProperties: false,
    properties: {
      system: system('webhook'),
      title: { ...line(200), description: 'What happened, on one line.' },
      text: { ...words(10_000), description: 'More about it, as plain text.' },
      incident: { ...line(256), description: 'Number of the incident; in a flow {{incident.number}}.' },
    },
  },
  async plan(input, ctx) {
    const { server } = ctx.webhook(input.system);
    return {
      plan: {
        targets: [{ system: input.system, identity: server, name: input.system }],
        changes: [`+ a signed message to ${said(server)}: ${input.title}`],
        stays: ['everything else; what the receiver does with it is its own'],
        undo: 'impossible: a message cannot be taken back',
        proof: 'the answer of the receiver; it cannot be asked later',
        bounds: {},
        observed: {},
      },
      subjects: [],
      before: { id: randomUUID() },
    };
  },
  async act({ input: { system: where, title, text, incident }, before: { id } }, ctx) {
    const at = ctx.now();
    const body = JSON.stringify({ id, at: new Date(at).toISOString(), title, text, incident });
    const { status } = await ctx.webhook(where).send(id, Math.floor(at / 1_000), body);
    return { status };
  },
  async verify({ receipt, before }) {
    return receipt === undefined
      ? { outcome: 'unknown', detail: `whether the receiver took message ${before.id} is not known; ask it` }
      : { outcome: 'proven', detail: `the receiver answered ${receipt.status} to message ${before.id}` };
  },
  undo: 'a message cannot be taken back',
});
