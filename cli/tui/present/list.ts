/** Lists with one selected row, and the lines about it. */
import type { Shown } from '../../../core/visible.ts';
import type { Place } from '../store/state.ts';
import type { Body } from './body.ts';
import { right } from './cells.ts';
import { type Line, label, type Piece, piece, sign, within } from './line.ts';
import type { View } from './view.ts';

export interface TabBody {
  pane: Body['pane'];
  /** About the selected row; drawn under a rule. */
  detail?: readonly Line[];
  /** For the status line. */
  status?: Line;
}
/** Lines below the rule. */
export const DETAIL_LINES = 4;

/** A list whose selected row is marked at the edge and written bold. */
export function listOf<T>(
  view: View,
  items: readonly T[],
  ids: readonly string[],
  place: Place,
  cellsOf: (item: T, isSelected: boolean) => Piece[],
): { pane: TabBody['pane']; selected: T | undefined } {
  const at = place.selected === undefined ? 0 : Math.max(0, ids.indexOf(place.selected));
  const row = (index: number): Line =>
    within(
      [piece(sign(index === at ? '▌ ' : '  '), 'accent'), ...cellsOf(items[index]!, index === at)],
      view.columns,
    );
  return { pane: { kind: 'list', ids, row, place }, selected: items[at] };
}

/** `label: value` lines of a selected row. */
export const facts = (pairs: readonly (readonly [Shown, Shown])[], width = 12): Line[] =>
  pairs.map(([name, text]) => [label(sign(` ${name}`), width + 1), piece(text)]);
export const number = (count: number, width: number): Shown => right(sign(String(count)), width);
