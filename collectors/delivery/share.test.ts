import { expect, it } from 'vitest';
import { fairShare, type Share } from './share.ts';

const MEGABYTE = 1_024 * 1_024;
const TOGETHER = 16 * MEGABYTE;

/** A source that always has more than it may read, as it is after some batches. */
function behind(share: Share) {
  const source = share.source();
  for (let batch = 0; batch < 5; batch++) source.enter(source.bytes())();
  return source;
}

it('lets a source that is behind read more with every batch, and a quiet one only a little', () => {
  const source = fairShare().source();
  const first = source.bytes();
  source.enter(first)();
  expect(source.bytes()).toBeGreaterThan(first);
  expect(behind(fairShare()).bytes()).toBe(2 * MEGABYTE);
  source.enter(100)();
  expect(source.bytes()).toBe(first);
});

it('gives each less the more are behind, and all of it back', () => {
  const share = fairShare();
  const source = behind(share);
  const leave = Array.from({ length: 99 }, () => behind(share)).map((one) => one.enter(one.bytes()));
  expect(source.bytes()).toBeLessThan(MEGABYTE / 10);
  for (const one of leave) one();
  expect(source.bytes()).toBe(2 * MEGABYTE);
});

it('lets 500 sources that are all behind hold no more than twice the whole', () => {
  const share = fairShare();
  const sources = Array.from({ length: 500 }, () => behind(share));
  const held = sources.map((one) => {
    const bytes = one.bytes();
    one.enter(bytes);
    return bytes;
  });
  expect(held.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(2 * TOGETHER);
  expect(Math.min(...held)).toBeGreaterThan(30_000);
});

it('gathers what trickles for longer the more batches are under way, and for a second at most', () => {
  const share = fairShare();
  const source = share.source();
  expect(source.gatherMs()).toBe(0);
  const leave = Array.from({ length: 20 }, () => share.source().enter(100));
  expect(source.gatherMs()).toBe(400);
  for (let n = 0; n < 200; n++) share.source().enter(100);
  expect(source.gatherMs()).toBe(1_000);
  for (const one of leave) one();
  expect(fairShare().source().gatherMs()).toBe(0);
});

it('takes next to nothing from a flood because of sources that are quiet', () => {
  const share = fairShare();
  const flood = behind(share);
  for (let n = 0; n < 500; n++) share.source().enter(100);
  expect(flood.bytes()).toBeGreaterThan(1.9 * MEGABYTE);
});
