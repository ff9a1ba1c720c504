/** The whole screen: exactly as many lines as the terminal has, none wider. Pure, apart from noting what it showed. */
import type { Shown } from '../../../core/visible.ts';
import type { Console, Pane } from '../store/console.ts';
import { accessBody } from './access.ts';
import { accessCrumb, accessesBody } from './accesses.ts';
import { approveBody } from './approve.ts';
import { type Body, bodyLines, paneHeight } from './body.ts';
import { chooseBody, confirmBody, formBody, planBody } from './dialogs.ts';
import { footerOf } from './footer.ts';
import { headerOf } from './header.ts';
import { healthBody, healthCrumb } from './health.ts';
import { incidentBody, incidentCrumb } from './incident.ts';
import { blank, type Line, piece, sign, within } from './line.ts';
import { eventBody, helpBody, lettersBody, messagesBody } from './pages.ts';
import { patchingBody, patchingCrumb } from './patching.ts';
import { queueBody, queueCrumb } from './queue.ts';
import { runBody } from './run.ts';
import { runCrumb, runsBody } from './runs.ts';
import { severityOf, type View, viewOf } from './view.ts';

export interface Frame {
  lines: readonly Line[];
  cursor?: { row: number; column: number };
  /** What keys act on until the next frame. */
  pane: Pane;
  /** Rows that the queue has room for. */
  queueHeight: number;
}

export const MINIMUM = { columns: 80, rows: 24 };
const HEADER = 2;
const FOOTER = 3;

export function frameOf(c: Console): Frame {
  const view = viewOf(c);
  const { columns, rows } = c.state.size;
  const height = Math.max(1, rows - HEADER - FOOTER);
  const body = bodyOf(view, height);
  const room = paneHeight(body, height);
  const pane: Pane = {
    kind: body.pane.kind,
    ids: body.pane.ids,
    height: scrollRoom(c, body, height) ?? room,
  };
  // Column heading, blank and detail line frame the rows of the queue.
  const queueHeight = Math.max(1, height - 3);
  if (columns < MINIMUM.columns || rows < MINIMUM.rows) return { lines: tooSmall(view), pane, queueHeight };
  const footer = footerOf(view, body, pane.height);
  const lines = [...headerOf(view, crumbOf(view)), ...bodyLines(body, height), ...footer.lines].map((line) =>
    within(line, columns),
  );
  const cursor =
    footer.cursorColumn !== undefined
      ? { row: rows - 1, column: Math.min(columns - 1, footer.cursorColumn) }
      : body.cursor
        ? { row: HEADER + body.cursor.row, column: Math.min(columns - 1, body.cursor.column) }
        : undefined;
  return {
    lines: c.state.ascii ? lines.map(inAscii) : lines,
    pane,
    queueHeight,
    ...(cursor ? { cursor } : {}),
  };
}

/** Dialogs with a frame scroll inside it. */
function scrollRoom({ state: { dialog } }: Console, body: Body, height: number): number | undefined {
  if (dialog?.kind === 'plan') return height - 2 - 4;
  if (dialog?.kind === 'approve') return (body.cursor?.row ?? height - 3) - 3;
  return undefined;
}

function bodyOf(view: View, height: number): Body {
  const { screen, run, access, dialog } = view.s;
  if (dialog) {
    switch (dialog.kind) {
      case 'form':
        return formBody(view, dialog, height);
      case 'choose':
        return chooseBody(view, dialog);
      case 'plan':
        return planBody(view, dialog, height);
      case 'approve':
        return approveBody(view, dialog, height);
      case 'confirm':
        return confirmBody(view, dialog);
      case 'help':
        return helpBody(view, dialog);
      case 'event':
        return eventBody(view, dialog);
      case 'messages':
        return messagesBody(view, dialog);
      case 'dead-letters':
        return lettersBody(view, dialog);
    }
  }
  if (screen === 'incident') return incidentBody(view);
  if (screen === 'runs') return run.id === undefined ? runsBody(view) : runBody(view);
  if (screen === 'health') return healthBody(view);
  if (screen === 'access') return access.id === undefined ? accessesBody(view) : accessBody(view);
  if (screen === 'patching') return patchingBody(view);
  return queueBody(view);
}

function crumbOf(view: View): Line {
  const { screen } = view.s;
  if (screen === 'incident') return incidentCrumb(view);
  if (screen === 'runs') return runCrumb(view);
  if (screen === 'health') return healthCrumb(view);
  if (screen === 'access') return accessCrumb(view);
  if (screen === 'patching') return patchingCrumb(view);
  return queueCrumb(view);
}

/** Below the smallest size: what is missing, and the most urgent line. Keys go on working. */
function tooSmall(view: View): Line[] {
  const { s, say, data } = view;
  const { columns, rows } = s.size;
  const worst = s.queue.records.get(s.queue.order[0] ?? '');
  const lines: Line[] = [
    [piece(say('small', { columns, rows }), 'warn')],
    ...(worst ? [[severityOf(view, worst.severity), piece(sign(' ')), piece(data(worst.title))]] : []),
  ];
  return Array.from({ length: rows }, (_, at) => within(lines[at] ?? blank, columns));
}

/** Signs of our own in ASCII, one for one, so that nothing moves. */
const ASCII: Readonly<Record<string, string>> = {
  '▌': '>',
  '│': '|',
  '─': '-',
  '┌': '+',
  '┐': '+',
  '└': '+',
  '┘': '+',
  '›': '>',
  '‹': '<',
  '…': '.',
  '·': '.',
  '●': '*',
  '◌': 'o',
  '○': 'o',
  '✖': 'x',
  '✓': 'v',
  '▲': '^',
  '▸': '>',
  '◆': '#',
  '↵': '<',
  '↑': '^',
  '↓': 'v',
  '→': '>',
  '⟨': '<',
  '⟩': '>',
  '≥': '>',
};
const inAscii = (line: Line): Line =>
  line.map(({ text, style }) => ({
    text: text.replace(/[^\u0000-\u007f]/g, (letter) => ASCII[letter] ?? letter) as Shown,
    style,
  }));
