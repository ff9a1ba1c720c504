/** One run: its steps with what they would do or have proven, who decided, the journal. */
import type { Run, StepOutcome } from '../../../core/documents.ts';
import type { Shown } from '../../../core/visible.ts';
import type { RunAnswer } from '../store/state.ts';
import { type Body, sentenceBody, textPane } from './body.ts';
import { left, wrap } from './cells.ts';
import { blank, type Line, label, piece, rule, type Style, sign } from './line.ts';
import { planLines } from './plan.ts';
import { aboutRun, runState } from './runs.ts';
import type { View } from './view.ts';

const OUTCOMES: Readonly<Record<StepOutcome, readonly [string, Style]>> = {
  proven: ['●', 'ok'],
  'not-proven': ['▲', 'fail'],
  unknown: ['▲', 'fail'],
  refused: ['✖', 'fail'],
  skipped: ['○', 'plain'],
  failed: ['✖', 'fail'],
  undone: ['○', 'plain'],
};

export function runBody(view: View): Body {
  const { s, say, data, columns } = view;
  const { value, place, error } = s.run;
  if (!value) return sentenceBody(error ?? say('loading'), place, error !== undefined);
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
    ...(run.escalated
      ? [
          fact(
            say('run.escalated'),
            sign(`${moment(run.escalated.at)}  ${data(run.escalated.tell.join(', '))}`),
          ),
        ]
      : []),
    ...(run.breakGlass ? [brokenLine(view, run.breakGlass)] : []),
    ...(run.held ? [fact(say('run.held'), heldText(view, run.held))] : []),
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

/** Everybody who looks at the run sees it, and whether the review is still owed. */
function brokenLine({ say, data, moment }: View, broken: NonNullable<Run['breakGlass']>): Line {
  const { by, at, reason, review, reviewDue } = broken;
  const standing = review
    ? say('run.reviewed', { by: review.by })
    : say('run.review-due', { due: moment(reviewDue) });
  return [
    label(sign(` ${say('run.break-glass')}`), LABEL),
    piece(sign(`${data(by)}  ${moment(at)}  ${data(reason)}  `)),
    piece(standing, review ? 'ok' : 'fail'),
  ];
}

const heldText = ({ say, data, moment }: View, { detail, until }: NonNullable<Run['held']>): Shown =>
  until === undefined ? data(detail) : say('run.held-until', { detail, until: moment(until) });

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
