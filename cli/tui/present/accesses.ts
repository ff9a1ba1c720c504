/** Privileged access: the list. What could not be ended, and what ended late, is said aloud. */
import type { Access, AccessState } from '../../../core/documents.ts';
import { type Body, sentenceBody } from './body.ts';
import { left } from './cells.ts';
import { blank, type Line, type Piece, piece, type Style, sign } from './line.ts';
import { listOf } from './list.ts';
import { leftOf, shortNumber, type View } from './view.ts';

const STATES: Readonly<Record<AccessState, readonly [string, Style]>> = {
  waiting: ['◌', 'warn'],
  approved: ['▸', 'accent'],
  active: ['●', 'accent'],
  ending: ['▲', 'fail'],
  ended: ['○', 'plain'],
  failed: ['✖', 'fail'],
  refused: ['✖', 'plain'],
  expired: ['✖', 'plain'],
  withdrawn: ['○', 'plain'],
};

export function accessState({ say }: View, access: Access): Piece {
  const [symbol, style] = STATES[access.state];
  const isLate = access.ended?.lateMs !== undefined;
  const text =
    access.state === 'waiting'
      ? say('run.waiting-of', { given: access.approvals.length, needed: access.approvalsNeeded })
      : isLate
        ? say('access.late')
        : say(`access.${access.state}`);
  return piece(sign(`${symbol} ${text}`), isLate ? 'fail' : style);
}

/** Until it ends, or until nobody may approve it any more. */
const endOf = ({ state, given, expires }: Access): string | undefined =>
  state === 'active' || state === 'ending' ? given?.to : state === 'waiting' ? expires : undefined;

const STATE = 18;
const SOON_MS = 15 * 60_000;

function row(view: View, access: Access, isSelected: boolean): Piece[] {
  const { s, data } = view;
  const state = accessState(view, access);
  const end = endOf(access);
  const rest = end === undefined ? undefined : Date.parse(end) - s.now;
  return [
    piece(left(shortNumber(access.id, s.now), 9), isSelected ? 'bold' : 'plain'),
    { ...state, text: left(state.text, STATE) },
    piece(
      left(rest === undefined ? sign('-') : leftOf(rest), 7),
      rest !== undefined && rest < SOON_MS ? 'warn' : 'plain',
    ),
    piece(left(data(access.who), 11)),
    piece(data(access.role), isSelected ? 'bold' : 'plain'),
    piece(sign('  ')),
    piece(data(access.system), 'dim'),
  ];
}

export function accessesBody(view: View): Body {
  const { s, say, data } = view;
  const { value, error, place } = s.accesses;
  if (!value || value.length === 0) {
    const text = value ? say('access.none') : (error ?? say('loading'));
    return sentenceBody(text, place, error !== undefined && !value);
  }
  const heading = [
    left(say('column.access'), 9),
    left(say('column.state'), STATE),
    left(say('column.left'), 7),
    left(say('column.who'), 11),
    say('column.privilege'),
  ].join('');
  const ids = value.map(({ id }) => id);
  const { pane, selected } = listOf(view, value, ids, place, (one, isSelected) => row(view, one, isSelected));
  const about: Line = selected
    ? [piece(sign(' ')), piece(data(selected.id), 'bold'), piece(sign('  ')), piece(data(selected.why))]
    : blank;
  const count = (state: AccessState) => value.filter((one) => one.state === state).length;
  return {
    head: [[piece(sign(`  ${heading}`), 'dim')]],
    pane,
    foot: [blank, about],
    status: {
      start: [
        piece(
          say('access.count', {
            count: value.length,
            waiting: count('waiting'),
            active: count('active') + count('ending'),
          }),
        ),
      ],
      end: [],
    },
  };
}

export function accessCrumb({ s, say, data }: View): Line {
  const { id } = s.access;
  const end: Line = id === undefined ? [] : [piece(sign(' › '), 'dim'), piece(data(id), 'bold')];
  return [piece(say('screen.access'), id === undefined ? 'bold' : 'plain'), ...end];
}
