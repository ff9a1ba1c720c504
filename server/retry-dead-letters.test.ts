import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { totalDifference } from '../core/ledger.ts';
import { compose } from './compose.ts';
import { importOnce } from './import-once.ts';
import type { Parts } from './parts.ts';
import { retryAll } from './retry-dead-letters.ts';
import { readSettings } from './settings.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-server-'));
  writeFileSync(
    join(folder, 'app.log'),
    Buffer.from('Nov 21 10:00:00 app1 payd[7]: aten\u00e7\u00e3o\n', 'latin1'),
  );
});
afterEach(() => rmSync(folder, { recursive: true }));

async function withSettings<T>(source: object, work: (parts: Parts) => Promise<T>): Promise<T> {
  const file = join(folder, 'vigia.yml');
  const sources = [{ id: 'app', collector: 'linux-syslog', files: [join(folder, 'app.log')], ...source }];
  writeFileSync(file, JSON.stringify({ state: 'state', retentionDays: 36_500, rules: [], sources }));
  const parts = await compose(readSettings(file, {}), { log: pino({ level: 'silent' }) });
  try {
    return await work(parts);
  } finally {
    await parts.close();
  }
}

it('reads what waits as the settings now say, and what still cannot be read stays', async () => {
  await withSettings({}, async (parts) => {
    await importOnce(parts, parts.settings.sources, {
      signal: new AbortController().signal,
      progress: () => {},
    });
    const refused = { 'not valid UTF-8': 1 };
    expect(await retryAll(parts)).toEqual({ stored: 0, duplicate: 0, refused, impossible: {} });
  });
  await withSettings({ encoding: 'latin1' }, async (parts) => {
    expect(await retryAll(parts, 'another')).toMatchObject({ stored: 0 });
    expect(await retryAll(parts, 'app')).toEqual({ stored: 1, duplicate: 0, refused: {}, impossible: {} });
    expect(await retryAll(parts)).toMatchObject({ stored: 0, refused: {} });
    expect((await parts.store.events.read({})).events.map(({ message }) => message)).toEqual(['atenção']);
    expect(totalDifference(await parts.store.batches.ledger())).toBe(0);
    expect(await parts.report()).toMatchObject({ deadLetters: 0 });
  });
});

it('knows a source that was only imported by the collector of its letters', async () => {
  await withSettings({ id: 'listed' }, async (parts) => {
    const imported = { id: 'once', collector: 'linux-syslog', files: [join(folder, 'app.log')] };
    await importOnce(parts, [imported], { signal: new AbortController().signal, progress: () => {} });
    expect((await retryAll(parts)).refused).toEqual({ 'not valid UTF-8': 1 });
  });
});
