/** A whole sitting on a terminal in memory: what is on the screen, what is written, and what is left behind. */
import { afterEach, describe, expect, it } from 'vitest';
import { type Session, session } from './session.ts';
import { bench } from './testbench/bench.ts';
import { incident } from './testbench/samples.ts';
import { type ScreenTerminal, screenTerminal } from './testbench/screen-terminal.ts';

let open: Session | undefined;
afterEach(() => open?.end());

async function sitting(rows = 60): Promise<{ one: Session; term: ScreenTerminal; expected(): string[] }> {
  const api = bench({
    answers: {
      'GET /api/v1/incidents': {
        incidents: Array.from({ length: rows }, (_, at) =>
          incident({ at, title: `Incident ${at}`, severity: 'low', minutes: 500 - at }),
        ),
      },
    },
  });
  const term = screenTerminal();
  const one = session({
    api: api.c.api,
    readonly: false,
    ascii: false,
    lang: 'en',
    environment: 'TEST',
    input: term.input,
    output: term.output,
    now: () => api.clock.now,
  });
  open = one;
  one.c.set({ utc: true });
  await one.c.idle();
  term.type('\u000c');
  // The same state, presented once and drawn on a terminal that has seen nothing before.
  const expected = () => {
    const fresh = bench({ columns: one.c.state.size.columns, rows: one.c.state.size.rows });
    fresh.c.set({ ...one.c.state });
    return fresh.screen().map((line) => line.trimEnd());
  };
  return { one, term, expected };
}

describe('drawing', () => {
  it('shows on the screen exactly what was presented, through moves, screens and dialogs', async () => {
    const { one, term, expected } = await sitting();
    for (const keys of [
      'jjj',
      'G',
      '\u001b[5~',
      '?',
      '\u001b\u001b',
      '5',
      '4',
      '1',
      'c',
      '\u001b\u001b',
      '/Incident 4',
      '\r',
      'g',
    ]) {
      term.type(keys);
      await one.c.idle();
      term.type('');
      one.c.repaint();
      term.type('k');
      expect(await term.lines(), JSON.stringify(keys)).toEqual(expected());
    }
  });

  it('writes only changed lines in steady use, and never clears', async () => {
    const { term } = await sitting();
    const begin = term.written.length;
    term.type('j');
    const bytes = term.written.slice(begin).join('').length;
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(600);
    for (const keys of ['jjjjjjjjjjjjjjjjjj', 'G', '5', '1', '?', '\u001b\u001b']) term.type(keys);
    expect(term.written.slice(1).join('')).not.toMatch(/\u001b\[[0-3]?J|\u001bc|\u001b\[\d*L/);
  });

  it('leaves no debris after any resize, and keeps the selection', async () => {
    const { one, term, expected } = await sitting();
    term.type('jjjjj');
    const { selected } = one.c.state.queue;
    for (const [columns, rows] of [
      [120, 40],
      [70, 20],
      [100, 30],
      [80, 24],
    ] as const) {
      term.resize(columns, rows);
      expect(await term.lines()).toEqual(expected());
      expect(one.c.state.queue.selected).toBe(selected);
    }
  });

  it('skips frames while the line is slow, and then shows the newest', async () => {
    const { term, expected } = await sitting();
    const write = term.output.write;
    let held = 0;
    term.output.write = (text) => {
      held += 1;
      write(text);
      return false;
    };
    for (let at = 0; at < 10; at += 1) term.type('j');
    expect(held).toBe(1);
    term.output.write = write;
    term.output.emit('drain');
    expect(await term.lines()).toEqual(expected());
  });
});

describe('taking the terminal over and giving it back', () => {
  it('restores screen, cursor, wrapping, paste marks and line mode', async () => {
    const { one, term } = await sitting();
    await term.lines();
    expect([term.isAlternate(), term.input.raw]).toEqual([true, true]);
    one.end();
    await term.lines();
    expect([term.isAlternate(), term.input.raw]).toEqual([false, false]);
    expect(term.written.at(-1)).toBe('\u001b[0m\u001b[?2004l\u001b[?7h\u001b[?25h\u001b[?1049l');
  });

  it('ends when the person leaves, and hears nothing afterwards', async () => {
    const { one, term } = await sitting();
    one.c.quit();
    await one.ended;
    const count = term.written.length;
    term.type('jjj');
    expect(term.written).toHaveLength(count);
    expect(term.input.listenerCount('data')).toBe(0);
  });

  it('paints everything again after being stopped by the shell', async () => {
    const { one, term, expected } = await sitting();
    one.c.suspend();
    await term.lines();
    expect(term.isAlternate()).toBe(false);
    term.resize(100, 30);
    one.c.state.size = { columns: 100, rows: 30 };
    one.resume();
    expect(await term.lines()).toEqual(expected());
  });
});
