/** `vigia access approve|refuse|end|revoke|review`: what people decide about an access. */
import type { Access } from '../../../core/documents.ts';
import { errors } from '../../../core/errors.ts';
import { type Command, type Context, command } from '../../command.ts';
import { describe, stateOf } from './describe.ts';

const pathOf = (id: string) => `/api/v1/access/${encodeURIComponent(id)}`;

async function send(context: Context, id: string, kind: string, body: object) {
  const answer = await (await context.api()).post<{ access: Access }>(`${pathOf(id)}/${kind}`, body);
  return { data: answer, text: describe(answer.access) };
}

export const approve = command({
  name: 'access approve',
  summary: 'approve exactly the plan that "access show" shows; the last approval gives it',
  arguments: '<access>',
  options: [
    {
      flags: '--plan <hash>',
      summary: 'hash of the plan you read (at least its first 8 characters)',
      required: true,
    },
  ],
  example: 'vigia access approve ACC-2026-000017 --plan 3f2a90bc',
  async run([id], options, context) {
    const { access } = await (await context.api()).get<{ access: Access }>(pathOf(id!));
    const given = String(options['plan']);
    if (given.length < 8 || !access.planHash.startsWith(given))
      throw errors.usage(
        `the plan of ${access.id} has another hash: ${access.planHash}`,
        `read it with "vigia access show ${access.id}"`,
      );
    return await send(context, access.id, 'approve', { planHash: access.planHash });
  },
});

const why = { flags: '--reason <text>', summary: 'why; kept in the journal', required: true } as const;

export const refuse = command({
  name: 'access refuse',
  summary: 'refuse to approve',
  arguments: '<access>',
  options: [why],
  run: ([id], options, context) => send(context, id!, 'refuse', { reason: options['reason'] }),
});

/** Problems found when the target still has it. */
export const takeBack = (kind: 'end' | 'revoke', summary: string): Command =>
  command({
    name: `access ${kind}`,
    summary,
    arguments: '<access>',
    options: [why],
    async run([id], options, context) {
      const sent = await send(context, id!, 'end', { reason: options['reason'] });
      const { state } = sent.data.access;
      if (state === 'ended' || state === 'withdrawn' || state === 'failed') return sent;
      context.note(`${id} is ${stateOf(sent.data.access)}: Vigia goes on trying`);
      return { ...sent, exitCode: 1 };
    },
  });

export const review = command({
  name: 'access review',
  summary: 'say whether what was done with it is in order',
  arguments: '<access>',
  options: [
    { flags: '--verdict <verdict>', summary: 'in-order or misused', required: true },
    { flags: '--text <text>', summary: 'what you looked at and found', required: true },
  ],
  run: ([id], options, context) =>
    send(context, id!, 'review', { verdict: options['verdict'], text: options['text'] }),
});
