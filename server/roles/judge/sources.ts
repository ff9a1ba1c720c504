/** Since when (event time) a rule has seen the events of a source: while that is shorter than its span, it only learns. */
import type { RuleStateOf } from '../../../core/documents.ts';
import { errors } from '../../../core/errors.ts';
import type { BatchRecord } from '../../../core/store.ts';
import type { DetectionRule } from '../../../detections/index.ts';
import type { Parts } from '../../parts.ts';

export interface Sources {
  /** Notes the time that batches cover. */
  follow(rules: readonly DetectionRule[], records: readonly BatchRecord[]): Promise<void>;
  since(rule: string, source: string): string | undefined;
}

/** The same as the store has it, for whoever did not follow the batches. */
export async function sinceOf({ store }: Parts, rule: string, source: string): Promise<string | undefined> {
  const stored = await store.documents.get('rule-state', keyOf(rule, source));
  return stored?.body.kind === 'source' ? stored.body.from : undefined;
}

const keyOf = (rule: string, source: string) => `${rule}|source|${source}`;

/** Remembers what it wrote; one entry per rule and configured source. */
export function followSources({ store }: Parts): Sources {
  const known = new Map<string, string>();
  async function note(rule: string, source: string, from: string): Promise<void> {
    const key = keyOf(rule, source);
    const stored = await store.documents.get('rule-state', key);
    const before = (stored?.body as RuleStateOf<'source'> | undefined)?.from;
    if (stored && before !== undefined && before <= from) {
      known.set(key, before);
      return;
    }
    const body: RuleStateOf<'source'> = { kind: 'source', rule: { id: rule }, source, from };
    if (stored) await store.documents.update('rule-state', key, body, stored.version);
    else if ((await store.documents.create('rule-state', key, body)) === 'exists')
      throw errors.conflict(`the memory of rule ${rule}`);
    known.set(key, from);
  }

  return {
    since: (rule, source) => known.get(keyOf(rule, source)),
    async follow(rules, records) {
      for (const { writer, span } of records) {
        if (!span) continue;
        for (const { id } of rules)
          if (!((known.get(keyOf(id, writer)) ?? '~') <= span.from)) await note(id, writer, span.from);
      }
    },
  };
}
