/** What our Windows rules find in the public Windows recordings: matches of each rule, and alerts of each correlation, by file. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare } from '../../collectors/delivery/prepare.ts';
import { windowsEvtx } from '../../collectors/windows-evtx.ts';
import type { Event } from '../../core/event.ts';
import {
  buildEngine,
  correlator,
  evaluator,
  loadRules,
  ownRulesFolder,
  type Rule,
  readAlertingPolicy,
} from '../../detections/index.ts';
import { shipped } from '../../server/settings.ts';
import { corpusPath } from '../corpus.ts';

const READ_AT = '2026-11-22T00:00:00.000Z';

export interface RuleHits {
  rule: Rule;
  /** Matches, or alerts of a correlation. */
  hits: number;
  files: number;
}

export interface PackHits {
  files: number;
  records: number;
  /** Every rule of the Windows pack, in the order of its files. */
  rules: RuleHits[];
  /** Rules of other packs that match a Windows record; none should. */
  strangers: string[];
}

export async function packHits(): Promise<PackHits> {
  const root = corpusPath('evtx');
  const { rules } = loadRules([ownRulesFolder()]);
  const policy = readAlertingPolicy(shipped('policies', 'alerting.yml'));
  const evaluate = evaluator(buildEngine(rules), policy, () => READ_AT);
  const { settle } = correlator(rules, policy, () => READ_AT);
  const found = new Map(rules.map((rule) => [rule.id, { rule, hits: 0, files: 0 }]));
  const count = (id: string, hits: number) => {
    const one = found.get(id)!;
    one.hits += hits;
    if (hits > 0) one.files++;
  };
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.evtx$/i.test(name),
  );
  let records = 0;
  for (const file of files.sort()) {
    const events = eventsOf(join(root, file));
    records += events.length;
    const { matches } = await evaluate(events);
    for (const [id, own] of Map.groupBy(matches, (match) => match.rule.id)) count(id, own.length);
    for (const rule of rules) {
      if (rule.kind !== 'correlation') continue;
      const keys = new Set(
        matches.flatMap(({ groups }) => groups.filter((key) => key.startsWith(`${rule.id}|`))),
      );
      const alerts = [...keys].map(
        (key) =>
          settle(
            rule,
            matches.filter(({ groups }) => groups.includes(key)),
          ).length,
      );
      count(
        rule.id,
        alerts.reduce((sum, one) => sum + one, 0),
      );
    }
  }
  const isOurs = ({ rule }: RuleHits) => rule.path.startsWith('windows/');
  return {
    files: files.length,
    records,
    rules: [...found.values()].filter(isOurs),
    strangers: [...found.values()].filter((one) => !isOurs(one) && one.hits > 0).map(({ rule }) => rule.path),
  };
}

function eventsOf(path: string): Event[] {
  const { framing } = windowsEvtx;
  const records = [...framing.records(readFileSync(path))].map((record) => ({ ...record, generation: 1 }));
  const { events } = prepare(
    records,
    { id: path, collector: windowsEvtx },
    {
      readMs: Date.parse(READ_AT),
      // Some recordings say no time at all, which is 1601.
      retentionStartMs: Date.parse('1600-01-01'),
      time: { anchor: READ_AT, zone: '0' },
      batch: 'windows-pack/1/test',
    },
  );
  return events.map(({ event }) => event);
}
