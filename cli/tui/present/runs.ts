/** Playbook runs: the list. Not proven is never drawn as done. */
import type { Run, RunState } from '../../../core/documents.ts';
import { type Body, sentenceBody } from './body.ts';
import { left } from './cells.ts';
import { blank, join, type Line, type Piece, piece, type Style, sign } from './line.ts';
import { listOf } from './list.ts';
import { leftOf, shortNumber, type View } from './view.ts';

const STATE_STYLES: Readonly<Record<RunState, Style>> = {
  waiting: 'warn',
  running: 'accent',
  compensating: 'warn',
  done: 'ok',
  'not-proven': 'fail',
  failed: 'fail',
  refused: 'plain',
  void: 'fail',
  expired: 'plain',
  abandoned: 'plain',
  undone: 'plain',
};
const SIGNS: Readonly<Record<RunState, string>> = {
  waiting: '◌',
  running: '▸',
  compensating: '◂',
  done: '●',
  'not-proven': '▲',
  failed: '✖',
  refused: '✖',
  void: '✖',
  expired: '✖',
  abandoned: '○',
  undone: '○',
};
export function runState({ say }: View, run: Run): Piece {
  const given = run.approvals.filter(({ planHash }) => planHash === run.planHash).length;
  const text =
    run.state === 'waiting'
      ? say('run.waiting-of', { given, needed: run.approvalsNeeded })
      : say(`run.${run.state}`);
  return piece(sign(`${SIGNS[run.state]} ${text}`), STATE_STYLES[run.state]);
}

const done = (run: Run): number => run.steps.filter(({ outcome }) => outcome !== undefined).length;
const STATE = 18;

export function runRow(view: View, run: Run, isSelected: boolean): Piece[] {
  const { s, data, say } = view;
  const state = runState(view, run);
  const rest = Date.parse(run.expires) - s.now;
  return [
    piece(left(shortNumber(run.number, s.now), 9), isSelected ? 'bold' : 'plain'),
    { ...state, text: left(state.text, STATE) },
    piece(left(say('run.steps', { done: done(run), all: run.steps.length }), 6)),
    piece(
      left(run.state === 'waiting' ? leftOf(rest) : sign('-'), 7),
      run.state === 'waiting' && rest < 3_600_000 ? 'warn' : 'plain',
    ),
    piece(left(data(run.requestedBy), 10)),
    piece(data(run.flow.title), isSelected ? 'bold' : 'plain'),
  ];
}

export function runsBody(view: View): Body {
  const { s, say } = view;
  const { value, error, place } = s.runs;
  if (!value || value.length === 0) {
    const text = value ? say('runs.none') : (error ?? say('loading'));
    return sentenceBody(text, place, error !== undefined && !value);
  }
  const heading: Line = [
    piece(
      sign(
        `  ${left(say('column.run'), 9)}${left(say('column.state'), STATE)}${left(say('column.steps'), 6)}${left(say('column.left'), 7)}${left(say('column.by'), 10)}${say('column.playbook')}`,
      ),
      'dim',
    ),
  ];
  const { pane, selected } = listOf(
    view,
    value,
    value.map(({ id }) => id),
    place,
    (run, isSelected) => runRow(view, run, isSelected),
  );
  const waiting = value.filter(({ state }) => state === 'waiting').length;
  return {
    head: [heading],
    pane,
    foot: [blank, selected ? aboutRun(view, selected) : blank],
    status: { start: [piece(say('runs.count', { count: value.length, waiting }))], end: [] },
  };
}

/** What it is for and with which input. */
export function aboutRun({ s, data, say }: View, run: Run): Line {
  const incident =
    run.incident === undefined ? undefined : (s.queue.records.get(run.incident)?.number ?? run.incident);
  const input = Object.entries(run.input).map(
    ([name, value]) => `${name}=${Array.isArray(value) ? value.join(' ') : String(value)}`,
  );
  return [
    piece(sign(' ')),
    ...join(
      [
        [piece(data(run.number), 'bold')],
        ...(incident ? [[piece(say('run.for', { incident: data(incident) }))]] : []),
        [piece(data(input.join('  ')))],
      ],
      sign('  '),
    ),
  ];
}

export function runCrumb({ s, say, data }: View): Line {
  const run = s.run.value?.run;
  const end: Line =
    s.run.id === undefined ? [] : [piece(sign(' › '), 'dim'), piece(data(run?.number ?? s.run.id), 'bold')];
  return [piece(say('screen.runs'), s.run.id === undefined ? 'bold' : 'plain'), ...end];
}
