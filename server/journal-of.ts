/** The runs of an incident with what was journalled about them, for its timeline. */
import { equals } from '../core/conditions/tree.ts';
import type { JournalEntry, Run } from '../core/documents.ts';
import type { Parts } from './parts.ts';

export async function journalOf(
  { store }: Pick<Parts, 'store'>,
  incident: string,
): Promise<{ runs: Run[]; journal: JournalEntry[] }> {
  const runs = await store.documents.find('run', {
    where: equals('incident', incident),
    sort: ['requested'],
    size: 1_000,
  });
  const journal: JournalEntry[] = [];
  for (const { id } of runs.found) {
    const entries = await store.documents.find('journal', {
      where: equals('run', id),
      sort: ['sequence'],
      size: 1_000,
    });
    journal.push(...entries.found.map(({ body }) => body));
  }
  return { runs: runs.found.map(({ body }) => body), journal };
}
