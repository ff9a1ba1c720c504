/**
 * Bench `correlation`: matches in memory through the correlator alone (no store, no matching), as others publish theirs:
 * many small groups, one hot group, and a tenth late. What a store adds is in the proof of the same name.
 */
import type { Match } from '../../core/documents.ts';
import type { CorrelationRule } from '../../detections/engine/rule.ts';
import { loadTexts } from '../../detections/engine/testing.ts';
import { correlator, type GroupTrack, groupKey, readAlertingPolicy } from '../../detections/index.ts';
import { shipped } from '../../server/settings.ts';
import { type Bench, repeat } from './measure.ts';

const MATCHES = 500_000;
/** Settled together, as matches of one round of the service are. */
const ROUND = 5_000;
const START_MS = Date.UTC(2026, 2, 1);

const RULES = `title: Part
id: part
name: part
logsource: {product: linux}
detection: {sel: {event.action: x}, condition: sel}
---
title: Bench
id: bench
level: high
correlation: {type: event_count, rules: [part], group-by: [user.name], timespan: 5m, condition: {gte: 10}}
`;

export const correlation: Bench = (options) =>
  repeat('correlation', options, async () => ({
    ...measure('50,000 groups', 50_000, 0),
    ...measure('one group', 1, 0),
    ...measure('one group, a tenth late', 1, 0.1),
  }));

function measure(name: string, groups: number, late: number): Record<string, number> {
  const { rules } = loadTexts([RULES]);
  const rule = rules.find((one): one is CorrelationRule => one.kind === 'correlation')!;
  const { track } = correlator(rules, readAlertingPolicy(shipped('policies', 'alerting.yml')));
  const keys = Array.from({ length: groups }, (_, g) => groupKey(rule.id, [`user${g}`]));
  const matches = Array.from({ length: MATCHES }, (_, n) => matchAt(n, n % groups, late));
  const tracks = new Map<string, GroupTrack>();
  const limits = { knownFromMs: -Infinity, judgedFromMs: -Infinity, latenessMs: 600_000, points: 50_000 };
  let alerts = 0;
  const before = process.memoryUsage().heapUsed;
  const cpu = process.cpuUsage();
  for (let at = 0; at < MATCHES; at += ROUND) {
    const touched = new Set<GroupTrack>();
    for (let n = at; n < at + ROUND; n++) {
      const key = keys[n % groups]!;
      let group = tracks.get(key);
      if (!group) tracks.set(key, (group = track(rule, { ...limits, leftOut: () => undefined })));
      group.offer(matches[n]!);
      touched.add(group);
    }
    for (const group of touched) alerts += group.settle(Infinity).fresh.length;
  }
  const { user, system } = process.cpuUsage(cpu);
  return {
    [`${name}: matches per CPU second`]: Math.round(MATCHES / ((user + system) / 1e6)),
    [`${name}: alerts`]: alerts,
    [`${name}: memory MB`]: Math.round((process.memoryUsage().heapUsed - before) / 1_048_576),
  };
}

function matchAt(n: number, group: number, late: number): Match {
  const lateMs = late > 0 && n % Math.round(1 / late) === 0 ? (n * 7_919) % 100_000 : 0;
  return {
    id: `m${n}`,
    rule: { id: 'part', title: 'Part', level: 'low', hash: '', tags: [] },
    event: {
      id: String(n).padStart(32, '0'),
      at: new Date(START_MS + Math.floor(n / 2) - lateMs).toISOString(),
      dataset: 'bench',
    },
    groups: [],
    group: { bench: { by: [`user${group}`], values: [] } },
    entities: [{ type: 'user', name: `user${group}` }],
  };
}
