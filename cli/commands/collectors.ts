/** `vigia collectors …`: what reads sources, and how a sample comes out. */
import { buffer } from 'node:stream/consumers';
import { errors } from '../../core/errors.ts';
import { jsonLine } from '../../core/visible.ts';
import { type Command, command } from '../command.ts';
import { table } from '../print.ts';

const list = command({
  name: 'collectors list',
  summary: 'collectors, what they read, what they guarantee',
  async run() {
    const { collectors } = await import('../../collectors/index.ts');
    const shown = collectors.map(({ id, title, summary, guarantee, datasets }) => ({
      id,
      title,
      summary,
      guarantee,
      datasets,
    }));
    return {
      data: { collectors: shown },
      text: table(
        ['COLLECTOR', 'DATASETS', 'READS'],
        shown.map((one) => [one.id, one.datasets.join(' '), one.summary]),
      ),
    };
  },
});

const test = command({
  name: 'collectors test',
  summary: 'show the events that lines on stdin become; stores nothing',
  arguments: '<collector>',
  options: [
    { flags: '--anchor <time>', summary: 'time near which records without a year lie (ISO)' },
    { flags: '--description <name>', summary: 'for collector described: one that ships, or a file' },
  ],
  example: 'vigia collectors test linux-syslog < /var/log/auth.log',
  async run([id], options, context) {
    const [{ findCollector }, { collectorWith }, { lineCutter }] = await Promise.all([
      import('../../server/sources.ts'),
      import('../../server/described-source.ts'),
      import('../../collectors/reading/lines.ts'),
    ]);
    const { description } = options;
    const collector = collectorWith(
      findCollector(id!),
      description === undefined ? undefined : String(description),
    );
    const input = await buffer(process.stdin);
    const { framing } = collector;
    const cutter = lineCutter(0, collector.maxBytes ?? 1_048_576, framing.kind === 'lines' ? framing : {});
    const records =
      framing.kind === 'file' ? [...framing.records(input)] : [...cutter.push(input), ...cutter.end()];
    let refused = 0;
    for (const record of records) {
      const anchor = String(options['anchor'] ?? new Date().toISOString());
      const made = record.broken
        ? { reject: record.broken }
        : collector.normalise(record.raw, { source: 'test', anchor, zoneMinutes: 0 });
      if ('reject' in made) refused += 1;
      context.print(
        jsonLine('reject' in made ? { position: record.position, reject: made.reject } : made.event),
      );
    }
    context.note(`${records.length} records, ${refused} refused`);
    return { exitCode: refused > 0 ? 1 : 0 };
  },
});

const check = command({
  name: 'collectors check',
  summary: 'check descriptions (collector described): all mistakes, then their samples; stores nothing',
  arguments: '<description...>',
  example: 'vigia collectors check my-firewall.yml',
  async run(files, _options, context) {
    const [{ readFile }, { readDescription }, { describedAs }, { runSamples }] = await Promise.all([
      import('node:fs/promises'),
      import('../../collectors/described/read.ts'),
      import('../../collectors/described.ts'),
      import('../../collectors/described/samples.ts'),
    ]);
    const read = await Promise.all(
      files.map(async (path) => {
        const text = await readFile(path, 'utf8').catch((cause: Error) => {
          throw errors.usage(`${path} cannot be read: ${cause.message}`);
        });
        return { path, ...readDescription(text, path) };
      }),
    );
    const problems = read.flatMap((one) => one.problems);
    if (problems.length > 0) throw errors.invalid('descriptions', problems);
    const results = read.flatMap(({ path, description }) =>
      description === undefined
        ? []
        : runSamples(description, describedAs(description)).map((result) => ({ path, ...result })),
    );
    const failed = results.filter(({ passed }) => !passed);
    for (const { path, sample, differences } of failed)
      for (const difference of differences) context.note(`${path}: sample ${sample}: ${difference}`);
    return {
      data: { samples: results.length, failed },
      text: `${results.length} samples, ${failed.length} failed`,
      exitCode: failed.length > 0 ? 1 : 0,
    };
  },
});

const forget = command({
  name: 'collectors forget',
  summary: 'delete checkpoints, so that sources are read again from the start (what is stored stays stored)',
  arguments: '[source...]',
  async run(sources, _options, context) {
    const [{ readSettings }, { compose }, { everyDocument }, { localIdentity }] = await Promise.all([
      import('../../server/settings.ts'),
      import('../../server/compose.ts'),
      import('../../core/find-all.ts'),
      import('../../server/local-identity.ts'),
    ]);
    const parts = await compose(readSettings(context.settingsFile));
    try {
      const { documents } = parts.store;
      const found = new Map<string, string>();
      for await (const { id, version } of everyDocument(documents, 'checkpoint', { sort: ['source'] }))
        found.set(id, version);
      const unknown = sources.filter((id) => !found.has(id));
      if (unknown.length > 0)
        throw errors.usage(
          `no checkpoint of ${unknown.join(', ')}`,
          `there are: ${[...found.keys()].join(', ') || 'none'}`,
        );
      const chosen = sources.length > 0 ? sources : [...found.keys()];
      const who = localIdentity().user;
      await parts.audit.record({
        who,
        action: 'collectors.forget',
        target: 'checkpoints',
        details: { sources: chosen },
      });
      for (const id of chosen) await documents.delete('checkpoint', id, found.get(id)!);
      return { data: { forgotten: chosen }, text: `${chosen.length} checkpoints deleted.` };
    } finally {
      await parts.close();
    }
  },
});

export const collectorCommands: readonly Command[] = [list, test, check, forget];
