/** Settings of one proof run on either store, in a folder that goes with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose } from '../../server/compose.ts';
import { openStore } from '../../server/open-store.ts';
import { collect } from '../../server/roles/collect.ts';
import { detect } from '../../server/roles/detect.ts';
import { readSettings, type SourceSettings } from '../../server/settings.ts';
import {
  type Elasticsearch,
  type ElasticsearchOptions,
  startElasticsearch,
} from '../testbed/elasticsearch.ts';
import {
  planWorkload,
  type Telling,
  type Verdict,
  verify,
  type Workload,
  writeWorkload,
} from './workload.ts';

export interface Bed {
  folder: string;
  settingsFile: string;
  work: Workload;
  elasticsearch: Elasticsearch | undefined;
  /** Is the whole file in published batches? Only while nobody serves. */
  isRead(): Promise<boolean>;
  /** Reads what is left, lets detection finish, then counts what the store holds. */
  judge(): Promise<Verdict>;
  close(): Promise<void>;
}

export interface BedOptions {
  /** `later`: the proof writes the lines itself, while the service reads. */
  written?: 'before' | 'later';
  elasticsearch?: ElasticsearchOptions;
  /** Host name by which the service reaches Elasticsearch. */
  host?: string;
  /** In the place of the file: what the one source reads. */
  source?: (folder: string) => Partial<SourceSettings>;
  /** Further sources. */
  beside?: readonly SourceSettings[];
  /** What settings name under `targets`. */
  targets?: object;
  /** Where events are not lines of syslog. */
  telling?: Telling;
}

export async function openBed(
  store: 'embedded' | 'elasticsearch',
  lines: number,
  {
    written = 'before',
    source,
    host = '127.0.0.1',
    beside = [],
    targets = {},
    telling,
    ...options
  }: BedOptions = {},
): Promise<Bed> {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-proof-'));
  const elasticsearch =
    store === 'elasticsearch' ? await startElasticsearch(options.elasticsearch) : undefined;
  const work =
    written === 'before' ? await writeWorkload(folder, lines) : planWorkload(folder, lines, telling);
  const settingsFile = join(folder, 'vigia.yml');
  const nodes = elasticsearch?.urls.map((url) => url.replace('127.0.0.1', host));
  const settings = {
    state: 'state',
    store: nodes ? { kind: 'elasticsearch', nodes } : { kind: 'embedded', file: 'vigia.db' },
    sources: [
      { id: 'app', collector: 'linux-syslog', ...(source?.(folder) ?? { files: [work.file] }) },
      ...beside,
    ],
    targets,
    rules: [work.rules],
    retentionDays: 36_500,
  };
  // YAML 1.2 contains JSON.
  writeFileSync(settingsFile, JSON.stringify(settings, null, 1));
  return {
    folder,
    settingsFile,
    work,
    elasticsearch,
    async isRead() {
      const opened = await openStore(readSettings(settingsFile));
      try {
        // A process that dies between batch record and checkpoint leaves nothing to read for the next one.
        const batch = await opened.batches.last('app');
        const place = batch && (JSON.parse(batch.next.position) as { files: { offset: number }[] });
        return place?.files[0]?.offset === work.bytes;
      } finally {
        await opened.close();
      }
    },
    async judge() {
      const parts = await compose(readSettings(settingsFile));
      try {
        await collect(parts, { signal: new AbortController().signal, until: 'end' });
        await detect(parts, { signal: new AbortController().signal, until: 'drained' });
        // Elasticsearch shows new events to searches after up to a second; the proof counts all that are stored.
        if (elasticsearch) await fetch(`${elasticsearch.url}/_refresh`, { method: 'POST' });
        return await verify(parts.store, work);
      } finally {
        await parts.close();
      }
    },
    async close() {
      await elasticsearch?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
