/** The decision about a run: who asks, what exactly changes, what must be typed, and why it may not be approved. */
import { visible } from '../../../core/visible.ts';
import { isTyped, whyNoApproval } from '../actions/decide.ts';
import { type ApproveDialog, wordOf } from '../store/dialog.ts';
import { textOf } from '../store/field.ts';
import type { Body } from './body.ts';
import { cells, wrap } from './cells.ts';
import { scrolling, still } from './dialogs.ts';
import { blank, join, type Line, piece, sign } from './line.ts';
import { planText } from './plan.ts';
import { leftOf, type View } from './view.ts';

export function approveBody(view: View, dialog: ApproveDialog, height: number): Body {
  const { s, c, say, data, moment, columns } = view;
  const { run, opened, typed, busy, problem } = dialog;
  const width = columns - 4;
  const why = whyNoApproval(c, dialog);
  const isChanged = run.planHash !== opened.planHash;
  const word = wordOf(run.steps);
  const rest = Date.parse(run.expires) - s.now;
  const incident =
    run.incident === undefined
      ? undefined
      : (s.queue.records.get(run.incident)?.number ?? s.incident.value?.incident.number);
  const given = run.approvals.filter(({ planHash }) => planHash === run.planHash);
  const head: Line[] = [
    [
      piece(say('approve.asked'), 'dim'),
      piece(sign(`  ${data(run.requestedBy)}`), 'bold'),
      piece(sign(`  ${moment(run.requested)}`)),
      ...(incident ? [piece(sign(`  ${say('run.for', { incident: data(incident) })}`))] : []),
    ],
    [
      piece(say('approve.you'), 'dim'),
      piece(sign(`  ${data(s.me?.user ?? '?')}`), 'bold'),
      piece(sign(`  ${data(s.me?.roles.join(', ') ?? '')}`)),
    ],
    [
      piece(say('approve.expires'), 'dim'),
      piece(sign(`  ${moment(run.expires)}  `)),
      piece(say('approve.left', { span: leftOf(rest) }), rest < 3_600_000 ? 'warn' : 'plain'),
    ],
    [
      piece(say('approve.given'), 'dim'),
      piece(sign(`  ${given.length}/${run.approvalsNeeded}  ${data(given.map(({ by }) => by).join(', '))}`)),
    ],
    blank,
  ];
  const plan = isChanged ? changedPlan(view, dialog, width) : planText(view, run.steps, width);
  const hash: Line = [
    piece(say('plan.hash'), 'dim'),
    piece(sign(`  ${run.planHash.slice(0, 16)}  `)),
    piece(isChanged ? say('approve.hash-changed') : say('approve.hash-same'), isChanged ? 'fail' : 'plain'),
  ];
  const isReady = why === undefined && isTyped(dialog);
  const buttons: Line = join(
    [
      [
        piece(sign(`[ ${say('approve.cancel')} ]`), isReady ? 'plain' : 'inverse'),
        piece(sign(' esc'), 'dim'),
      ],
      [
        piece(sign(`[ ${say('approve.approve')} ]`), isReady ? 'inverse' : 'dim'),
        piece(sign(isReady ? ' ↵' : ''), 'dim'),
      ],
      ...(run.state === 'waiting' ? [[piece(say('approve.refuse'))]] : []),
    ],
    sign('   '),
  );
  const ask: Line = why
    ? [piece(sign('✖ '), 'fail'), piece(why, 'fail')]
    : [
        piece(say('approve.type', { word: data(word) })),
        piece(sign(' ')),
        piece(visible(textOf(typed)), 'bold'),
      ];
  const trouble: Line[] = problem
    ? wrap(problem, width - 2)
        .slice(0, 2)
        .map((part): Line => [piece(part, 'fail')])
    : [];
  const end: Line[] = [hash, blank, ...trouble, ask, busy ? [piece(say('form.busy'), 'dim')] : buttons];
  const title = sign(`${say('approve.title', { run: data(run.number) })}: ${data(run.flow.title)}`);
  const { lines, pane, room } = scrolling(view, title, [...head, ...plan], end, dialog.top, height);
  const isAsking = why === undefined && !busy;
  const cursor = {
    row: 1 + room + 2 + trouble.length,
    column:
      2 +
      cells(say('approve.type', { word: data(word) })) +
      1 +
      cells(visible(typed.letters.slice(0, typed.at).join(''))),
  };
  return { ...still(lines, isAsking ? cursor : undefined), pane };
}

/** What the plan says now against what it said when this dialog opened. */
function changedPlan(view: View, { run, opened }: ApproveDialog, width: number): Line[] {
  const text = (line: Line) => line.map(({ text: part }) => part).join('');
  const before = planText(view, opened.steps, width);
  const now = planText(view, run.steps, width);
  const known = new Set(before.map(text));
  const kept = new Set(now.map(text));
  return [
    [piece(view.say('approve.changed'), 'fail')],
    ...before
      .filter((line) => !kept.has(text(line)))
      .map((line): Line => [piece(sign('- '), 'fail'), ...line]),
    ...now.map(
      (line): Line =>
        known.has(text(line)) ? [piece(sign('  ')), ...line] : [piece(sign('+ '), 'ok'), ...line],
    ),
  ];
}
