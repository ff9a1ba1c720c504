/** `vigia access list`: who has what until when, and what waits for somebody. */
import type { Access } from '../../../core/documents.ts';
import { command } from '../../command.ts';
import { everyOne } from '../../every-page.ts';
import { table } from '../../print.ts';
import { minutes, stateOf } from './describe.ts';

export const list = command({
  name: 'access list',
  summary: 'privileged access, newest first: waiting, active, to review',
  options: [
    { flags: '--state <state>', summary: 'waiting, active, ending, ended, failed, …' },
    { flags: '--who <person>', summary: 'of one person' },
    { flags: '--system <target>', summary: 'on one target' },
  ],
  async run(_args, options, context) {
    const query = new URLSearchParams();
    for (const name of ['state', 'who', 'system'])
      if (options[name] !== undefined) query.set(name, String(options[name]));
    const access = await everyOne<Access>(await context.api(), '/api/v1/access', 'access', query);
    const rows = access.map((one) => [
      one.id,
      stateOf(one),
      one.who,
      one.system,
      one.role,
      one.given?.to.slice(0, 16) ?? minutes(one.minutes),
      one.why,
    ]);
    return {
      data: { access },
      text:
        access.length === 0
          ? 'No access was asked for.'
          : table(['ACCESS', 'STATE', 'WHO', 'SYSTEM', 'ROLE', 'UNTIL (UTC)', 'WHY'], rows),
    };
  },
});
