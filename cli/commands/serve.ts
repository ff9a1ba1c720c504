/** `vigia serve`: the service. */
import { errors } from '../../core/errors.ts';
import { command } from '../command.ts';

const ROLES = ['collect', 'detect', 'respond', 'api'] as const;

export const serve = command({
  name: 'serve',
  options: [
    { flags: '--roles <roles>', summary: 'comma-separated parts of the work', default: ROLES.join(',') },
  ],
  example: 'vigia serve --config vigia.yml --roles collect,detect',
  async run(_args, options, context) {
    const asked = String(options['roles']).split(',').filter(Boolean);
    const unknown = asked.filter((role) => !ROLES.some((known) => known === role));
    if (unknown.length > 0) throw errors.usage(`no role ${unknown.join(', ')}`, `one of ${ROLES.join(', ')}`);
    const [{ readSettings }, { serve: start }] = await Promise.all([
      import('../../server/settings.ts'),
      import('../../server/serve.ts'),
    ]);
    await start(readSettings(context.settingsFile), {
      roles: ROLES.filter((role) => asked.includes(role)),
      signal: context.signal,
      ready: (address) =>
        context.print(
          context.json
            ? JSON.stringify({ ready: true, address })
            : `vigia serves${address ? ` on ${address}` : ''}`,
        ),
    });
    return {};
  },
});
