/** `vigia ingest COLLECTOR INPUT…`: a one-off import through the normal pipeline. */
import { errors } from '../../core/errors.ts';
import { command } from '../command.ts';

export const ingest = command({
  name: 'ingest',
  summary: 'import files once: read, normalise, store, detect, raise incidents',
  arguments: '<collector> <input...>',
  options: [
    { flags: '--source <id>', summary: 'id of the source; the collector and file name when left out' },
    { flags: '--host <host>', summary: 'host the records come from, where they do not say' },
    { flags: '--zone <minutes>', summary: 'zone of times that name none, in minutes east of UTC' },
    { flags: '--anchor <time>', summary: 'time near which records without a year lie (ISO)' },
  ],
  example: 'vigia ingest linux-syslog /var/log/auth.log --host web1',
  async run([collector, ...inputs], options, context) {
    const [{ readSettings }, { compose }, { importOnce }] = await Promise.all([
      import('../../server/settings.ts'),
      import('../../server/compose.ts'),
      import('../../server/import-once.ts'),
    ]);
    const settings = readSettings(context.settingsFile);
    const zone = options['zone'] === undefined ? undefined : Number(options['zone']);
    if (zone !== undefined && !Number.isInteger(zone))
      throw errors.usage(`--zone ${String(options['zone'])} is no number of minutes`);
    const parts = await compose(settings);
    try {
      const summary = await importOnce(
        parts,
        [
          {
            id: (options['source'] as string | undefined) ?? collector!,
            collector: collector!,
            files: inputs,
            ...(options['host'] ? { host: String(options['host']) } : {}),
            ...(options['anchor'] ? { anchor: String(options['anchor']) } : {}),
            ...(zone === undefined ? {} : { zoneMinutes: zone }),
          },
        ],
        { signal: context.signal, progress: context.json ? () => undefined : context.note },
      );
      const { events, deadLetters, alerts, incidents } = summary;
      const text = `${events.read} records: ${events.stored} stored, ${events.duplicate} duplicate, ${deadLetters} dead-lettered; ${alerts} alerts; ${incidents.new} new incidents of ${incidents.total}.`;
      return { data: summary, text };
    } finally {
      await parts.settled();
      await parts.close();
    }
  },
});
