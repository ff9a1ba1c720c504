/** The journal of a run that somebody else took over. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEmbedded } from '../../store/embedded/open.ts';
import type { Engine } from './engine.ts';
import { append, readJournal } from './journal.ts';

it('takes nothing of a process that slept with the entry in hand, when another one wrote in its place', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-journal-'));
  const store = await openEmbedded({ file: join(folder, 'vigia.db') });
  try {
    await store.migrate();
    const engineWith = (fence: Engine['fence']): Engine =>
      ({ store, fence, now: () => 0, cut: () => undefined, journalled: new Map([['r1', 0]]) }) as never;
    await append(
      engineWith(async () => undefined),
      'r1',
      { entry: 'asked', by: 'one', step: 0, data: {} },
    );
    const isLost = new Error('the lease is lost');
    // It held the run when it began to write, and no longer when it was answered.
    let looks = 0;
    const sleeper = engineWith(async () => {
      if (++looks > 1) throw isLost;
    });
    await expect(append(sleeper, 'r1', { entry: 'asked', by: 'two', step: 0, data: {} })).rejects.toBe(
      isLost,
    );
    expect((await readJournal(sleeper, 'r1')).map(({ by }) => by)).toEqual(['one']);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
});
