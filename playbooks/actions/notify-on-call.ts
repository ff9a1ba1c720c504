/** Calls the people of a chain one after the other until one of them answers; silence is never taken for an answer. */
import { randomUUID } from 'node:crypto';
import { errors } from '../../core/errors.ts';
import { caller, said } from '../action.ts';
import { line, words } from '../inputs.ts';
import { callPerson } from '../on-call/call.ts';
import type { OnCallPerson } from '../on-call/chain.ts';

interface Input {
  readonly chain: string;
  readonly title: string;
  readonly text: string;
  readonly incident?: string;
}

interface Before {
  readonly id: string;
  readonly people: readonly OnCallPerson[];
}

const MINUTE_MS = 60_000;

export const notifyOnCall = caller<Input, Before>({
  id: 'notify.on-call',
  title: 'Call whoever is on call until somebody answers',
  risk: 'read',
  input: {
    type: 'object',
    required: ['chain', 'title', 'text'],
    additionalProperties: false,
    properties: {
      chain: { ...line(64), description: 'Chain of policies/on-call.yml.', examples: ['soc'] },
      title: { ...line(200), description: 'What happened, on one line.' },
      text: { ...words(10_000), description: 'More about it, as plain text.' },
      incident: { ...line(256), description: 'Number of the incident; in a flow {{incident.number}}.' },
    },
  },
  async plan({ chain: id, title }, ctx) {
    const chain = ctx.onCall.find((one) => one.id === id);
    if (chain === undefined)
      throw errors.usage(
        `policies/on-call.yml has no chain ${said(id)}`,
        ctx.onCall.length > 0
          ? `it has: ${ctx.onCall.map((one) => one.id).join(', ')}`
          : 'add one there, with a second person',
      );
    for (const person of chain.people) {
      if (person.by === 'mail') ctx.mail(person.system).expectAllowed([person.to]);
      else ctx.webhook(person.system);
    }
    return {
      plan: {
        targets: chain.people.map((person) => ({
          system: person.system,
          identity: person.by === 'mail' ? person.to : ctx.webhook(person.system).server,
          name: person.who,
        })),
        changes: chain.people.map(
          ({ who, by, system, wait_minutes }, at) =>
            `+ ${at + 1}. ${said(who)} is called by ${by} (${said(system)}), and has ${wait_minutes} minutes to answer: ${title}`,
        ),
        stays: [
          'everything else; that a message was read is known only by an answer',
          'whoever comes after the first answer is not called',
        ],
        undo: 'impossible: a call cannot be taken back',
        proof: 'an answer: "vigia runs answer", the console, the API, or the answer of the webhook',
        bounds: { people: chain.people.length },
        observed: { people: chain.people.length },
      },
      subjects: [],
      before: { id: randomUUID(), people: chain.people },
    };
  },
  chain: {
    people: ({ people }) =>
      people.map(({ who, by, system, wait_minutes }) => ({
        who,
        by,
        system,
        waitMs: wait_minutes * MINUTE_MS,
      })),
    call: ({ input, before, number, answer }, ctx) =>
      callPerson(before.people[number]!, { ...input, id: `${before.id}-${number + 1}`, answer }, ctx),
  },
  undo: 'a call cannot be taken back',
});
