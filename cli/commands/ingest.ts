/** `vigia ingest COLLECTOR INPUT…`: a one-off import through the normal pipeline. */
import { basename, resolve } from 'node:path';
import { errors, VigiaError } from '../../core/errors.ts';
import { command, wholeNumber } from '../command.ts';

/** The most frequent reasons are told; the command that is named shows all. */
const REASONS = 10;

export const ingest = command({
  name: 'ingest',
  arguments: '<collector> <input...>',
  options: [
    {
      flags: '--source <id>',
      summary: 'id of the source; made from collector and path when left out, so that a file is known again',
    },
    { flags: '--host <host>', summary: 'host the records come from, where they do not say' },
    { flags: '--zone <minutes>', summary: 'zone of times that name none, in minutes east of UTC' },
    { flags: '--description <name>', summary: 'for collector described: one that ships, or a file' },
    { flags: '--anchor <time>', summary: 'time near which records without a year lie (ISO)' },
  ],
  example: 'vigia ingest linux-syslog /var/log/auth.log --host web1',
  async run([collector, ...inputs], options, context) {
    const [
      { readSettings },
      { compose },
      { checkReadable, importOnce },
      { findCollector },
      { localIdentity },
      { sha256 },
    ] = await Promise.all([
      import('../../server/settings.ts'),
      import('../../server/compose.ts'),
      import('../../server/import-once.ts'),
      import('../../server/sources.ts'),
      import('../../server/local-identity.ts'),
      import('../../core/ids.ts'),
    ]);
    const settings = readSettings(context.settingsFile);
    const { host, anchor, description } = options;
    if (anchor !== undefined && Number.isNaN(Date.parse(String(anchor))))
      throw errors.usage(`--anchor ${String(anchor)} is no time`, 'write 2026-11-21T00:00:00Z');
    const shared = {
      collector: findCollector(collector!).id,
      ...(host === undefined ? {} : { host: String(host) }),
      ...(description === undefined ? {} : { description: String(description) }),
      ...(anchor === undefined ? {} : { anchor: String(anchor) }),
      ...(options['zone'] === undefined ? {} : { zoneMinutes: wholeNumber(options, 'zone', -840) }),
    };
    const sources = options['source']
      ? [{ ...shared, id: String(options['source']), files: inputs }]
      : inputs.map((input) => ({
          ...shared,
          id: idOf(shared.collector, input, sha256(resolve(input))),
          files: [input],
        }));
    await checkReadable(sources);
    const parts = await compose(settings).catch((cause: unknown) => {
      if (!(cause instanceof VigiaError) || cause.code !== 'locked') throw cause;
      throw errors.refused(
        cause.message,
        'stop "vigia serve", or let it read the files: add them to "sources"',
      );
    });
    try {
      await parts.audit.record({
        who: localIdentity().user,
        action: 'ingest',
        target: shared.collector,
        details: { sources: sources.map(({ id }) => id), inputs: inputs.length },
      });
      const summary = await importOnce(parts, sources, { signal: context.signal, progress: context.note });
      const { events, deadLetters, alerts, incidents } = summary;
      const text = `${events.read} records: ${events.stored} stored, ${events.duplicate} duplicate, ${deadLetters} dead-lettered; ${alerts} alerts; ${incidents.new} new incidents of ${incidents.total}.`;
      const reasons = Object.entries(summary.reasons).sort(([, a], [, b]) => b - a);
      for (const [reason, count] of reasons.slice(0, REASONS))
        context.note(`${count} dead letters: ${reason}`);
      if (deadLetters > 0) context.note('"vigia dead-letters list" shows what could not be read, and why');
      if (context.signal.aborted) context.note('interrupted; the same command goes on where it stopped');
      return { data: summary, text, exitCode: context.signal.aborted ? 1 : 0 };
    } finally {
      await parts.settled();
      await parts.close();
    }
  },
});

/** The same file is the same source next time; another file of that name elsewhere is another. */
const idOf = (collector: string, path: string, place: string): string =>
  `${collector}/${basename(path)}-${place.slice(0, 8)}`;
