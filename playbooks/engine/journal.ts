/** The append-only record of a run. Entries are numbered without gaps; an id is taken once. */
import { equals } from '../../core/conditions/tree.ts';
import type { JournalEntry } from '../../core/documents.ts';
import { type Engine, write } from './engine.ts';

type Written = Pick<JournalEntry, 'entry' | 'by' | 'data'> & Partial<Pick<JournalEntry, 'step' | 'key'>>;

export async function readJournal(engine: Engine, run: string): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  let after: string | undefined;
  do {
    const page = await engine.store.documents.find('journal', {
      where: equals('run', run),
      sort: ['sequence'],
      ...(after === undefined ? {} : { after }),
    });
    entries.push(...page.found.map(({ body }) => body));
    after = page.next;
  } while (after !== undefined);
  return entries;
}

export async function append(engine: Engine, run: string, entry: Written): Promise<void> {
  const at = new Date(engine.now()).toISOString();
  await write(engine, `journal ${entry.entry}`, async () => {
    const { documents } = engine.store;
    let sequence = (engine.journalled.get(run) ?? (await lastSequence(engine, run))) + 1;
    // Somebody else (an approver, for instance) may write to the same journal: the next free number is ours.
    while (
      (await documents.create('journal', `${run}:${sequence}`, { run, sequence, at, ...entry })) === 'exists'
    ) {
      sequence += 1;
      // Or somebody took the run over while this process slept with the request in hand.
      await engine.fence?.();
    }
    if (entry.entry === 'finished') engine.journalled.delete(run);
    else if (entry.step !== undefined) engine.journalled.set(run, sequence);
  });
}

async function lastSequence(engine: Engine, run: string): Promise<number> {
  const where = equals('run', run);
  const { found } = await engine.store.documents.find('journal', { where, sort: ['-sequence'], size: 1 });
  return found[0]?.body.sequence ?? 0;
}
