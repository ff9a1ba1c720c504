/** `vigia access list`: who has what until when, and what waits for somebody. */
import type { Access } from '../../../core/documents.ts';
import { command } from '../../command.ts';
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
    const api = await context.api();
    const access: Access[] = [];
    let next: string | undefined;
    do {
      if (next) query.set('after', next);
      const page = await api.get<{ access: Access[]; next?: string }>(`/api/v1/access?${query}`);
      access.push(...page.access);
      next = page.next;
    } while (next);
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
