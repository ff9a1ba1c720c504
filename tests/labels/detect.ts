/** Recorded sample files through the real collectors, the delivery's own preparation and our own rules, to alerts. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Collector } from '../../collectors/collector.ts';
import { prepare } from '../../collectors/delivery/prepare.ts';
import { lineCutter } from '../../collectors/reading/lines.ts';
import type { Alert } from '../../core/documents.ts';
import {
  buildEngine,
  correlator,
  evaluator,
  loadRules,
  ownRulesFolder,
  readAlertingPolicy,
} from '../../detections/index.ts';
import { corpusPath } from '../corpus.ts';
import type { SampleEvent } from './judge.ts';

/** Far enough after the recordings that nothing counts as future, near enough that nothing counts as too old. */
const READ_AT = '2026-11-22T00:00:00.000Z';
const DAY_MS = 86_400_000;

export interface SampleFile {
  /** Folder below `samples`, which is the dataset of the labels. */
  dataset: string;
  file: string;
  collector: Collector;
}

/** Every record of the files as an event; throws when one becomes a dead letter. */
export function readSamples(files: readonly SampleFile[]): SampleEvent[] {
  return files.flatMap(({ dataset, file, collector }) => {
    const { framing } = collector;
    if (framing.kind !== 'lines' && framing.kind !== 'records')
      throw new Error(`${collector.id} does not read files that grow`);
    const cutter = framing.kind === 'records' ? framing.cut(0, 1_048_576) : lineCutter(0, 1_048_576, framing);
    const records = [...cutter.push(readFileSync(corpusPath('samples', dataset, file))), ...cutter.end()];
    const { events, deadLetters } = prepare(
      records.map((record) => ({ ...record, generation: 1 })),
      { id: `${dataset}-${file}`, collector },
      {
        readMs: Date.parse(READ_AT),
        retentionStartMs: Date.parse(READ_AT) - 365 * DAY_MS,
        time: { anchor: READ_AT, zone: '0' },
        batch: 'labels/1/test',
      },
    );
    if (deadLetters.length > 0)
      throw new Error(`${file}: ${deadLetters.length} dead letters, the first: ${deadLetters[0]!.reason}`);
    return events.map(({ event }) => ({ dataset, file, event }));
  });
}

/** What our own rules make of the events: alerts of single events and of correlations. */
export async function detect(events: readonly SampleEvent[]): Promise<Alert[]> {
  const policy = readAlertingPolicy(resolve(import.meta.dirname, '..', '..', 'policies', 'alerting.yml'));
  const { rules, problems } = loadRules([ownRulesFolder()]);
  if (problems.length > 0)
    throw new Error(
      `${problems.length} rule problems, the first: ${problems[0]!.path} ${problems[0]!.message}`,
    );
  const now = () => READ_AT;
  const { matches, alerts } = await evaluator(
    buildEngine(rules),
    policy,
    now,
  )(events.map((one) => one.event));
  const correlations = correlator(rules, policy, now);
  for (const rule of rules) {
    if (rule.kind !== 'correlation' || !correlations.alerts(rule)) continue;
    const groups = new Map<string, typeof matches>();
    for (const match of matches) {
      for (const key of match.groups.filter((one) => one.startsWith(`${rule.id}|`)))
        groups.set(key, [...(groups.get(key) ?? []), match]);
    }
    for (const group of groups.values()) alerts.push(...correlations.settle(rule, group));
  }
  return alerts;
}
