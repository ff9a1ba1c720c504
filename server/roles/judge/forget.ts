/** Takes away memories that no judgement needs any more; whatever is asked again is made again from the stored matches. */
import { and, equals } from '../../../core/conditions/tree.ts';
import { everyDocument } from '../../../core/find-all.ts';
import { wrote } from '../../../core/wrote.ts';
import type { DetectionRule } from '../../../detections/index.ts';
import type { Parts } from '../../parts.ts';

const DAY_MS = 86_400_000;
/** Somebody who did not come for so long after the gap was told is not waited for. */
const GONE_DAYS = 90;

/** Returns how many. */
export async function forgetOld(parts: Parts): Promise<number> {
  let forgotten = 0;
  for (const rule of parts.detection.judged) {
    const keptMs = keptFor(rule);
    if (keptMs === undefined) continue;
    const where = and(equals('rule.id', rule.id), {
      op: 'range',
      field: 'to',
      lt: new Date(parts.now() - keptMs).toISOString(),
    });
    for await (const { id, version, body } of everyDocument(parts.store.documents, 'rule-state', { where })) {
      if (body.kind === 'expected' && body.gap !== 'absence') continue;
      // Somebody who wrote meanwhile still needs it.
      if (await wrote(() => parts.store.documents.delete('rule-state', id, version))) forgotten++;
    }
  }
  return forgotten;
}

/** Twice the span: what lies behind it is of no use, whatever the memory lags. */
function keptFor({ extensions: { firstSeen, absent } = {} }: DetectionRule): number | undefined {
  if (firstSeen) return 2 * firstSeen.withinMs;
  // A rule without groups waits for ever.
  return absent && absent.per.length > 0 ? absent.everyMs + GONE_DAYS * DAY_MS : undefined;
}
