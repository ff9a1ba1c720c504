/** Playbook runs: the list, and one run with its steps, decisions and journal. Not proven is never drawn as done. */
import type { Run, RunState, StepOutcome } from '../../../core/documents.ts';
import type { Shown } from '../../../core/visible.ts';
import type { RunAnswer } from '../store/state.ts';
import { type Body, textPane } from './body.ts';
import { left, wrap } from './cells.ts';
import { blank, join, type Line, label, type Piece, piece, rule, type Style, sign } from './line.ts';
import { listOf } from './list.ts';
import { planLines } from './plan.ts';
import { leftOf, shortNumber, type View } from './view.ts';

const STATE_STYLES: Readonly<Record<RunState, Style>> = {
  waiting: 'warn',
  running: 'accent',
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
  done: '●',
  'not-proven': '▲',
  failed: '✖',
  refused: '✖',
  void: '✖',
  expired: '✖',
  abandoned: '○',
  undone: '○',
};
const OUTCOMES: Readonly<Record<StepOutcome, readonly [string, Style]>> = {
  proven: ['●', 'ok'],
  'not-proven': ['▲', 'fail'],
  unknown: ['▲', 'fail'],
  refused: ['✖', 'fail'],
  skipped: ['○', 'plain'],
  failed: ['✖', 'fail'],
  undone: ['○', 'plain'],
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
    return {
      head: [blank, [piece(sign(`   ${text}`), error && !value ? 'fail' : 'dim')]],
      pane: textPane([], place),
      foot: [],
      status: { start: [], end: [] },
    };
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

function aboutRun({ s, data, say }: View, run: Run): Line {
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

export function runBody(view: View): Body {
  const { s, say, data, columns } = view;
  const { value, place, error } = s.run;
  if (!value)
    return {
      head: [blank, [piece(sign(`   ${error ?? say('loading')}`), error ? 'fail' : 'dim')]],
      pane: textPane([], place),
      foot: [],
      status: { start: [], end: [] },
    };
  const { run } = value;
  const head: Line[] = [
    [piece(sign(' ')), runState(view, run), piece(sign('  ')), piece(data(run.flow.title), 'bold')],
    aboutRun(view, run),
    rule(columns),
  ];
  return { head, pane: textPane(runLines(view, value), place), foot: [], status: { start: [], end: [] } };
}

const LABEL = 12;

function runLines(view: View, { run, journal }: RunAnswer): Line[] {
  const { say, data, moment, time, columns } = view;
  const fact = (name: Shown, text: Shown): Line => [label(sign(` ${name}`), LABEL), piece(text)];
  const decisions = run.approvals.map(({ by, at }) =>
    fact(say('run.approved-by'), sign(`${data(by)}  ${moment(at)}`)),
  );
  const refusal = run.refusal
    ? [
        fact(
          say('run.refused-by'),
          sign(`${data(run.refusal.by)}  ${moment(run.refusal.at)}  ${data(run.refusal.reason)}`),
        ),
      ]
    : [];
  return [
    fact(say('run.asked-by'), sign(`${data(run.requestedBy)}  ${moment(run.requested)}`)),
    ...decisions,
    ...refusal,
    ...(run.state === 'waiting' ? [fact(say('run.expires'), moment(run.expires))] : []),
    fact(say('run.hash'), data(run.planHash.slice(0, 16))),
    blank,
    ...run.steps.flatMap((step) => [
      ...stepLine(view, step),
      ...(run.state === 'waiting' ? planLines(view, step, columns - 4) : resultLines(view, step)),
    ]),
    blank,
    [piece(sign(` ${say('run.journal')}`), 'bold')],
    ...journal.map(
      ({ at, by, entry, step }): Line => [
        piece(sign(` ${time(at)}  `), 'dim'),
        piece(left(data(by), 12)),
        piece(data(step === undefined ? entry : `${say('run.step', { number: step + 1 })}: ${entry}`)),
      ],
    ),
  ];
}

function stepLine({ say, data }: View, step: Run['steps'][number]): Line[] {
  const [symbol, style] = step.outcome ? OUTCOMES[step.outcome] : ['◌', 'dim' as const];
  const word = step.outcome ? say(`outcome.${step.outcome}`) : say('outcome.open');
  return [
    [
      piece(sign(` ${step.index + 1}  `)),
      piece(data(step.name), 'bold'),
      piece(sign(`  ${symbol} ${word}`), style),
    ],
  ];
}

/** What the target answered when it was asked again. */
function resultLines(view: View, step: Run['steps'][number]): Line[] {
  const { data, columns, say } = view;
  const targets = step.plan.targets.map(({ system, name }) => `${system}: ${name}`).join(', ');
  const lines = step.detail === undefined ? [] : wrap(data(step.detail), columns - 6);
  return [
    [piece(sign('    ')), piece(say('plan.targets'), 'dim'), piece(sign('  ')), piece(data(targets || '-'))],
    ...lines.map((text): Line => [piece(sign('    ')), piece(text)]),
  ];
}
