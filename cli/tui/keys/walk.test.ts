/** Two thousand random keys with live data under them: nothing throws, nothing leaves the screen, nothing decides by itself. */
import { expect, it } from 'vitest';
import { cells } from '../present/cells.ts';
import { belongs } from '../store/queue.ts';
import { refreshQueue } from '../store/refresh.ts';
import { started } from '../testbench/bench.ts';
import { incident } from '../testbench/samples.ts';

/** The same walk every time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const KEYS = [
  'j',
  'k',
  'g',
  'G',
  'a',
  'A',
  'n',
  's',
  'c',
  'p',
  'R',
  'K',
  'd',
  'f',
  'O',
  'u',
  '*',
  ' ',
  '/',
  ':',
  '?',
  '!',
  '1',
  '2',
  '4',
  '5',
  '6',
  '7',
  'E',
  'X',
  'v',
  '-',
  '[',
  ']',
  'T',
  'r',
  'q',
  'x',
  'y',
  '\r',
  '\t',
  '\u001b',
  '\u0012',
  '\u0015',
  '\u0017',
  '\u001b[A',
  '\u001b[B',
  '\u001b[5~',
  '\u001b[6~',
  '\u001b[200~paste\u001b[201~',
  'jjjj',
];

it.each([1, 2])('survives a random walk (seed %i)', { timeout: 60_000 }, async (seed) => {
  const random = seeded(seed);
  let next = 2_000;
  let rows = Array.from({ length: 40 }, (_, at) =>
    incident({ at, title: `Incident ${at}`, severity: 'medium', minutes: 400 - at }),
  );
  const one = await started({ answers: { 'GET /api/v1/incidents': () => ({ incidents: rows }) } });
  for (let step = 0; step < 1_000; step += 1) {
    if (random() < 0.1) {
      rows = [
        ...rows.filter(() => random() > 0.05),
        incident({ at: next++, title: 'new', severity: 'high', minutes: 1 }),
      ];
      // Incidents of the walk cannot be read one by one; the queue alone is under test.
      await refreshQueue(one.c).catch(() => undefined);
    }
    one.clock.now += Math.floor(random() * 500);
    await one.type(KEYS[Math.floor(random() * KEYS.length)]!);
    const lines = one.screen();
    expect(lines).toHaveLength(24);
    for (const line of lines) expect(cells(line)).toBeLessThanOrEqual(80);
    const { queue } = one.c.state;
    const selected = queue.selected === undefined ? undefined : queue.records.get(queue.selected);
    if (queue.order.length > 0)
      expect(
        selected &&
          (queue.gone.has(selected.id) ||
            queue.order.includes(selected.id) ||
            belongs(queue, selected, 'rui', one.clock.now)),
      ).toBe(true);
  }
  // A random hand never types a target's name, so it never approves.
  expect(one.calls.filter(({ path }) => path.endsWith('/approve'))).toEqual([]);
});
