/** Part of the proof `equal-answers`: all public rules over all recorded Windows events, evaluated in four ways. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { windowsEvtx } from '../../collectors/windows-evtx.ts';
import type { Event } from '../../core/event.ts';
import { buildEngine, type DetectionRule, loadRules } from '../../detections/index.ts';
import { median } from '../bench/measure.ts';
import { corpusPath } from '../corpus.ts';
import { ask, interpret } from '../reference/interpreter.ts';
import { activeFolders, activeRules } from '../reference/rule.ts';
import type { AskedStore } from './equal-answers-stores.ts';
import { storable } from './equal-answers-stores.ts';

export interface PartResult {
  /** Rule and event pairs decided in each way. */
  pairs: number;
  matches: number;
  differences: number;
  more: Record<string, number | string>;
}

/**
 * The reference reads the flattened records of the shared benchmark file (another reader made them of the same EVTX
 * files); the engine and the stores get the ECS events of our collector. `share` of the rules is taken, all events.
 */
export async function corpusPart(
  stores: readonly AskedStore[],
  share: number,
  say: (line: string) => void,
): Promise<PartResult> {
  const isTaken = everyNth(share);
  const rules = loadRules(activeFolders()).rules.filter(
    (rule, index): rule is DetectionRule => rule.kind === 'rule' && isTaken(index),
  );
  const recorded = recordedEvents();
  const expected = referenceAnswers(new Set(rules.map(({ id }) => id)));
  const matches = [...expected.values()].reduce((sum, lines) => sum + lines.size, 0);
  say(`reference: ${rules.length} rules, ${recorded.length} records, ${matches} matches`);
  const result: PartResult = { pairs: rules.length * recorded.length, matches, differences: 0, more: {} };

  const lineOf = new Map(recorded.map(({ event, line }) => [event.event.id, line]));
  const compare = (way: string, rule: DetectionRule, found: ReadonlySet<number>) => {
    const wanted = expected.get(rule.id) ?? new Set<number>();
    for (const line of new Set([...wanted, ...found])) {
      if (wanted.has(line) === found.has(line)) continue;
      result.differences++;
      say(`${way}: rule ${rule.id} ${wanted.has(line) ? 'misses' : 'takes'} line ${line} of events.jsonl`);
    }
  };

  const engine = buildEngine(rules);
  const byRule = new Map<string, Set<number>>();
  for (const { event, line } of recorded)
    for (const { rule } of engine.match(event))
      byRule.set(rule.id, (byRule.get(rule.id) ?? new Set()).add(line));
  for (const rule of rules) compare('matcher', rule, byRule.get(rule.id) ?? new Set());

  for (const store of stores) {
    await store.fill(recorded.map(({ event }) => event));
    const shares: number[] = [];
    for (const rule of rules) {
      const { ids, fetched } = await store.answer(rule, DATASET);
      compare(store.name, rule, new Set([...ids].map((id) => lineOf.get(id)!)));
      shares.push(fetched / recorded.length);
    }
    result.more[`${store.name}: fetched of stored, median %`] = percent(median(shares));
    result.more[`${store.name}: rules that fetch all`] = shares.filter((one) => one >= 1).length;
    say(`${store.name}: median of fetched to stored events ${percent(median(shares))} %`);
    // Queries that fetch most of the events narrow nothing, whatever else is right.
    if (!(median(shares) < 0.5)) result.differences++;
  }
  return result;
}

/** Other parts of the proof fill the same stores. */
const DATASET = 'equal.corpus';

const percent = (share: number): number => Math.round(share * 10_000) / 100;
const everyNth = (share: number) => (index: number) =>
  Math.floor((index + 1) * Math.min(share, 1)) > Math.floor(index * Math.min(share, 1));

const linesOf = (...path: string[]): string[] =>
  gunzipSync(readFileSync(corpusPath(...path)))
    .toString()
    .trimEnd()
    .split('\n');

/** By rule id the lines of `events.jsonl` that it takes. */
function referenceAnswers(ids: ReadonlySet<string>): Map<string, Set<number>> {
  const rules = activeRules()
    .filter(({ id }) => ids.has(id))
    .map((rule) => interpret(rule));
  const answers = new Map<string, Set<number>>();
  linesOf('bench', 'events.jsonl.gz').forEach((line, index) => {
    const asked = ask(JSON.parse(line) as object);
    for (const { rule, applies, holds } of rules)
      if (applies(asked) && holds(asked))
        answers.set(rule.id, (answers.get(rule.id) ?? new Set()).add(index + 1));
  });
  return answers;
}

/** Our collector's events of the EVTX files, each with its line in `events.jsonl`. */
export function recordedEvents(): { event: Event; line: number }[] {
  const lines = new Map(
    linesOf('bench', 'origin.tsv.gz').map((row) => {
      const [line, file, record] = row.split('\t');
      return [`${corpusPath(file!)}\t${record}`, Number(line)];
    }),
  );
  const folders = [corpusPath('evtx'), corpusPath('sigma', 'regression_data')];
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.evtx'))
      .sort()
      .map((name) => `${folder}/${name}`),
  );
  const { framing } = windowsEvtx;
  if (framing.kind !== 'file') throw new Error('EVTX files are read whole');
  const events: { event: Event; line: number }[] = [];
  for (const file of files) {
    let record = 0;
    for (const { raw, broken } of framing.records(readFileSync(file))) {
      const made = broken === undefined ? windowsEvtx.normalise(raw) : undefined;
      if (made === undefined || !('event' in made)) continue;
      const line = lines.get(`${file}\t${++record}`);
      if (line === undefined) throw new Error(`record ${record} of ${file} is not in events.jsonl`);
      events.push({ event: storable(made.event, DATASET, line), line });
    }
  }
  if (events.length !== lines.size) throw new Error(`${lines.size - events.length} lines have no record`);
  return events;
}
