/** The runs of an incident with what was journalled about them, for its timeline. */
import { equals } from '../core/conditions/tree.ts';
import type { JournalEntry, Run } from '../core/documents.ts';
import { everyDocument } from '../core/find-all.ts';
import type { Parts } from './parts.ts';

export async function journalOf(
  { store: { documents } }: Pick<Parts, 'store'>,
  incident: string,
): Promise<{ runs: Run[]; journal: JournalEntry[] }> {
  const runs: Run[] = [];
  const journal: JournalEntry[] = [];
  for await (const { id, body } of everyDocument(documents, 'run', {
    where: equals('incident', incident),
    sort: ['requested'],
  })) {
    runs.push(body);
    const entries = everyDocument(documents, 'journal', { where: equals('run', id), sort: ['sequence'] });
    for await (const entry of entries) journal.push(entry.body);
  }
  return { runs, journal };
}
