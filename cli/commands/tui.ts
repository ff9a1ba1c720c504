/** `vigia tui`: the terminal UI (also `vigia console`). */
import { errors } from '../../core/errors.ts';
import { type Command, command } from '../command.ts';

const options = [
  { flags: '--lang <lang>', summary: 'en or pt (default: VIGIA_LANG, then the locale)' },
  { flags: '--readonly', summary: 'bind no changing key' },
  { flags: '--ascii', summary: 'no symbols outside ASCII' },
];

const definition = (name: string): Command =>
  command({
    name,
    options,
    async run(_args, given, context) {
      if (!process.stdout.isTTY || !process.stdin.isTTY || process.env['TERM'] === 'dumb') {
        throw errors.usage(
          'the terminal UI needs a terminal',
          'the same work is done by "vigia incidents …" and "vigia runs …"',
        );
      }
      const api = await context.api();
      const { openConsole } = await import('../tui/start.ts');
      await openConsole({
        api,
        readonly: given['readonly'] === true,
        ascii: given['ascii'] === true,
        lang: given['lang'] === undefined ? undefined : String(given['lang']),
      });
      return {};
    },
  });

export const tui = definition('tui');
export const consoleCommand = definition('console');
