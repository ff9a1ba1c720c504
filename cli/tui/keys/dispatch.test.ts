/** Keys as a person, a fast line, a paste and a held key send them. */
import { describe, expect, it } from 'vitest';
import { VigiaError } from '../../../core/errors.ts';
import { openRun } from '../actions/navigate.ts';
import { refreshQueue } from '../store/refresh.ts';
import { type BenchOptions, OFFLINE, started } from '../testbench/bench.ts';
import { answer, incident, incidents, run } from '../testbench/samples.ts';
import { BINDINGS, bindingsOf, type Where } from './table.ts';

const many = {
  'GET /api/v1/incidents': {
    incidents: Array.from({ length: 60 }, (_, at) =>
      incident({ at, title: 'x', severity: 'low', minutes: 500 - at }),
    ),
  },
};
const posts = (one: Awaited<ReturnType<typeof started>>) =>
  one.calls.filter(({ method }) => method === 'POST');

describe('the key table', () => {
  it.each<Where>(['queue', 'incident', 'runs', 'run', 'health'])('binds each key of %s once', (where) => {
    const keys = bindingsOf(where).flatMap((one) => one.keys);
    expect(keys).toEqual([...new Set(keys)]);
  });

  it('binds no function key, no Alt, and nothing that multiplexers and flow control take', () => {
    const forbidden = /^f\d|^alt|^ctrl-[abqs]$/;
    expect(BINDINGS.flatMap(({ keys }) => keys).filter((key) => forbidden.test(key))).toEqual([]);
  });

  it('shows every key of the screen in help', async () => {
    const one = await started({ rows: 100 });
    await one.type('?');
    const page = one.screen().join('\n');
    for (const { label } of bindingsOf('queue')) expect(page).toContain(one.c.say(label));
  });

  it('finds a key in help by what it does', async () => {
    const one = await started();
    await one.type('?');
    await one.typeSlowly('playb');
    expect(one.screen().filter((line) => /^ {3}\S/.test(line))).toEqual([
      expect.stringMatching(/^ {3}p +playbook/),
    ]);
  });
});

describe('moving', () => {
  it('moves ten rows for ten keys in one chunk', async () => {
    const one = await started({ answers: many });
    await one.type('jjjjjjjjjj');
    expect(one.c.state.queue.order.indexOf(one.c.state.queue.selected!)).toBe(10);
  });

  it('counts every press of a held key, and the keys glued to it', async () => {
    const one = await started({ answers: many });
    await one.type('j'.repeat(30));
    await one.type('kk\u001b[B');
    expect(one.c.state.queue.order.indexOf(one.c.state.queue.selected!)).toBe(29);
  });

  it('leads out with escape: filter first, then marks', async () => {
    const one = await started();
    await one.type(' ');
    await one.type('/kerb\r');
    await one.type('\u001b');
    expect([one.c.state.queue.filter, one.c.state.queue.marks.size]).toEqual(['', 1]);
    await one.type('\u001b');
    expect(one.c.state.queue.marks.size).toBe(0);
  });

  it('asks before q leaves the queue, and not in the first moments', async () => {
    const one = await started();
    await one.type('qy');
    expect(one.quits).toBe(0);
    one.clock.now += 400;
    await one.type('y');
    expect(one.quits).toBe(1);
  });
});

describe('pastes', () => {
  const addresses = Array.from({ length: 40 }, (_, at) => `10.0.0.${at}`).join('\r');

  it.each([
    ['with paste marks', `\u001b[200~${addresses}\u001b[201~`],
    ['without them', addresses],
  ])('a list of addresses pasted into the queue %s changes nothing and says so', async (_name, bytes) => {
    const one = await started();
    const { screen, queue } = one.c.state;
    await one.type(bytes);
    expect([one.c.state.screen, one.c.state.queue.selected, one.c.state.dialog]).toEqual([
      screen,
      queue.selected,
      undefined,
    ]);
    expect(posts(one)).toEqual([]);
    expect(one.screen()[23]).toContain('was refused here');
  });

  it('goes into a text field as text, line ends visible', async () => {
    const one = await started();
    await one.type('n');
    await one.type('\u001b[200~one\r\ntwo\u001b[201~');
    expect(one.screen().join('\n')).toContain('one⏎two');
    expect(posts(one)).toEqual([]);
  });
});

describe('changing an incident', () => {
  it('acknowledges the selected one with the version that stood on the screen', async () => {
    const one = await started();
    await one.type('a');
    expect(posts(one)).toEqual([
      { method: 'POST', path: '/api/v1/incidents/i412/acknowledge', body: { version: '1' } },
    ]);
    expect(one.screen()[23]).toContain('✓ INC-2026-000412 acknowledged');
  });

  it('does not act on a row that only waits behind the badge', async () => {
    const one = await started();
    one.answers['GET /api/v1/incidents'] = {
      incidents: [
        incident({ at: 999, title: 'newer and worse', severity: 'critical', minutes: 900 }),
        ...incidents(),
      ],
    };
    await refreshQueue(one.c);
    await one.type('a');
    expect(posts(one)[0]?.path).toBe('/api/v1/incidents/i412/acknowledge');
    expect(one.screen()[1]).toContain('1 new ↑');
  });

  it('says who was faster, and builds on that the next time', async () => {
    const one = await started();
    one.answers['POST /api/v1/incidents/i412/acknowledge'] = new VigiaError('changed by someone else', {
      code: 'conflict',
      exitCode: 1,
      status: 409,
    });
    one.answers['GET /api/v1/incidents/i412'] = answer({ version: '7' });
    await one.type('a');
    expect(one.screen()[23]).toContain('changed meanwhile by ana: state new → acknowledged');
  });

  it('closes with verdict and reason, and not without the reason', async () => {
    const one = await started();
    await one.type('c');
    await one.type('\u001b[C\t\r');
    expect(posts(one)).toEqual([]);
    expect(one.screen().join('\n')).toContain('Reason is missing');
    await one.typeSlowly('planned');
    await one.type('\r');
    expect(posts(one)).toEqual([
      {
        method: 'POST',
        path: '/api/v1/incidents/i412/close',
        body: { verdict: 'benign', reason: 'planned', version: '1' },
      },
    ]);
  });

  it('keeps the text of a form that was left', async () => {
    const one = await started();
    await one.type('n');
    await one.typeSlowly('owner calls back');
    await one.type('\u001b');
    await one.type('n');
    expect(one.screen().join('\n')).toContain('owner calls back');
  });

  it('refuses to change anything offline, with the reason', async () => {
    const one = await started();
    one.answers['GET /api/v1/incidents'] = OFFLINE;
    await expect(refreshQueue(one.c)).rejects.toThrow();
    await one.type('a');
    expect(posts(one)).toEqual([]);
    expect(one.screen()[23]).toContain('nothing is changed while offline');
  });

  it.each<[string, BenchOptions, string]>([
    ['a viewer', { roles: ['viewer'] }, 'needs one of the roles analyst, responder'],
    ['a read-only console', { readonly: true }, 'read-only'],
  ])('tells %s why the key does nothing', async (_who, options, why) => {
    const one = await started(options);
    await one.type('a');
    expect(posts(one)).toEqual([]);
    expect(one.screen()[23]).toContain(why);
  });

  it('asks before more than five marked ones, and reports each', async () => {
    const one = await started();
    await one.type('*a');
    expect(posts(one)).toEqual([]);
    one.clock.now += 400;
    await one.type('y');
    expect(posts(one)).toHaveLength(6);
    expect(one.screen()[23]).toContain('1 of 6');
  });
});

describe('deciding about a run', () => {
  async function deciding(options: BenchOptions = {}) {
    const one = await started(options);
    await openRun(one.c, 'r1');
    await one.type('d');
    return one;
  }

  it('approves when the target was typed by hand and Enter came after it', async () => {
    const one = await deciding();
    one.clock.now += 400;
    await one.typeSlowly('svc-backup');
    await one.type('\r');
    expect(posts(one)).toEqual([
      { method: 'POST', path: '/api/v1/runs/r1/approve', body: { planHash: run().planHash } },
    ]);
  });

  it.each([
    ['Enter held from the queue', ['\r\r\r\r', '\r', '\r']],
    ['a paste with marks', ['\u001b[200~svc-backup\r\u001b[201~', '\r']],
    ['a paste without marks', ['svc-backup\r', '\r']],
    ['Enter glued to the last letters', ['s', 'v', 'c', '-', 'b', 'a', 'c', 'k', 'up\r']],
    ['the wrong name', ['svc', '-bac', '\r']],
  ])('approves nothing for %s', async (_name, chunks) => {
    const one = await deciding();
    one.clock.now += 400;
    for (const chunk of chunks) await one.type(chunk);
    expect(posts(one)).toEqual([]);
  });

  it('hears nothing in its first 300 ms', async () => {
    const one = await deciding();
    await one.typeSlowly('svc-backup');
    one.clock.now += 400;
    await one.type('\r');
    expect(posts(one)).toEqual([]);
  });

  it('does not let the requester approve, whatever is typed', async () => {
    const one = await deciding({ user: 'ANA' });
    one.clock.now += 400;
    expect(one.screen().join('\n')).toContain('ANA asked for this run and cannot approve it');
    await one.typeSlowly('svc-backup');
    await one.type('\r');
    expect(posts(one)).toEqual([]);
  });

  it('refuses with a reason', async () => {
    const one = await deciding();
    one.clock.now += 400;
    await one.type('\u0012');
    await one.typeSlowly('wrong account');
    await one.type('\r');
    expect(posts(one)).toEqual([
      { method: 'POST', path: '/api/v1/runs/r1/refuse', body: { reason: 'wrong account' } },
    ]);
  });

  it('asks for the run whose plan was on the screen', async () => {
    const one = await started();
    for (const key of ['p', '\r', '\r', '\r']) await one.type(key);
    expect(posts(one).at(-1)).toMatchObject({
      path: '/api/v1/runs/plan',
      body: {
        flow: 'contain-account',
        input: { account: 'svc-backup', addresses: ['10.20.4.17'] },
        incident: 'i412',
      },
    });
    await one.type('y');
    expect(posts(one)).toHaveLength(1);
    one.clock.now += 400;
    await one.type('y');
    expect(posts(one).at(-1)).toMatchObject({ path: '/api/v1/runs', body: { seen: run().planHash } });
  });
});
