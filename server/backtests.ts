/** Back-tests that callers of the API started: run in the background, asked about until they end, forgotten a while later. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errors, VigiaError } from '../core/errors.ts';
import type { Store } from '../core/store.ts';
import {
  type Backtest,
  type BacktestResult,
  backtest,
  type DetectionRule,
  type Known,
  loadRules,
} from '../detections/index.ts';
import type { Settings } from './settings.ts';

export interface BacktestRequest {
  /** Rules as YAML, that need not be loaded here. */
  texts?: { name: string; text: string }[];
  /** Ids or titles of loaded rules. */
  named?: string[];
  /** Every loaded rule. */
  all?: boolean;
  from: string;
  to: string;
}

export interface BacktestAnswer extends BacktestResult {
  id: string;
  state: 'running' | 'done' | 'cancelled' | 'failed';
  /** Why it failed, or which of the rules asked for are not in the counts. */
  notes: string[];
}

export interface Backtests {
  start(request: BacktestRequest): Promise<BacktestAnswer>;
  get(id: string): BacktestAnswer;
  /** Ends it after the page being read; what is counted stays to be read. */
  cancel(id: string): Promise<BacktestAnswer>;
  close(): Promise<void>;
}

export interface BacktestsOptions {
  store: Store;
  settings: Pick<Settings, 'placeholders'>;
  rules: readonly DetectionRule[];
  now: () => number;
  known: () => Promise<Known>;
}

/** Each reads all events of its span: more at once would only be slower, for everybody. */
const MOST_AT_ONCE = 2;
/** Whoever does not ask for so long is gone (a command that was killed). */
const ABANDONED_MS = 30_000;
const KEPT_MS = 600_000;
const CHECK_MS = 5_000;

interface Job {
  id: string;
  notes: string[];
  run: Backtest;
  cancel: AbortController;
  state: BacktestAnswer['state'];
  askedMs: number;
}

export function openBacktests({ store, settings, rules, now, known }: BacktestsOptions): Backtests {
  const jobs = new Map<string, Job>();
  let timer: NodeJS.Timeout | undefined;

  function find(id: string): Job {
    const job = jobs.get(id);
    if (!job) throw errors.notFound('back-test', id);
    job.askedMs = now();
    return job;
  }
  const answer = ({ id, state, notes, run }: Job): BacktestAnswer => ({ id, state, notes, ...run.soFar() });

  function tidy(): void {
    for (const job of jobs.values()) {
      const silentMs = now() - job.askedMs;
      if (job.state === 'running' && silentMs > ABANDONED_MS) job.cancel.abort();
      else if (job.state !== 'running' && silentMs > KEPT_MS) jobs.delete(job.id);
    }
    if (jobs.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    async start(request) {
      if (!(Date.parse(request.from) < Date.parse(request.to)))
        throw errors.usage(`a back-test from ${request.from} to ${request.to} spans no time`);
      const running = [...jobs.values()].filter(({ state }) => state === 'running').length;
      if (running >= MOST_AT_ONCE)
        throw new VigiaError(`${running} back-tests are running`, {
          code: 'busy',
          exitCode: 3,
          status: 429,
          hint: 'wait until one of them ends, or cancel it',
        });
      const chosen = await choose(request);
      const cancel = new AbortController();
      const span = { from: new Date(request.from).toISOString(), to: new Date(request.to).toISOString() };
      const run = backtest({ store, rules: chosen.rules, ...span, signal: cancel.signal, now, known });
      const job: Job = { id: randomUUID(), ...chosen, run, cancel, state: 'running', askedMs: now() };
      jobs.set(job.id, job);
      timer ??= setInterval(tidy, CHECK_MS).unref();
      run.finished.then(
        ({ complete }) => (job.state = complete ? 'done' : 'cancelled'),
        (cause: unknown) => {
          job.state = 'failed';
          job.notes.push(cause instanceof VigiaError ? cause.message : 'an internal error');
        },
      );
      return answer(job);
    },
    get: (id) => answer(find(id)),
    async cancel(id) {
      const job = find(id);
      job.cancel.abort();
      await job.run.finished.catch(() => undefined);
      return answer(job);
    },
    async close() {
      clearInterval(timer);
      for (const { cancel } of jobs.values()) cancel.abort();
      await Promise.allSettled([...jobs.values()].map(({ run }) => run.finished));
    },
  };

  async function choose({ texts = [], named = [], all = false }: BacktestRequest) {
    const chosen = new Map<string, DetectionRule>((all ? rules : []).map((rule) => [rule.id, rule]));
    for (const name of named) {
      const found = rules.filter(({ id, title }) => id === name || title === name);
      if (found.length === 0) throw errors.notFound('loaded rule', name);
      for (const rule of found) chosen.set(rule.id, rule);
    }
    const notes: string[] = [];
    if (texts.length > 0) {
      const loaded = await loadWritten(texts);
      if (loaded.problems.length > 0 && loaded.rules.length === 0)
        throw errors.invalid('rules', loaded.problems);
      notes.push(
        ...loaded.refused.map(({ title, path, reason }) => `${title} (${path}) is refused: ${reason}`),
      );
      for (const rule of loaded.rules) {
        if (rule.kind === 'rule') chosen.set(rule.id, rule);
        else
          notes.push(
            `${rule.title} (${rule.path}) is a correlation: it is not back-tested, its base rules are`,
          );
      }
    }
    if (chosen.size === 0)
      throw errors.usage('there is no rule to test', [...notes, 'name a rule'].join('; '));
    return { rules: [...chosen.values()], notes };
  }

  /** The loader reads files, and its messages name them. */
  async function loadWritten(texts: readonly { name: string; text: string }[]) {
    const folder = await mkdtemp(join(tmpdir(), 'vigia-backtest-'));
    try {
      for (const [index, { name, text }] of texts.entries()) {
        // Of a name only letters, dots and dashes, so that nobody writes elsewhere.
        const safe = name.replace(/[^\w.-]+/g, '_').slice(-80);
        await writeFile(join(folder, `${String(index).padStart(5, '0')}-${safe}`), text, { mode: 0o600 });
      }
      return loadRules([folder], { placeholders: settings.placeholders });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}
