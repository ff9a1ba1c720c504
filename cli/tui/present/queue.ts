/** What needs me now? One row per incident, worst first, held still under the hand. */
import type { MessageKey } from '../../../core/i18n/catalogue.ts';
import { type Shown, visible } from '../../../core/visible.ts';
import { belongs } from '../store/queue.ts';
import type { IncidentRow } from '../store/state.ts';
import type { Body } from './body.ts';
import { cells, left, right } from './cells.ts';
import { blank, join, type Line, type Piece, piece, sign, within } from './line.ts';
import { severityOf, shortNumber, type View } from './view.ts';

const AGE = 5;
const STATE = 6;
const EVENTS = 5;

export function queueCrumb({ s, say, data }: View): Line {
  const { view, filter, filterProblem } = s.queue;
  const parts: Line[] = [[piece(say(`view.${view}`))]];
  if (filter !== '')
    parts.push([piece(sign('/'), 'accent'), piece(data(filter), filterProblem ? 'fail' : 'accent')]);
  return [piece(say('screen.queue'), 'bold'), piece(sign(' › '), 'dim'), ...join(parts)];
}

export function queueBody(view: View): Body {
  const { s, say, columns } = view;
  const { queue } = s;
  const numbers = queue.order
    .slice(queue.top, queue.top + queue.height)
    .map((id) => cells(shortNumber(queue.records.get(id)?.number ?? '', s.now)));
  const id = Math.max(8, ...numbers);
  const owner = columns >= 120 ? 14 : 8;
  const heading: Line = [
    piece(
      sign(
        `   ${left(say('column.severity'), 6)} ${left(say('column.id'), id)} ${right(say('column.age'), AGE)} ${left(say('column.owner'), owner)} ${left(say('column.state'), STATE)} ${right(say('column.events'), EVENTS)} ${say('column.title')}`,
      ),
      'dim',
    ),
  ];
  return {
    head: [heading, ...empty(view)],
    pane: {
      kind: 'list',
      ids: queue.order,
      place: queue,
      row: (at) => row(view, queue.records.get(queue.order[at]!)!, { id, owner }),
    },
    foot: [blank, detail(view)],
    status: statusOf(view),
  };
}

function row(view: View, incident: IncidentRow, width: { id: number; owner: number }): Line {
  const { s, say, data, age, columns } = view;
  const { queue } = s;
  const isSelected = queue.selected === incident.id;
  const isGone = !belongs(queue, incident, s.me?.user, s.now);
  const edge = [
    piece(sign(isSelected ? '▌' : ' '), 'accent'),
    piece(sign(queue.marks.has(incident.id) ? '*' : ' '), 'accent'),
    piece(sign(' ')),
  ];
  const symbol = severityOf(view, incident.severity);
  const style = isSelected ? 'bold' : isGone ? 'dim' : 'plain';
  const middle = `${left(shortNumber(incident.number, s.now), width.id)} ${right(age(incident.created), AGE)} ${left(data(incident.owner ?? '-'), width.owner)} ${left(say(`short.${incident.state}` as MessageKey), STATE)} ${right(visible(String(incident.eventCount)), EVENTS)} `;
  const title = isGone ? whyGone(view, incident) : data(incident.title);
  return within(
    [
      ...edge,
      isGone ? piece(sign(`~ ${symbol.text.slice(2)}`), 'dim') : symbol,
      piece(sign(' ')),
      piece(sign(middle), style),
      piece(title, style),
    ],
    columns,
  );
}

/** A row that left the view stays until the list is built anew, and says who took it away and when. */
function whyGone({ say, data, time }: View, incident: IncidentRow): Shown {
  const last = incident.history.at(-1);
  return last
    ? say('queue.gone', {
        what: `${last.field} → ${String(last.to ?? '-')}`,
        by: data(last.by),
        time: time(last.at),
      })
    : say('queue.left');
}

function empty({ s, say }: View): Line[] {
  const { queue, connection } = s;
  if (queue.order.length > 0) return [];
  if (queue.loadedAt === undefined)
    return [
      blank,
      [piece(sign(`   ${connection.state === 'offline' ? say('offline.nothing') : say('loading')}`), 'dim')],
    ];
  return [blank, [piece(sign(`   ${queue.filter === '' ? say('queue.empty') : say('queue.none')}`))]];
}

function detail(view: View): Line {
  const { s, data } = view;
  const incident = s.queue.selected === undefined ? undefined : s.queue.records.get(s.queue.selected);
  if (!incident) return blank;
  const techniques = incident.tags
    .filter((tag) => /^attack\.t\d/.test(tag))
    .map((tag) => tag.slice(7).toUpperCase());
  return [
    piece(sign(' ')),
    ...join(
      [
        [piece(data(incident.number), 'bold')],
        ...(techniques.length > 0 ? [[piece(data(techniques.slice(0, 2).join(' ')))]] : []),
        [piece(data(incident.title))],
      ],
      sign('  '),
    ),
  ];
}

function statusOf({ s, say }: View): Body['status'] {
  const { queue } = s;
  const parts: Piece[][] = [[piece(say('queue.count', { count: queue.order.length }))]];
  if (!queue.complete) parts.push([piece(say('queue.partial', { count: queue.records.size }), 'warn')]);
  const inTrouble = queue.order.filter((id) => queue.records.get(id)?.owner === undefined).length;
  if (inTrouble > 0) parts.push([piece(say('queue.unassigned', { count: inTrouble }))]);
  const hidden = [...queue.marks].filter((id) => !queue.order.includes(id)).length;
  if (queue.marks.size > 0)
    parts.push([
      piece(
        hidden > 0
          ? say('queue.marked-hidden', { count: queue.marks.size, hidden })
          : say('queue.marked', { count: queue.marks.size }),
        'accent',
      ),
    ]);
  if (queue.filterProblem) parts.push([piece(say('filter.problem', { text: queue.filterProblem }), 'fail')]);
  return {
    start: join(parts),
    end: join([
      [piece(say(`sort.${queue.sort}`))],
      [piece(queue.follow ? say('queue.follow') : say('queue.frozen'))],
    ]),
  };
}
