/** Every screen in its states, as pictures; in both languages; and with the texts that attackers write. */
import { renderToString } from 'ink';
import { describe, expect, it } from 'vitest';
import type { Lang } from '../../../core/i18n/catalogue.ts';
import { openAccess, openIncident, openRun, show } from '../actions/navigate.ts';
import { Lines } from '../components/lines.tsx';
import { refreshQueue } from '../store/refresh.ts';
import { TABS } from '../store/state.ts';
import { type Bench, type BenchOptions, bench, OFFLINE, started } from '../testbench/bench.ts';
import {
  accessAnswer,
  accesses,
  answer,
  FLOW,
  HOSTILE,
  health,
  hostile,
  incidents,
  JOURNAL,
  NOW,
  patchHosts,
  run,
  STEPS,
  WAVES,
  waveRun,
} from '../testbench/samples.ts';
import { cells } from './cells.ts';

const LANGS: readonly Lang[] = ['en', 'pt'];

type Scene = (one: Bench) => Promise<void>;
const press =
  (keys: string): Scene =>
  async (one) =>
    one.type(keys);
const incidentTab =
  (tab: (typeof TABS)[number]): Scene =>
  (one) =>
    openIncident(one.c, 'i412', tab);
const runDetail: Scene = (one) => openRun(one.c, 'r1');
const decision: Scene = async (one) => {
  await runDetail(one);
  await one.type('d');
  one.clock.now += 400;
};

/** Name of the picture → how to get there from the queue. */
const SCENES: Readonly<Record<string, Scene>> = {
  queue: async () => undefined,
  'queue-filter': press('/sev>=high'),
  'queue-marked': press('j jj '),
  ...Object.fromEntries(TABS.map((tab) => [`incident-${tab}`, incidentTab(tab)])),
  event: async (one) => {
    await openIncident(one.c, 'i412', 'timeline');
    await one.type('j\r');
  },
  runs: press('4'),
  run: runDetail,
  health: press('5'),
  accesses: press('6'),
  access: async (one) => {
    for (const key of ['6', '\r']) await one.type(key);
  },
  'access-approve': async (one) => {
    for (const key of ['6', '\r', 'd']) await one.type(key);
  },
  'access-request': async (one) => {
    for (const key of ['6', 'n']) await one.type(key);
  },
  patching: async (one) => {
    one.answers['GET /api/v1/runs'] = { runs: [run(), waveRun()] };
    await one.type('7');
  },
  help: press('?'),
  'form-close': press('c'),
  'playbook-choice': press('p'),
  'playbook-input': async (one) => {
    await one.type('p');
    await one.type('\r');
  },
  plan: async (one) => {
    for (const key of ['p', '\r', '\r', '\r']) await one.type(key);
  },
  approve: decision,
  'approve-typed': async (one) => {
    await decision(one);
    await one.typeSlowly('svc-backup');
  },
};

async function scene(name: string, options: BenchOptions): Promise<Bench> {
  const one = await started(options);
  await SCENES[name]!(one);
  return one;
}

const picture = (one: Bench): string => {
  const { lines } = one.frame();
  return renderToString(<Lines lines={lines} columns={one.c.state.size.columns} />, {
    columns: one.c.state.size.columns,
  });
};

describe('pictures at 80x24', () => {
  for (const lang of LANGS)
    it.each(Object.keys(SCENES))(`%s in ${lang}`, async (name) => {
      await expect(`${picture(await scene(name, { lang }))}\n`).toMatchFileSnapshot(
        `../testdata/screens/${name}.${lang}.txt`,
      );
    });

  it.each<[string, BenchOptions, Scene?]>([
    ['queue-empty', { answers: { 'GET /api/v1/incidents': { incidents: [] } } }],
    ['queue-readonly', { readonly: true }],
    ['queue-ascii', { ascii: true }],
    ['queue-wide', { columns: 120, rows: 30 }],
    ['too-small', { columns: 70, rows: 20 }],
    ['approve-requester', { user: 'ana' }, decision],
    ['approve-not-approver', { roles: ['analyst'] }, decision],
    [
      'run-not-proven',
      {
        answers: {
          'GET /api/v1/runs/r1': {
            run: run({
              state: 'not-proven',
              steps: [{ ...STEPS[0]!, outcome: 'not-proven', detail: 'the directory still says enabled' }],
            }),
            journal: JOURNAL,
          },
        },
      },
      runDetail,
    ],
  ])('%s', async (name, options, then) => {
    const one = await started(options);
    await then?.(one);
    await expect(`${picture(one)}\n`).toMatchFileSnapshot(`../testdata/screens/${name}.txt`);
  });

  it('shows the proof of one that ended late, and what is owed', async () => {
    const ended = accesses()[3]!;
    const one = await started({ answers: { 'GET /api/v1/access/ACC-2026-000014': accessAnswer(ended) } });
    await openAccess(one.c, ended.id);
    await expect(`${picture(one)}\n`).toMatchFileSnapshot('../testdata/screens/access-late.txt');
  });

  it('says that it is loading before the first answer', async () => {
    const one = bench();
    await expect(`${picture(one)}\n`).toMatchFileSnapshot('../testdata/screens/queue-loading.txt');
  });

  it('keeps the numbers and shows their age when the server is gone', async () => {
    const one = await started();
    one.answers['GET /api/v1/incidents'] = OFFLINE;
    one.clock.now = NOW + 42_000;
    await expect(refreshQueue(one.c)).rejects.toThrow('ECONNREFUSED');
    one.clock.now += 1_000;
    await expect(`${picture(one)}\n`).toMatchFileSnapshot('../testdata/screens/queue-offline.txt');
  });

  it('shows data without an answer for ten seconds as old', async () => {
    const one = await started();
    one.clock.now = NOW + 42_000;
    expect(one.screen()[0]).toContain('◌ 42 s old');
  });

  it('keeps a row that somebody else closed, marked, with who and when', async () => {
    const one = await started();
    const closed = answer({
      incident: {
        ...answer().incident,
        state: 'closed',
        history: [
          { at: new Date(NOW).toISOString(), by: 'ana', field: 'state', from: 'acknowledged', to: 'closed' },
        ],
      },
    });
    one.answers['GET /api/v1/incidents'] = { incidents: incidents().slice(1) };
    one.answers['GET /api/v1/incidents/i412'] = closed;
    await refreshQueue(one.c);
    expect(one.screen()[3]).toMatch(/^▌ {2}~ CRIT INC-0412 .*state → closed by ana 19:04:12/);
  });
});

describe('a changed plan', () => {
  it('shows what changed, and lets nobody approve', async () => {
    const one = await started();
    await decision(one);
    const changed = run({
      planHash: 'other',
      steps: [{ ...STEPS[0]!, plan: { ...STEPS[0]!.plan, changes: ['~ deletes the account'] } }],
    });
    one.answers['GET /api/v1/runs/r1'] = {
      run: {
        ...changed,
        history: [{ at: new Date(NOW).toISOString(), by: 'vigia', field: 'planHash', from: 'a', to: 'b' }],
      },
      journal: JOURNAL,
    };
    show(one.c, 'runs');
    await one.c.idle();
    const screen = one.screen().join('\n');
    expect(screen).toContain('The plan has changed');
    expect(screen).toMatch(/\+ .*deletes the account/);
    await one.typeSlowly('svc-backup');
    await one.type('\r');
    expect(one.calls.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

describe('hostile texts', () => {
  const answers = {
    'GET /api/v1/incidents': {
      incidents: hostile([
        ...incidents(),
        ...HOSTILE.map((title, at) => ({ ...incidents()[0]!, id: `h${at}`, title, owner: title })),
      ]),
    },
    'GET /api/v1/incidents/i412': hostile(answer()),
    'GET /api/v1/runs': { runs: hostile([run()]) },
    'GET /api/v1/runs/r1': hostile({ run: run(), journal: JOURNAL }),
    'GET /api/v1/flows': { flows: hostile([{ ...FLOW, input: {} }]) },
    'GET /api/v1/access': { access: hostile(accesses()) },
    'GET /api/v1/access/ACC-2026-000017': hostile(accessAnswer()),
    'GET /api/v1/patches/waves': { waves: hostile(WAVES) },
    'GET /api/v1/patches/hosts': { hosts: hostile(patchHosts()) },
    'GET /api/v1/health': hostile(health()),
    'GET /api/v1/ledger': { ledger: hostile(health().ledger) },
  };

  const COMMANDS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069]/;
  for (const ascii of [false, true])
    it.each(Object.keys(SCENES))(
      `cannot command the terminal, nor add a line, on %s (ascii ${ascii})`,
      async (name) => {
        const one = await scene(name, { ascii, answers });
        const lines = one.screen();
        expect(lines).toHaveLength(24);
        expect(lines.join('\n')).not.toMatch(COMMANDS);
        for (const line of lines) expect(cells(line)).toBeLessThanOrEqual(80);
        const drawn = picture(one).split('\n');
        expect(drawn).toHaveLength(24);
        expect(drawn.join('\n')).not.toMatch(COMMANDS);
      },
    );

  it('shows what is hidden instead of dropping it', async () => {
    const one = await started({ answers });
    expect(one.screen().join('\n')).toContain('␛[2J␛[31mred');
  });
});
