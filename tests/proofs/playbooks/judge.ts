/** What the journal of one case says at the end: starts without a receipt, and entries that must be there once. */
import { equals } from '../../../core/conditions/tree.ts';
import type { JournalEntry } from '../../../core/documents.ts';
import { openPlace, type StorePlace } from './proof-store.ts';

const ONCE: readonly JournalEntry['entry'][] = ['step-started', 'receipt', 'asked', 'answered'];

export async function judge(
  place: StorePlace,
  requester: string,
): Promise<{ lost: number; doubled: number }> {
  const store = await openPlace(place, () => performance.now());
  try {
    let lost = 0;
    let doubled = 0;
    const runs = await store.documents.find('run', { where: equals('requestedBy', requester) });
    for (const { body: run } of runs.found) {
      const { found } = await store.documents.find('journal', { where: equals('run', run.id), size: 10_000 });
      for (const { index } of run.steps) {
        const key = `${run.id}/${index}/${run.planHash}`;
        const entries = found.filter(({ body }) => body.key === key).map(({ body }) => body.entry);
        doubled += ONCE.filter((entry) => entries.indexOf(entry) !== entries.lastIndexOf(entry)).length;
        if ((await store.documents.get('marker', `${key}/started`)) === undefined) continue;
        const isTold = entries.includes('asked')
          ? entries.includes('answered')
          : entries.includes('receipt') && entries.includes('verified');
        if (!isTold || !entries.includes('step-started')) lost += 1;
      }
    }
    return { lost, doubled };
  } finally {
    await store.close();
  }
}
