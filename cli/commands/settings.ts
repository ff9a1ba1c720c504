/** `vigia settings check`: all mistakes of the settings file at once. */
import { command } from '../command.ts';

export const settingsCheck = command({
  name: 'settings check',
  summary: 'check the settings file; all mistakes at once, with lines',
  async run(_args, _options, context) {
    const { readSettings } = await import('../../server/settings.ts');
    const settings = readSettings(context.settingsFile);
    return {
      data: { ok: true, sources: settings.sources.length },
      text: `The settings are good: ${settings.sources.length} sources, store ${settings.store.kind}.`,
    };
  },
});
