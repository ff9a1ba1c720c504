/** Judges rules that go beyond single matches (first-seen values, absence, baselines) from stored matches, as the batch feed touches their groups. */
import type { Alert } from '../../../core/documents.ts';
import type { BatchRecord } from '../../../core/store.ts';
import type { Extensions } from '../../../detections/index.ts';
import type { Parts } from '../../parts.ts';
import { judgeAbsent } from './absent.ts';
import { markBaselines, settleBaselines } from './baseline.ts';
import { judgeFirstSeen, roomCounter } from './first-seen.ts';
import { followSources } from './sources.ts';
import { touchedOf } from './touched.ts';

export interface Judge {
  /** Alerts as they now stand, withdrawn ones included; the same again when the same batches are judged again. */
  follow(records: readonly BatchRecord[]): Promise<Alert[]>;
  /** What is judged a little later than it is read; the clock in `watch.ts` asks for it too. */
  settle(): Promise<Alert[]>;
}

export function openJudge(parts: Parts): Judge {
  const rules = parts.detection.judged;
  if (rules.length === 0) return { follow: async () => [], settle: async () => [] };
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const sources = followSources(parts);
  const hasRoom = roomCounter(parts);
  return {
    async follow(records) {
      await sources.follow(rules, records);
      const touched = touchedOf(byId, records);
      const of = (key: keyof Extensions) => touched.filter(({ rule }) => rule.extensions?.[key]);
      await markBaselines(parts, of('baseline'));
      return [
        ...(await judgeFirstSeen({ parts, since: sources.since, hasRoom }, of('firstSeen'))),
        ...(await judgeAbsent(parts, of('absent'))),
      ];
    },
    settle: () => settleBaselines(parts),
  };
}
