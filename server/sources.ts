/** Settings of sources → the streams that `collectors/run.ts` reads: one per file, per listening spool, per trail that is asked for. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import type { Collector, Framing } from '../collectors/collector.ts';
import { collectors } from '../collectors/index.ts';
import { auditReader } from '../collectors/reading/audit.ts';
import { doneInMemory, doneOnDisk } from '../collectors/reading/done-files.ts';
import { fileReader } from '../collectors/reading/file.ts';
import type { Growing } from '../collectors/reading/generation.ts';
import { onceReader } from '../collectors/reading/once.ts';
import type { Reader } from '../collectors/reading/reader.ts';
import { spoolReader } from '../collectors/reading/spool-reader.ts';
import { isPacked } from '../collectors/reading/unpacked.ts';
import { wholeFileReader } from '../collectors/reading/whole.ts';
import type { Origin, Source } from '../collectors/run.ts';
import { errors } from '../core/errors.ts';
import type { Pseudonym } from '../core/personal-data.ts';
import type { Store } from '../core/store.ts';
import type { TargetsSettings } from '../targets/settings.ts';
import { collectorWith } from './described-source.ts';
import { pollerOf, trailReader } from './polled-sources.ts';
import { questionsOf } from './prometheus-source.ts';
import type { SourceSettings } from './settings.ts';

export function findCollector(id: string): Collector {
  const found = collectors.find((one) => one.id === id);
  if (!found)
    throw errors.usage(
      `no collector ${JSON.stringify(id)}`,
      `one of ${collectors.map((one) => one.id).join(', ')}`,
    );
  return found;
}

export function readerOf({ framing }: Collector, path: string): Reader {
  if (framing.kind === 'file') return wholeFileReader(path, framing);
  const growing = growingOf(framing);
  if (!isPacked(path)) return fileReader(path, growing);
  return onceReader(async () => [{ name: basename(path), path }], growing, doneInMemory);
}

/** Rows or entries that were exported are one JSON object a line; a stream that was written to a file is lines too. */
const growingOf = (framing: Framing): Growing =>
  framing.kind === 'lines' || framing.kind === 'records' ? framing : { kind: 'lines' };

/** Every file of a folder once, in name order; names that begin with a dot or end in .part or .tmp are still being written. */
function objectsReader({ framing }: Collector, id: string, folder: string, state: string): Reader {
  const list = async () =>
    (await filesIn(folder))
      .map((path) => ({ name: relative(folder, path), path }))
      .filter(({ name }) => !/(?:^|\/)\.|\.(?:part|tmp)$/.test(name));
  const isThere = (name: string) =>
    stat(join(folder, name)).then(
      () => true,
      () => false,
    );
  const done = join(state, 'read', `${safeName(id)}.done`);
  return onceReader(list, growingOf(framing), (isAgain) => doneOnDisk(done, isThere, isAgain));
}

/** The spool of a listening source. */
export const spoolFolder = (state: string, source: string): string => join(state, 'spool', safeName(source));
const safeName = (source: string) => source.replace(/[^\w.-]/g, '_');

/** One file of a source with the name that tells its stream from the others. */
interface NamedFile {
  id: string;
  path: string;
}

/**
 * A path stands for itself, or for what lies in it when it is a folder, in name order. Names never depend on which other
 * files lie there at the moment: ids of events are made from them. A file not there yet is waited for.
 */
async function filesOf(id: string, path: string): Promise<NamedFile[]> {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isDirectory()) return [{ id, path }];
  // What rotation compressed was read before, under its first name; `objects` reads folders of compressed files.
  const files = (await filesIn(path)).filter((file) => !isPacked(file));
  return files.map((file) => ({ id: `${id}/${relative(path, file)}`, path: file }));
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** What sources may need of the process that reads them. */
export interface Given {
  readonly settings: { readonly targets: TargetsSettings };
  readonly pseudonym?: Pseudonym | undefined;
  /** Holds Vigia's own audit trail. */
  readonly store?: Pick<Store, 'documents'>;
}

/** What all streams of a source have in common. */
export function originOf(settings: SourceSettings, { pseudonym }: Pick<Given, 'pseudonym'>): Origin {
  return {
    id: settings.id,
    collector: collectorWith(findCollector(settings.collector), settings.description),
    ...(settings.zoneMinutes === undefined ? {} : { zoneMinutes: settings.zoneMinutes }),
    ...(settings.anchor === undefined ? {} : { anchor: settings.anchor }),
    ...(settings.host === undefined ? {} : { host: settings.host }),
    ...(settings.encoding === undefined ? {} : { encoding: settings.encoding }),
    ...(pseudonym === undefined ? {} : { pseudonym }),
  };
}

/**
 * One listed file keeps the id of its source; several become `id/file name`, those of a folder `id/path in the folder`. Partitions
 * of topics are not among them: which are this process's, Kafka says (`roles/collect-topics.ts`).
 */
export async function sourcesOf(
  settings: SourceSettings,
  state: string,
  given: Given = { settings: { targets: {} } },
): Promise<Source[]> {
  const shared = originOf(settings, given);
  const { collector } = shared;
  const { store } = given;
  if (settings.target !== undefined)
    return [{ ...shared, id: settings.id, reader: trailReader(collector, settings, given.settings.targets) }];
  if (collector.framing.kind === 'own' && settings.files === undefined && store !== undefined)
    return [{ ...shared, id: settings.id, reader: auditReader(store.documents) }];
  const listed = settings.files ?? [];
  const names = namesOf(settings.id, listed);
  const found = (await Promise.all(listed.map((path, at) => filesOf(names[at]!, path)))).flat();
  const files = found.map(({ id, path }) => ({ ...shared, id, reader: readerOf(collector, path) }));
  const more = [
    ...(settings.listen ? [{ name: 'spool', reader: spoolReader(spoolFolder(state, settings.id)) }] : []),
    ...(settings.objects
      ? [{ name: 'objects', reader: objectsReader(collector, settings.id, settings.objects, state) }]
      : []),
    ...(settings.prometheus ? [{ name: 'prometheus', reader: questionsOf(settings.prometheus) }] : []),
    ...(settings.activityApi ? [{ name: 'api', reader: pollerOf(settings.activityApi) }] : []),
  ];
  const isOnly = files.length + more.length === 1;
  return [
    ...files,
    ...more.map(({ name, reader }) => ({
      ...shared,
      id: isOnly ? settings.id : `${settings.id}/${name}`,
      reader,
    })),
  ];
}

/** Names that stay the same when the folder moves: the last part of the path, with as many parents as make it unique. */
function namesOf(id: string, paths: readonly string[]): string[] {
  if (paths.length === 1) return [id];
  const parts = paths.map((path) => path.split('/').filter(Boolean));
  return parts.map((own) => {
    for (let depth = 1; depth <= own.length; depth++) {
      const name = own.slice(-depth).join('/');
      if (parts.filter((other) => other.slice(-depth).join('/') === name).length === 1)
        return `${id}/${name}`;
    }
    return `${id}/${own.join('/')}`;
  });
}
