/** The two lines on top of every screen: where am I, who am I, how fresh is this, what is due. */
import type { MessageKey } from '../../../core/i18n/catalogue.ts';
import { fresh } from '../store/queue.ts';
import type { ScreenName } from '../store/state.ts';
import { join, type Line, type Piece, piece, sign, spread } from './line.ts';
import { leftOf, shortNumber, spanOf, type View, zoneOf } from './view.ts';

const NUMBERS: Readonly<Record<ScreenName, string>> = {
  queue: '1',
  incident: '2',
  runs: '4',
  health: '5',
  access: '6',
  patching: '7',
};
/** Older data than this no longer looks fresh. */
export const STALE_MS = 10_000;

export function headerOf(view: View, crumb: Line): Line[] {
  const { s, say, columns, data } = view;
  const screens = (Object.keys(NUMBERS) as ScreenName[]).map((name): Piece => {
    const text = `${NUMBERS[name]}${say(`screen.${name}` as MessageKey)}`;
    return name === s.screen ? piece(sign(`[${text}]`), 'bold') : piece(sign(text));
  });
  const environment = piece(data(s.environment), s.environment === 'DRILL' ? 'inverse' : 'bold');
  const start: Line = [piece(sign(' ')), environment, ...screens.flatMap((one) => [piece(sign(' ')), one])];
  const who = s.me ? [piece(data(s.me.user), 'bold'), piece(sign(' '))] : [];
  const readonly = s.readonly ? [piece(say('header.readonly'), 'warn'), piece(sign(' '))] : [];
  const end: Line = [...readonly, ...who, connectionOf(view), piece(sign(` ${clock(view)} ${zoneOf(s)} `))];
  const notices = join([...nearestClock(view), ...badge(view)], sign(' │ '));
  return [
    spread(columns, start, end),
    spread(columns, [piece(sign(' ')), ...crumb], [...notices, piece(sign(' '))]),
  ];
}

const clock = ({ time, s }: View): string => time(new Date(s.now).toISOString()).slice(0, 5);

function connectionOf({ s, say, time }: View): Piece {
  const { state, okAt, since } = s.connection;
  if (state === 'connecting') return piece(sign(`◌ ${say('header.connecting')}`), 'warn');
  if (state === 'offline')
    return piece(
      sign(
        `✖ ${say('header.offline', { time: since === undefined ? '' : time(new Date(since).toISOString()).slice(0, 5) })}`,
      ),
      'fail',
    );
  const old = okAt === undefined ? 0 : s.now - okAt;
  return old > STALE_MS
    ? piece(
        sign(`◌ ${say('header.old', { age: old < 60_000 ? `${Math.floor(old / 1_000)} s` : spanOf(old) })}`),
        'warn',
      )
    : piece(sign('●'), 'ok');
}

/** The statutory clock that ends first, on every screen. */
function nearestClock({ s }: View): Line[] {
  const running = [...s.clocks.values()]
    .flatMap(({ number, clocks }) => clocks.map((clock) => ({ number, clock })))
    .filter(({ clock }) => (clock.state === 'running' || clock.state === 'late') && clock.dueAt !== undefined)
    .sort((a, b) => Date.parse(a.clock.dueAt!) - Date.parse(b.clock.dueAt!));
  const nearest = running[0];
  if (!nearest) return [];
  const rest = Date.parse(nearest.clock.dueAt!) - s.now;
  const style = rest < 0 ? 'fail' : 'warn';
  return [
    [
      piece(
        sign(`◆ ${nearest.clock.authority} ${leftOf(rest)} ${shortNumber(nearest.number, s.now)}`),
        style,
      ),
    ],
  ];
}

function badge({ s, say }: View): Line[] {
  const count = s.queue.follow ? 0 : fresh(s.queue, s.me?.user, s.now);
  return count === 0 ? [] : [[piece(sign(`${say('queue.new', { count })} ↑`), 'accent')]];
}
