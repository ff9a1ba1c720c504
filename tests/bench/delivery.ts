/**
 * Bench `delivery`: a file into a real Elasticsearch, every program in processes of its own, by turns, each into indices of its
 * own from the same template. Vigia reads, parses, normalises, gives ids and keeps the ledger, with matching off and on; beside
 * it a plain poster, rsyslog and syslog-ng send the very documents that Vigia makes, under the same ids.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { findCollector } from '../../server/sources.ts';
import { openElasticsearch } from '../../store/elasticsearch/open.ts';
import { corpusPath } from '../corpus.ts';
import { type Elasticsearch, startElasticsearch } from '../testbed/elasticsearch.ts';
import { install } from '../testbed/install.ts';
import { cpuSecondsOf, type ProcessCost } from './delivery/cost.ts';
import { writeDocuments } from './delivery/documents.ts';
import { INPUTS, type InputName, writeInput } from './delivery/inputs.ts';
import type { PosterTask } from './delivery/poster.ts';
import { SHIPPERS, ship } from './delivery/shippers.ts';
import type { VigiaTask } from './delivery/vigia.ts';
import { type Bench, type BenchOptions, repeat } from './measure.ts';

/** At scale 1. The texts of `unique` are 100,000, three times over. */
const RECORDS: Readonly<Record<InputName, number>> = { syslog: 1_000_000, audit: 1_000_000, unique: 300_000 };
/** As `bin/vigia` runs it: built, so that no type is stripped in the process that is measured. */
const BUILT = resolve(import.meta.dirname, '../../dist/tests/bench/delivery');
const NODE = ['--max-semi-space-size=16', '--disable-warning=ExperimentalWarning'];
export const RULES = [
  'rules',
  'rules-emerging-threats',
  'rules-threat-hunting',
  'rules-compliance',
  'rules-placeholder',
].map((folder) => corpusPath('sigma', 'rules', folder));

type Figures = Record<string, number>;

export const delivery: Bench = async (options) => {
  const lacking = await install(['elasticsearch', 'shippers'], options.say);
  if (lacking.length > 0) throw new Error(`not to be had here: ${JSON.stringify(lacking)}`);
  return await repeat('delivery', options, async (number) => {
    const figures: Figures = {};
    for (const name of ['syslog', 'audit', 'unique'] as const)
      if (!options.only || options.only.includes(name))
        Object.assign(figures, await measure(name, number, options));
    return figures;
  });
};

async function measure(name: InputName, round: number, { scale, say }: BenchOptions): Promise<Figures> {
  const records = Math.round(RECORDS[name] * scale);
  const folder = mkdtempSync(join(tmpdir(), 'vigia-bench-'));
  const server = await startElasticsearch({ javaOptions: [], heapMb: 1_024 });
  try {
    const file = join(folder, 'input');
    const bytes = await writeInput(name, records, file);
    const bed: Bed = { server, folder, file, name, records, say };
    say(`${name}: ${records} records of ${bytes} bytes`);
    const figures: Figures = { [`${name}: records`]: records, [`${name}: bytes a record`]: bytes };
    if (name !== 'unique') Object.assign(figures, await withoutMatching(bed, round));
    if (name !== 'syslog') Object.assign(figures, await withMatching(bed));
    return figures;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }
}

export interface Bed {
  server: Elasticsearch;
  folder: string;
  file: string;
  name: InputName;
  records: number;
  say: (line: string) => void;
}

async function withoutMatching(bed: Bed, round: number): Promise<Figures> {
  const { server, folder, file, name } = bed;
  const documents = join(folder, 'documents');
  const partition = await writeDocuments(
    file,
    { id: 'bench', collector: findCollector(INPUTS[name].collector) },
    documents,
  );
  const vigia = () => runVigia(bed, 'vigia', []);
  const poster = async (prefix: string, parse: boolean) => {
    const index = await prepareIndex(server.url, prefix, partition);
    return await child('poster', { url: server.url, index, file: documents, parse } satisfies PosterTask);
  };
  // They take turns to begin: who comes first finds a colder server.
  const order: (readonly [string, () => Promise<ProcessCost>])[] = [
    ['vigia', vigia],
    ['plain poster', () => poster('plain', false)],
  ];
  if (round % 2 === 1) order.reverse();
  order.push(['poster, parsing', () => poster('parsing', true)]);
  for (const [title, start] of name === 'audit' ? Object.entries(SHIPPERS) : []) {
    order.push([
      title,
      async () => {
        const prefix = title.replaceAll(/[^a-z]+/g, '-');
        const index = await prepareIndex(server.url, prefix, partition);
        const place = join(folder, prefix);
        mkdirSync(place);
        return await ship(start, {
          url: server.url,
          index,
          file: documents,
          folder: place,
          documents: bed.records,
        });
      },
    ]);
  }
  const figures: Figures = {};
  for (const [title, once] of order) Object.assign(figures, await counted(bed, title, once));
  const rate = (title: string) => figures[`${name}, ${title}: events/s`]!;
  figures[`${name}: vigia over plain poster, events/s`] = round2(rate('vigia') / rate('plain poster'));
  return figures;
}

async function withMatching(bed: Bed): Promise<Figures> {
  const { name } = bed;
  const matcher = await runVigia(bed, 'matcher', RULES, 'match');
  const matching = perMillion(matcher.cpuS, matcher.events);
  const figures = await counted(bed, 'vigia, all rules', () => runVigia(bed, 'matching', RULES));
  figures[`${name}: the matcher alone, CPU s per million`] = matching;
  figures[`${name}: 15 CPU s and 1.2 times the matcher`] = round2(15 + 1.2 * matching);
  return figures;
}

/** Vigia's turn, without rules or with them; `match`: its matcher alone. */
export const runVigia = (
  { server, folder, file, name }: Bed,
  prefix: string,
  rules: readonly string[],
  kind: VigiaTask['kind'] = 'deliver',
): Promise<ProcessCost> =>
  child('vigia', {
    kind,
    url: server.url,
    prefix,
    state: join(folder, prefix),
    collector: INPUTS[name].collector,
    file,
    rules,
  } satisfies VigiaTask);

/** One program's turn, and what the server spent meanwhile. */
export async function counted(bed: Bed, title: string, once: () => Promise<ProcessCost>): Promise<Figures> {
  const { server, name, records, say } = bed;
  const before = cpuSecondsOf(server.pids());
  const { events, seconds, cpuS, peakMb } = await once();
  if (events !== records) throw new Error(`${title} delivered ${events} of ${records} records`);
  const figures = {
    [`${name}, ${title}: events/s`]: Math.round(events / seconds),
    [`${name}, ${title}: CPU s per million`]: perMillion(cpuS, events),
    [`${name}, ${title}: memory MB`]: Math.round(peakMb),
    [`${name}, ${title}: Elasticsearch's CPU s per million`]: perMillion(
      cpuSecondsOf(server.pids()) - before,
      events,
    ),
  };
  say(
    Object.entries(figures)
      .map(([figure, value]) => `${figure} ${value}`)
      .join(', '),
  );
  return figures;
}

/** The index that Vigia would write to, from Vigia's template. */
async function prepareIndex(url: string, prefix: string, partition: string): Promise<string> {
  const store = await openElasticsearch({ nodes: [url], prefix });
  await store.migrate();
  await store.close();
  return partition.replace(/^vigia/, prefix);
}

async function child(program: 'vigia' | 'poster', task: VigiaTask | PosterTask): Promise<ProcessCost> {
  const path = join(BUILT, `${program}.js`);
  const { stdout } = await promisify(execFile)(process.execPath, [...NODE, path, JSON.stringify(task)], {
    env: { ...process.env, VIGIA_LOG: 'error' },
  });
  return JSON.parse(stdout) as ProcessCost;
}

const round2 = (value: number): number => Math.round(value * 100) / 100;
const perMillion = (cpuS: number, events: number): number => Math.round((cpuS / events) * 1e7) / 10;
