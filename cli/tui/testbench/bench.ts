/** A console without a terminal: a fake API with recorded calls, a clock that tests move, keys by name, the screen as text. */

import type { Role } from '../../../core/documents.ts';
import { VigiaError } from '../../../core/errors.ts';
import type { Lang } from '../../../core/i18n/catalogue.ts';
import type { Api } from '../../api.ts';
import { handle } from '../keys/dispatch.ts';
import { type Frame, frameOf } from '../present/frame.ts';
import { type Console, consoleOf } from '../store/console.ts';
import { held } from '../store/queue.ts';
import { refreshMe, refreshQueue } from '../store/refresh.ts';
import { initialState } from '../store/state.ts';
import { parseInput } from '../terminal/input.ts';
import {
  access,
  accessAnswer,
  accesses,
  answer,
  EVENT,
  FLOW,
  health,
  incidents,
  JOURNAL,
  NOW,
  patchHosts,
  run,
  STEPS,
  WAVES,
  waveRun,
} from './samples.ts';

type Answers = Record<string, unknown | ((body: unknown) => unknown)>;

export interface Bench {
  c: Console;
  calls: { method: string; path: string; body?: unknown }[];
  /** What the API answers, by `GET /path` (without query); a function receives the body; an error is thrown. */
  answers: Answers;
  clock: { now: number };
  /** Bytes as a terminal sends them, in one chunk. */
  type(bytes: string): Promise<void>;
  /** Each letter a chunk of its own. */
  typeSlowly(text: string): Promise<void>;
  frame(): Frame;
  /** The screen as lines of plain text. */
  screen(): string[];
  quits: number;
}

export interface BenchOptions {
  lang?: Lang;
  user?: string;
  roles?: readonly Role[];
  readonly?: boolean;
  ascii?: boolean;
  columns?: number;
  rows?: number;
  answers?: Answers;
}

export const OFFLINE = new VigiaError('vigia server: GET failed: connect ECONNREFUSED', {
  code: 'remote',
  exitCode: 3,
  status: 503,
});

export function bench(options: BenchOptions = {}): Bench {
  const {
    lang = 'en',
    user = 'rui',
    roles = ['analyst', 'responder', 'approver'],
    columns = 80,
    rows = 24,
  } = options;
  const calls: Bench['calls'] = [];
  const clock = { now: NOW };
  const changed = () => ({ incident: answer().incident, version: '2' });
  const answers: Answers = {
    'GET /api/v1/me': { user, roles },
    'GET /api/v1/incidents': { incidents: incidents() },
    'GET /api/v1/incidents/i412': answer(),
    'GET /api/v1/runs': { runs: [run()] },
    'GET /api/v1/runs/r2': { run: waveRun(), journal: JOURNAL },
    'GET /api/v1/runs/r1': { run: run(), journal: JOURNAL },
    'GET /api/v1/events/e1': EVENT,
    'GET /api/v1/flows': { flows: [FLOW] },
    'GET /api/v1/health': health(),
    'GET /api/v1/ledger': { ledger: health().ledger },
    'GET /api/v1/access': { access: accesses() },
    'GET /api/v1/access/ACC-2026-000017': accessAnswer(),
    'GET /api/v1/patches/waves': { waves: WAVES },
    'GET /api/v1/patches/hosts': { hosts: patchHosts() },
    'GET /api/v1/patches/tasks': { tasks: [{ priority: 'emergency' }, { priority: 'routine' }] },
    'POST /api/v1/access/ACC-2026-000017/approve': { access: access({ state: 'active' }) },
    'POST /api/v1/access/ACC-2026-000017/refuse': { access: access({ state: 'refused' }) },
    'POST /api/v1/patches/waves/web/plan': {
      flow: { ...run().flow, id: FLOW.id },
      input: { hosts: ['web1', 'web2'] },
      steps: STEPS,
      left: [],
      leftOut: [{ host: 'web3', why: 'no route to host' }],
      planHash: run().planHash,
      approvals: { risk: 'destructive', needed: 1, role: 'approver', hours: 8 },
    },
    'GET /api/v1/dead-letters': { deadLetters: [], counts: [], total: 0 },
    'POST /api/v1/incidents/i412/acknowledge': changed,
    'POST /api/v1/incidents/i412/note': changed,
    'POST /api/v1/incidents/i412/close': changed,
    'POST /api/v1/runs/plan': {
      flow: run().flow,
      input: { account: 'svc-backup' },
      steps: STEPS,
      left: [],
      planHash: run().planHash,
      approvals: { risk: 'destructive', needed: 1, role: 'approver', hours: 8 },
    },
    'POST /api/v1/runs': { run: run() },
    'POST /api/v1/runs/r1/approve': {
      run: run({ approvals: [{ by: user, at: new Date(NOW).toISOString(), planHash: run().planHash }] }),
    },
    'POST /api/v1/runs/r1/refuse': { run: run({ state: 'refused' }) },
    ...options.answers,
  };
  const call = async (method: string, path: string, body?: unknown) => {
    calls.push({ method, path, ...(body === undefined ? {} : { body }) });
    const key = `${method} ${path.split('?')[0]}`;
    const known = answers[key];
    const found = typeof known === 'function' ? known(body) : known;
    if (found instanceof Error) throw found;
    if (found === undefined)
      throw new VigiaError(`no answer for ${key}`, { code: 'not-found', exitCode: 1, status: 404 });
    return structuredClone(found);
  };
  const api: Api = {
    where: 'test',
    // Each test knows what it put into `answers`.
    get: (path) => call('GET', path) as never,
    post: (path, body) => call('POST', path, body) as never,
    delete: async () => undefined,
    bytes: () => Promise.reject(new Error('not in this bench')),
    close: async () => undefined,
  };
  const self: Bench = {
    calls,
    answers,
    clock,
    quits: 0,
    c: consoleOf({
      api,
      now: () => clock.now,
      state: {
        ...initialState({
          now: clock.now,
          size: { columns, rows },
          lang,
          ascii: options.ascii ?? false,
          readonly: options.readonly ?? false,
          environment: 'TEST',
          where: 'test',
        }),
        utc: true,
      },
      onChange: () => undefined,
      quit: () => {
        self.quits += 1;
      },
    }),
    async type(bytes) {
      self.frame();
      const { presses, rest } = parseInput(bytes);
      handle(self.c, rest === '\u001b' ? [...presses, { kind: 'key', name: 'esc' }] : presses);
      await self.c.idle();
      self.frame();
    },
    async typeSlowly(text) {
      for (const letter of text) await self.type(letter);
    },
    frame() {
      const { c } = self;
      c.state.now = clock.now;
      const frame = frameOf(c);
      if (c.state.queue.height !== frame.queueHeight)
        c.set({ queue: held({ ...c.state.queue, height: frame.queueHeight }) });
      c.pane = frame.pane;
      return frameOf(c);
    },
    screen: () => self.frame().lines.map((line) => line.map(({ text }) => text).join('')),
  };
  return self;
}

/** With the first answers read, as after start. */
export async function started(options: BenchOptions = {}): Promise<Bench> {
  const one = bench(options);
  await refreshMe(one.c);
  await refreshQueue(one.c);
  one.frame();
  return one;
}
