/** What the store says about one case at the end: starts without a receipt, entries that must be there once, how often each action was started. */
import { equals } from '../../../core/conditions/tree.ts';
import type { JournalEntry, Run } from '../../../core/documents.ts';
import { openPlace, type StorePlace } from './proof-store.ts';

const ONCE: readonly JournalEntry['entry'][] = [
  'step-started',
  'receipt',
  'asked',
  'answered',
  'undo-started',
];

export interface Judged {
  readonly lost: number;
  readonly doubled: number;
  /** By action, over all runs of the case. */
  readonly starts: ReadonlyMap<string, number>;
  /** Of its newest run. */
  readonly state: Run['state'] | undefined;
}

export async function judge(place: StorePlace, requester: string): Promise<Judged> {
  const store = await openPlace(place, () => performance.now());
  try {
    let lost = 0;
    let doubled = 0;
    const starts = new Map<string, number>();
    const where = equals('requestedBy', requester);
    const runs = await store.documents.find('run', { where, sort: ['-number'] });
    for (const { body: run } of runs.found) {
      const { found } = await store.documents.find('journal', { where: equals('run', run.id), size: 10_000 });
      for (const { index, action } of run.steps) {
        const key = `${run.id}/${index}/${run.planHash}`;
        const entries = found.filter(({ body }) => body.key === key).map(({ body }) => body.entry);
        doubled += ONCE.filter((entry) => entries.indexOf(entry) !== entries.lastIndexOf(entry)).length;
        if (entries.includes('undo-started') && !entries.includes('undo-receipt')) lost += 1;
        if ((await store.documents.get('marker', `${key}/started`)) === undefined) continue;
        starts.set(action, (starts.get(action) ?? 0) + 1);
        const isTold = entries.includes('asked')
          ? entries.includes('answered')
          : entries.includes('receipt') && entries.includes('verified');
        if (!isTold || !entries.includes('step-started')) lost += 1;
      }
    }
    return { lost, doubled, starts, state: runs.found[0]?.body.state };
  } finally {
    await store.close();
  }
}
