/** The shape that every screen presents: fixed lines above and below, and one pane that scrolls. */
import type { Shown } from '../../../core/visible.ts';
import type { Place } from '../store/state.ts';
import { blank, type Line, piece, sign } from './line.ts';
import type { View } from './view.ts';

export interface Body {
  head: readonly Line[];
  /** Rows are made only when they are visible. */
  pane: { kind: 'list' | 'text'; ids: readonly string[]; row(at: number): Line; place: Place };
  foot: readonly Line[];
  status: { start: Line; end: Line };
  /** In lines of the body. */
  cursor?: { row: number; column: number };
}

/** How many rows the pane has in a body of `height` lines. */
export const paneHeight = (body: Body, height: number): number =>
  Math.max(1, height - body.head.length - body.foot.length);

export function bodyLines(body: Body, height: number): Line[] {
  const { head, pane, foot } = body;
  const room = paneHeight(body, height);
  const first = Math.min(Math.max(0, pane.place.top), Math.max(0, pane.ids.length - room));
  const rows = Array.from({ length: Math.min(room, pane.ids.length - first) }, (_, at) =>
    pane.row(first + at),
  );
  return [...head, ...rows, ...Array.from({ length: room - rows.length }, () => blank), ...foot].slice(
    0,
    height,
  );
}

export const textPane = (lines: readonly Line[], place: Place): Body['pane'] => ({
  kind: 'text',
  ids: lines.map((_, at) => String(at)),
  row: (at) => lines[at]!,
  place,
});

/** One sentence instead of what is not there: still loading, nothing to show, or why it cannot be shown. */
export const sentenceBody = (text: Shown, place: Place, isFailure: boolean): Body => ({
  head: [blank, [piece(sign(`   ${text}`), isFailure ? 'fail' : 'dim')]],
  pane: textPane([], place),
  foot: [],
  status: { start: [], end: [] },
});

/** `4/31`, and how far a long text goes on. */
export function position({ say }: View, pane: Body['pane'], height: number): string {
  if (pane.ids.length === 0) return '';
  if (pane.kind === 'list') {
    const at = pane.place.selected === undefined ? 0 : Math.max(0, pane.ids.indexOf(pane.place.selected));
    return `${at + 1}/${pane.ids.length}`;
  }
  const below = pane.ids.length - height - pane.place.top;
  return below > 0 ? say('more.below', { count: below }) : '';
}
