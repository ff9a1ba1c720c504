import { afterEach, beforeEach, expect, it } from 'vitest';
import { createMetrics } from '../core/metrics.ts';
import { refreshGauges } from './gauges.ts';
import { announceSources } from './observe.ts';
import { openServing, recorded, type Serving } from './testbench/serving.ts';

const HOUR_MS = 3_600_000;

let serving: Serving;
beforeEach(async () => {
  serving = await openServing();
});
afterEach(() => serving.close());

const shown = async () => {
  const text = await serving.parts.metrics.exposition();
  return /^vigia_ledger_difference_records (\d+)/m.exec(text)?.[1];
};

it('shows what the ledger of the last 24 hours cannot account for', async () => {
  const { parts } = serving;
  await serving.ingest(recorded('group'));
  await refreshGauges(parts);
  expect(await shown()).toBe('0');
  const at = new Date(parts.now()).toISOString();
  await parts.store.batches.publish({
    writer: 'broken',
    number: 1,
    at,
    next: { generation: 1, position: '0' },
    ledger: [
      {
        source: 'broken',
        hour: at.slice(0, 13),
        read: 9,
        stored: 5,
        duplicate: 1,
        deadLettered: 0,
        evaluated: 4,
      },
    ],
    partitions: [],
    alerts: [],
    touched: [],
  });
  await refreshGauges(parts);
  expect(await shown()).toBe('4');
  serving.wait(26 * HOUR_MS);
  await refreshGauges(parts);
  expect(await shown()).toBe('0');
});

it('has every series of a source before its first record, and its silence counts from then', async () => {
  const metrics = createMetrics({ version: '1' });
  announceSources(metrics, ['dc1'], 1_763_000_000_000);
  const text = await metrics.exposition();
  for (const name of ['received', 'stored', 'duplicate', 'evaluated'])
    expect(text).toContain(`vigia_events_${name}_total{source="dc1"} 0`);
  expect(text).toContain('vigia_events_dead_lettered_total{source="dc1",stage="read"} 0');
  expect(text).toContain('vigia_source_last_record_timestamp_seconds{source="dc1"} 1763000000');
});
