/** `vigia tokens …`: access to the API. */
import type { Role, Token } from '../../core/documents.ts';
import { type Command, command, wholeNumber } from '../command.ts';
import { table } from '../print.ts';

const create = command({
  name: 'tokens create',
  summary: 'make a token; it is shown once',
  arguments: '<user>',
  options: [
    {
      flags: '--role <role>',
      summary: 'viewer, analyst, responder, approver, admin or auditor; repeat for more',
      many: true,
      required: true,
    },
    { flags: '--days <days>', summary: 'valid so long', default: '30' },
  ],
  async run([user], options, context) {
    const roles = options['role'] as Role[];
    const made = await (await context.api()).post<{ token: string; expires: string }>('/api/v1/tokens', {
      user,
      roles,
      days: wholeNumber(options, 'days', 1),
    });
    return { data: made, text: made.token };
  },
});

const list = command({
  name: 'tokens list',
  summary: 'tokens, without their secrets',
  async run(_args, _options, context) {
    const { tokens } = await (await context.api()).get<{ tokens: Token[] }>('/api/v1/tokens');
    const rows = tokens.map((one) => [
      one.id,
      one.user,
      one.roles.join(','),
      one.revoked ? 'revoked' : one.expires.slice(0, 10),
    ]);
    return { data: { tokens }, text: table(['ID', 'USER', 'ROLES', 'UNTIL'], rows) };
  },
});

const revoke = command({
  name: 'tokens revoke',
  summary: 'end a token at once',
  arguments: '<id>',
  async run([id], _options, context) {
    await (await context.api()).delete(`/api/v1/tokens/${encodeURIComponent(id!)}`);
    return { data: { revoked: id }, text: `${id} is revoked.` };
  },
});

export const tokenCommands: readonly Command[] = [create, list, revoke];
