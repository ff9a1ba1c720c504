import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventPage, Store } from '../core/store.ts';
import { NOTHING_KNOWN } from '../detections/index.ts';
import { openBacktests } from './backtests.ts';

const SPAN = { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' };
const text = {
  name: 'a.yml',
  text: 'title: A\nlogsource: {product: linux}\ndetection: {sel: {A: x}, condition: sel}\n',
};

describe('backtests', () => {
  /** Reads wait here until they are let go. */
  let waiting: (() => void)[] = [];
  const page: EventPage = { events: [], fetched: 10 };
  const events = { read: () => new Promise<EventPage>((resolve) => waiting.push(() => resolve(page))) };
  const store = {
    events,
    capabilities: { name: 'elasticsearch', shared: true, foreignIndices: true },
    size: async () => ({ events: 1_000, bytes: 1 }),
  } as unknown as Store;
  const open = () =>
    openBacktests({
      store,
      settings: { placeholders: {} },
      rules: [],
      now: Date.now,
      known: async () => NOTHING_KNOWN,
    });
  async function letGo(): Promise<void> {
    for (const go of waiting.splice(0)) go();
    await vi.advanceTimersByTimeAsync(0);
  }

  beforeEach(() => {
    waiting = [];
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  });
  afterEach(() => void vi.useRealTimers());

  it('ends when cancelled, and keeps what was counted as partial', async () => {
    const backtests = open();
    const { id, state } = await backtests.start({ ...SPAN, texts: [text] });
    expect(state).toBe('running');
    await letGo();
    const cancelled = backtests.cancel(id);
    await letGo();
    await letGo();
    expect(await cancelled).toMatchObject({ complete: false });
    expect(backtests.get(id)).toMatchObject({ state: 'cancelled', complete: false });
  });

  it('ends by itself when nobody asks any more, and is forgotten later', async () => {
    const backtests = open();
    const { id } = await backtests.start({ ...SPAN, texts: [text] });
    await letGo();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(backtests.get(id).state).toBe('running');
    await vi.advanceTimersByTimeAsync(36_000);
    await letGo();
    await letGo();
    expect(backtests.get(id).state).toBe('cancelled');
    await vi.advanceTimersByTimeAsync(620_000);
    expect(() => backtests.get(id)).toThrow(/does not exist/);
  });

  it('refuses a third at once, and says why', async () => {
    const backtests = open();
    await backtests.start({ ...SPAN, texts: [text] });
    await backtests.start({ ...SPAN, texts: [text] });
    await expect(backtests.start({ ...SPAN, texts: [text] })).rejects.toThrow(/2 back-tests are running/);
  });
});
