/** Dialogs in front of a screen: forms, choices, questions, plans, drawn in a frame that fills the body. */
import type { Shown } from '../../../core/visible.ts';
import { visible } from '../../../core/visible.ts';
import type { ChooseDialog, ConfirmDialog, FormDialog, PlanDialog } from '../store/dialog.ts';
import { textOf } from '../store/field.ts';
import type { Body } from './body.ts';
import { cells, cut, wrap } from './cells.ts';
import { blank, boxed, type Line, type Piece, piece, sign } from './line.ts';
import { planText } from './plan.ts';
import type { View } from './view.ts';

interface Framed {
  lines: Line[];
  cursor?: { row: number; column: number };
}

/** A body in which nothing scrolls. */
export const still = (lines: readonly Line[], cursor?: Body['cursor']): Body => ({
  head: lines,
  pane: { kind: 'text', ids: [], row: () => blank, place: { top: 0 } },
  foot: [],
  status: { start: [], end: [] },
  ...(cursor ? { cursor } : {}),
});

/** A frame whose middle part scrolls and whose end stays. */
export function scrolling(
  view: View,
  title: Shown,
  middle: readonly Line[],
  end: readonly Line[],
  top: number,
  height: number,
): { lines: Line[]; pane: Body['pane']; room: number } {
  const room = Math.max(1, height - 2 - end.length);
  const first = Math.min(top, Math.max(0, middle.length - room));
  const shown = middle.slice(first, first + room);
  const inner = [...shown, ...Array.from({ length: room - shown.length }, () => blank), ...end];
  return {
    lines: boxed(title, inner, view.columns),
    pane: { kind: 'text', ids: middle.map((_, at) => String(at)), row: () => blank, place: { top: first } },
    room,
  };
}

export function formBody(view: View, dialog: FormDialog, height: number): Body {
  const { say, columns } = view;
  const width = columns - 4;
  const name = Math.min(24, Math.max(...dialog.fields.map(({ label }) => cells(label)))) + 2;
  const inner: Line[] = [blank];
  let cursor: Framed['cursor'];
  for (const [at, { label, options, field, about, required }] of dialog.fields.entries()) {
    const isFocused = at === dialog.focus;
    const room = width - name - 5;
    const edge: Piece = piece(sign(isFocused ? '▌ ' : '  '), 'accent');
    const caption = piece(
      sign(`${cut(label, name - 2)}${required ? ' *' : ''}`.padEnd(name + 1)),
      isFocused ? 'bold' : 'dim',
    );
    if (options) {
      const chosen = options.find(({ value }) => value === textOf(field));
      inner.push([
        edge,
        caption,
        piece(sign('‹ '), 'accent'),
        piece(chosen?.label ?? sign(''), isFocused ? 'bold' : 'plain'),
        piece(sign(' ›'), 'accent'),
      ]);
    } else {
      const before = visible(field.letters.slice(0, field.at).join(''));
      const whole = visible(textOf(field));
      // A long text slides so that the cursor stays in the field.
      const slide = Math.max(0, cells(before) - room + 1);
      const seen = sign([...whole].slice(slide).join(''));
      inner.push([edge, caption, piece(cut(seen, room), isFocused ? 'bold' : 'plain')]);
      if (isFocused) cursor = { row: inner.length, column: 2 + 2 + name + 1 + cells(before) - slide };
    }
    if (isFocused && about)
      for (const part of wrap(about, width - 4)) inner.push([piece(sign('    ')), piece(part, 'dim')]);
    inner.push(blank);
  }
  if (dialog.problem)
    for (const part of wrap(dialog.problem, width - 4))
      inner.push([piece(sign('✖ '), 'fail'), piece(part, 'fail')]);
  if (dialog.busy) inner.push([piece(say('form.busy'), 'dim')]);
  // The focused field never leaves the frame, however many there are.
  const room = height - 2;
  const skip = cursor ? Math.max(0, cursor.row - room + 3) : 0;
  return still(
    boxed(dialog.title, inner.slice(skip, skip + room), columns),
    cursor ? { row: cursor.row - skip, column: cursor.column } : undefined,
  );
}

export function chooseBody(view: View, dialog: ChooseDialog): Body {
  const { say, columns } = view;
  if (dialog.options.length === 0)
    return still(boxed(dialog.title, [blank, [piece(say('playbook.none'), 'dim')], blank], columns));
  const inner = dialog.options.flatMap(({ label, about }, at): Line[] => {
    const isSelected = at === dialog.selected;
    const lines: Line[] = [
      [piece(sign(isSelected ? '▌ ' : '  '), 'accent'), piece(label, isSelected ? 'bold' : 'plain')],
    ];
    return isSelected
      ? [
          ...lines,
          ...wrap(about, columns - 10).map((part): Line => [piece(sign('    ')), piece(part, 'dim')]),
        ]
      : lines;
  });
  return still(boxed(dialog.title, [blank, ...inner, blank], columns));
}

export function confirmBody(view: View, dialog: ConfirmDialog): Body {
  const { say, columns } = view;
  const text = wrap(dialog.text, columns - 6).map((part): Line => [piece(part)]);
  return still(
    boxed(
      say('confirm.title'),
      [blank, ...text, blank, [piece(say('confirm.keys'), 'bold')], blank],
      columns,
    ),
  );
}

export function planBody(view: View, dialog: PlanDialog, height: number): Body {
  const { say, data, columns } = view;
  const { plan, incident, busy } = dialog;
  const width = columns - 4;
  const head: Line[] = [
    [
      piece(say('plan.not-yet'), 'bold'),
      piece(sign('  ')),
      piece(incident ? say('run.for', { incident: data(incident.number) }) : sign('')),
    ],
    blank,
  ];
  const middle = [
    ...head,
    ...planText(view, plan.steps, width),
    ...plan.left.map(
      (name): Line => [piece(sign('-  '), 'dim'), piece(say('plan.left', { name: data(name) }), 'dim')],
    ),
  ];
  const end: Line[] = [
    blank,
    [piece(say('plan.approvals', { count: plan.approvals.needed, hours: plan.approvals.hours }))],
    [piece(say('plan.hash'), 'dim'), piece(sign(`  ${plan.planHash.slice(0, 16)}`))],
    [piece(busy ? say('form.busy') : say('plan.keys'), 'bold')],
  ];
  const { lines, pane } = scrolling(
    view,
    sign(`${say('plan.title')}: ${data(plan.flow.title)}`),
    middle,
    end,
    dialog.top,
    height,
  );
  return { ...still(lines), pane, status: { start: [], end: [] } };
}
