/** `vigia rules backtest`: how often rules would have matched stored events, before they are switched on. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errors } from '../../../core/errors.ts';
import { visible } from '../../../core/visible.ts';
import type { BacktestAnswer, BacktestRequest } from '../../../server/backtests.ts';
import type { Api } from '../../api.ts';
import { type Context, command } from '../../command.ts';
import { table } from '../../print.ts';
import { since } from '../events.ts';

const POLL_MS = 500;
const NOTE_MS = 2_000;

export const rulesBacktest = command({
  name: 'rules backtest',
  summary: 'how often rules would have matched stored events; writes nothing',
  arguments: '[rule...]',
  options: [
    { flags: '--all', summary: 'every loaded rule' },
    { flags: '--last <span>', summary: 'how far back in event time: 30m, 24h, 30d (default 30d)' },
    { flags: '--from <time>', summary: 'start in event time, ISO: 2026-11-01 or 2026-11-01T00:00:00Z' },
    { flags: '--to <time>', summary: 'end in event time, not included (default: now)' },
  ],
  example: 'vigia rules backtest my/rule.yml --last 30d',
  async run(rules, options, context) {
    const request = { ...rulesOf(rules, options['all'] === true), ...spanOf(options, Date.now()) };
    const api = await context.api();
    const answer = await follow(api, await api.post<BacktestAnswer>('/api/v1/backtests', request), context);
    if (answer.state === 'failed')
      throw errors.remote('back-test', 'reading events', answer.notes.join('; '));
    for (const note of answer.notes) context.note(visible(note, 2_000));
    const { state: _state, id: _id, ...data } = answer;
    return { data, text: textOf(answer), exitCode: answer.complete ? 0 : 1 };
  },
});

/** Files and folders are sent as they are; anything else names a loaded rule. */
function rulesOf(rules: readonly string[], all: boolean): Pick<BacktestRequest, 'texts' | 'named' | 'all'> {
  if (rules.length === 0 && !all)
    throw errors.usage('no rule is named', 'name files, folders, ids or titles of rules, or write --all');
  const paths = rules.filter((rule) => existsSync(rule));
  const texts = paths.flatMap(filesIn).map((path) => ({ name: path, text: readFileSync(path, 'utf8') }));
  const named = rules.filter((rule) => !paths.includes(rule));
  return {
    ...(texts.length > 0 ? { texts } : {}),
    ...(named.length > 0 ? { named } : {}),
    ...(all ? { all } : {}),
  };
}

const filesIn = (path: string): string[] =>
  statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name))
        .sort()
        .map((name) => join(path, name))
    : [path];

function spanOf(options: Readonly<Record<string, unknown>>, nowMs: number): { from: string; to: string } {
  const { last, from, to } = options;
  if (last !== undefined && (from !== undefined || to !== undefined))
    throw errors.usage('--last cannot be joined with --from or --to', 'write one or the other');
  return {
    from:
      from === undefined
        ? since(String(last ?? '30d'), to === undefined ? nowMs : Date.parse(timeOf('to', to)))
        : timeOf('from', from),
    to: to === undefined ? new Date(nowMs).toISOString() : timeOf('to', to),
  };
}

function timeOf(name: string, given: unknown): string {
  const ms = Date.parse(String(given));
  if (Number.isNaN(ms) || !/^\d{4}-\d{2}-\d{2}/.test(String(given)))
    throw errors.usage(`--${name} ${String(given)} is no time`, 'write 2026-11-01 or 2026-11-01T00:00:00Z');
  return new Date(ms).toISOString();
}

/** Asks until it ends. After Ctrl-C it is cancelled; a server cancels by itself what nobody asks about. */
async function follow(api: Api, started: BacktestAnswer, { signal, note }: Context): Promise<BacktestAnswer> {
  let answer = started;
  let noted = performance.now();
  while (answer.state === 'running' && !signal.aborted) {
    await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    try {
      answer = await api.get<BacktestAnswer>(`/api/v1/backtests/${answer.id}`);
    } catch (cause) {
      // The call itself may have been interrupted; what was counted before stands.
      if (!signal.aborted) throw cause;
    }
    if (performance.now() - noted < NOTE_MS) continue;
    noted = performance.now();
    note(progressOf(answer));
  }
  if (answer.state === 'running') {
    await api.delete(`/api/v1/backtests/${answer.id}`).catch(() => undefined);
    note('interrupted: the counts are partial');
  }
  return answer;
}

function progressOf({ way, cost }: BacktestAnswer): string {
  const unit = way === 'scan' ? 'slices of time' : 'queries';
  return `${cost.done} of ${cost.planned} ${unit}, ${cost.fetched} events fetched, ${Math.round(cost.seconds)} s`;
}

function textOf({ rules, cost, from, to, way, because, complete }: BacktestAnswer): string {
  const fired = rules
    .filter(({ matches }) => matches > 0)
    .sort((left, right) => right.matches - left.matches);
  const rows = fired.map(({ matches, byDay, level, title, samples }) => {
    const days = Object.entries(byDay).sort(([left], [right]) => left.localeCompare(right));
    const [busiest] = days.toSorted(([, left], [, right]) => right - left);
    return [matches, days.length, `${busiest![0]}: ${busiest![1]}`, level, samples[0], title];
  });
  const lines = [
    ...(rows.length > 0
      ? [table(['MATCHES', 'DAYS', 'BUSIEST DAY', 'LEVEL', 'SAMPLE EVENT', 'RULE'], rows)]
      : []),
    `${fired.length} of ${rules.length} rules match between ${from} and ${to}.`,
    `${cost.fetched} events fetched, ${cost.decided} decided by the matcher, ${cost.seconds.toFixed(1)} s (${way}: ${because}).`,
    ...(complete ? [] : ['PARTIAL: not all events were read; the counts are too low.']),
  ];
  return lines.join('\n');
}
