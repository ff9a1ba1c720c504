/** The back-test: how often rules would have matched the events of a span of time. Reads only; nothing is written. */
import type { Event } from '../../core/event.ts';
import type { EventQuery, Store } from '../../core/store.ts';
import { decider } from '../decide.ts';
import { buildEngine } from '../engine/match.ts';
import { narrowingCondition } from '../engine/narrow.ts';
import type { DetectionRule } from '../engine/rule.ts';
import { type Known, knowsNothing, NOTHING_KNOWN } from '../known.ts';
import { planBacktest } from './plan.ts';
import type { BacktestResult, Way } from './result.ts';
import { slicesOf } from './slices.ts';
import { makeTally } from './tally.ts';

export interface BacktestOptions {
  store: Pick<Store, 'events' | 'capabilities' | 'size'>;
  rules: readonly DetectionRule[];
  /** Event time, ISO UTC; `from` inclusive, `to` exclusive. */
  from: string;
  to: string;
  /** Aborting it ends the back-test after the page being read; what was counted until then is the result. */
  signal: AbortSignal;
  now: () => number;
  /** Lists and grants, for rules that ask for them; asked once. Exceptions hide nothing here. */
  known?: () => Promise<Known>;
  /** Overrules the estimate. */
  way?: Way;
}

export interface Backtest {
  /** What is counted so far; `complete` is false until the end. */
  soFar(): BacktestResult;
  finished: Promise<BacktestResult>;
}

const PAGE = 10_000;
const SAMPLE = 1_000;
/** Slices of a scan: enough that one which holds most events does not keep a reader alone for long. */
const SLICES = 64;
/** Answers under way at once: while one is decided the store works on the next. */
const SIDE_BY_SIDE = 2;

export function backtest(options: BacktestOptions): Backtest {
  const { store, rules, from, to, signal, now, known = knowsNothing } = options;
  const started = now();
  const tally = makeTally(rules);
  const cost = { fetched: 0, decided: 0, done: 0, planned: 0, seconds: 0 };
  let plan: { way: Way; because: string } = { way: options.way ?? 'scan', because: 'asked for' };
  let knowledge = NOTHING_KNOWN;
  let isComplete = false;
  let endedMs: number | undefined;
  const soFar = (): BacktestResult => ({
    from,
    to,
    complete: isComplete,
    ...plan,
    rules: tally.rules(),
    cost: { ...cost, seconds: ((endedMs ?? now()) - started) / 1_000 },
  });

  async function run(): Promise<BacktestResult> {
    try {
      knowledge = await known();
      if (options.way === undefined) plan = await choosePlan();
      const jobs = plan.way === 'scan' ? scan() : queries();
      cost.planned = jobs.length;
      await sideBySide(jobs);
      isComplete = !signal.aborted;
    } finally {
      endedMs = now();
    }
    return soFar();
  }

  async function choosePlan() {
    const [{ events: stored }, sample] = await Promise.all([
      store.size(),
      rules.length === 0
        ? Promise.resolve<Event[]>([])
        : store.events.read({ from, to, order: 'newest', size: SAMPLE }).then(({ events }) => events),
    ]);
    // A span that one page holds is known exactly.
    const most = sample.length < SAMPLE ? sample.length : stored;
    return planBacktest(rules, { stored: most, sample, store: store.capabilities.name });
  }

  const scan = () => {
    const decide = decider(buildEngine(rules));
    return slicesOf({ from, to }, SLICES).map((slice) => () => readAll(slice, decide));
  };
  const queries = () =>
    rules.map((rule) => {
      const decide = decider(buildEngine([rule]));
      return () => readAll({ from, to, where: narrowingCondition(rule) }, decide);
    });

  async function readAll(query: EventQuery, decide: ReturnType<typeof decider>): Promise<void> {
    let after: string | undefined;
    do {
      const page = await store.events.read({
        ...query,
        size: PAGE,
        ...(after === undefined ? {} : { after }),
      });
      cost.fetched += page.fetched;
      cost.decided += page.events.length;
      for (const { rule, event } of await decide(page.events, knowledge)) tally.add(rule, event);
      after = page.next;
    } while (after !== undefined && !signal.aborted);
    if (after === undefined) cost.done++;
  }

  async function sideBySide(jobs: readonly (() => Promise<void>)[]): Promise<void> {
    const waiting = jobs.values();
    const worker = async () => {
      for (const job of waiting) {
        if (signal.aborted) return;
        await job();
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  }

  return { soFar, finished: run() };
}
