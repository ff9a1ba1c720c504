import { mkdtempSync, rmSync } from 'node:fs';
import type * as Files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openSpool } from './spool.ts';
import { spoolReader } from './spool-reader.ts';

/** What a writer does to a segment whose disk is full: it takes back what was not synced, while somebody reads. */
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof Files>();
  const open: typeof real.open = async (path, flags, mode) => {
    const handle = await real.open(path, flags, mode);
    if (flags !== 'r') return handle;
    const read = handle.read.bind(handle) as (...given: unknown[]) => Promise<unknown>;
    let reads = 0;
    const cutting = async (...given: unknown[]) => {
      reads += 1;
      if (reads === 2) await real.truncate(path as string, 30);
      return await read(...given);
    };
    return Object.assign(handle, { read: cutting }) as typeof handle;
  };
  return { ...real, open };
});

it('reads on when a segment is cut off between asking for its size and reading it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vigia-spool-'));
  const spool = await openSpool(folder, { warn: () => undefined });
  try {
    spool.append({ bytes: Buffer.alloc(10_000, 'x'), receivedMs: 1, peer: '' });
    await spool.flush();
    const options = { until: 'end', batchBytes: 64, maxRecordBytes: 100_000 } as const;
    const batches = spoolReader(folder)(undefined, {
      ...options,
      signal: AbortSignal.timeout(5_000),
      warn: () => undefined,
    });
    const records: unknown[] = [];
    for await (const batch of batches) records.push(...batch.records);
    expect(records).toEqual([]);
  } finally {
    await spool.close();
    rmSync(folder, { recursive: true });
  }
});
