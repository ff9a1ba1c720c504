import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEmbedded } from './open.ts';

it('keeps the database and its journal from everybody else on the machine', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-mode-'));
  const before = process.umask(0o022);
  try {
    const store = await openEmbedded({ file: join(folder, 'state', 'vigia.db') });
    await store.documents.nextNumber('incident');
    const modes = readdirSync(join(folder, 'state')).map((name) => [
      name,
      statSync(join(folder, 'state', name)).mode & 0o777,
    ]);
    expect(modes).toEqual(
      expect.arrayContaining([
        ['vigia.db', 0o600],
        ['vigia.db-wal', 0o600],
      ]),
    );
    expect(modes.filter(([, mode]) => mode !== 0o600)).toEqual([]);
    expect(statSync(join(folder, 'state')).mode & 0o777).toBe(0o700);
    await store.close();
  } finally {
    process.umask(before);
    rmSync(folder, { recursive: true });
  }
});
