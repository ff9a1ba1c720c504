/** Work that is done again and again: what ends it, and what does not. */
import { expect, it } from 'vitest';
import { errors } from '../../core/errors.ts';
import type { Parts } from '../parts.ts';
import { type Steady, steadily } from './steadily.ts';

/** Runs `work` (told how often it was called before) until it says stop; gives what was logged and counted. */
async function worked(work: (before: number, stop: () => void) => boolean, more: Partial<Steady> = {}) {
  const told: string[] = [];
  const log = { info: (text: string) => told.push(text), warn: (text: string) => told.push(text) };
  const metrics = { count: (name: string, labels: object) => told.push(`${name} ${JSON.stringify(labels)}`) };
  const stopping = new AbortController();
  let calls = 0;
  const steady: Steady = {
    ...{ name: 'judge', signal: stopping.signal, pauseMs: 1 },
    work: async () => work(calls++, () => stopping.abort()),
    ...more,
  };
  await steadily({ log, metrics } as unknown as Parts, steady);
  return { calls, told };
}

it('goes on at once while there is more, pauses when there is not, and ends with its signal', async () => {
  const found = await worked((before, stop) => {
    if (before === 5) stop();
    return before < 3;
  });
  expect(found).toEqual({ calls: 6, told: [] });
});

it('goes on through an outage, and tells once that it began and once that it is over', async () => {
  const found = await worked((before, stop) => {
    if (before < 3) throw errors.remote('Elasticsearch', 'search', 'no answer');
    stop();
    return false;
  });
  expect(found.calls).toBe(4);
  expect(found.told).toEqual([
    ...['vigia_store_errors_total {"stage":"judge"}', expect.stringContaining('trying again')],
    ...Array(2).fill('vigia_store_errors_total {"stage":"judge"}'),
    'judge: goes on after 3 failures',
  ]);
});

it('ends with a bug of ours', async () => {
  const bug = new TypeError('a bug');
  const found = worked(() => {
    throw bug;
  });
  await expect(found).rejects.toBe(bug);
});

it('leaves the first moments to others, and begins nothing when it is over by then', async () => {
  const signal = AbortSignal.timeout(20);
  expect((await worked(() => false, { signal, firstMs: 60_000 })).calls).toBe(0);
});
