/** The timeline of an incident: rule hits, events, people and runs in one stream. */
import type { IncidentAnswer, Place } from '../store/state.ts';
import { cells, left, wrap } from './cells.ts';
import { type Line, piece, sign, within } from './line.ts';
import { DETAIL_LINES, type TabBody } from './list.ts';
import { spanOf, type View } from './view.ts';

type Entry = IncidentAnswer['timeline']['entries'][number];

const KIND = 6;
const STYLES = { rule: 'warn', event: 'plain', change: 'accent', note: 'accent', run: 'bold' } as const;
/** A delay between happening and knowing that a person should see. */
const LATE_MS = 60_000;

/** Names an entry, also when several say the same at the same time. */
export const entryIds = (entries: readonly Entry[]): string[] => {
  const seen = new Map<string, number>();
  return entries.map(({ at, kind, id, text }) => {
    const name = `${at}|${kind}|${id ?? ''}|${text}`;
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return `${name}|${count}`;
  });
};

export function timelineTab(view: View, { timeline }: IncidentAnswer, place: Place): TabBody {
  const { data, say, time, columns } = view;
  const { entries, events } = timeline;
  const ids = entryIds(entries);
  const selected = place.selected === undefined ? 0 : Math.max(0, ids.indexOf(place.selected));
  const times = entries.map(({ at }) => time(at, 'seconds'));
  const width = Math.max(8, ...times.map(cells));
  const row = (at: number): Line => {
    const entry = entries[at]!;
    const style = at === selected ? 'bold' : 'plain';
    return within(
      [
        piece(sign(at === selected ? '▌ ' : '  '), 'accent'),
        piece(left(times[at]!, width), style),
        piece(sign('  ')),
        piece(left(say(`kind.${entry.kind}`), KIND), at === selected ? 'bold' : STYLES[entry.kind]),
        piece(sign(' ')),
        ...(entry.kind === 'event' || entry.kind === 'rule'
          ? []
          : [piece(data(entry.by), style), piece(sign('  '))]),
        piece(data(entry.text), style),
      ],
      columns,
    );
  };
  return {
    pane: { kind: 'list', ids, row, place },
    detail: entries[selected] ? detailLines(view, entries[selected]) : [],
    // What is left out is counted, never passed over.
    ...(events.shown < events.total
      ? { status: [piece(say('timeline.partial', { shown: events.shown, total: events.total }), 'warn')] }
      : {}),
  };
}

function detailLines({ data, say, moment, columns }: View, entry: Entry): Line[] {
  const delay = entry.learned === undefined ? 0 : Date.parse(entry.learned) - Date.parse(entry.at);
  const learned =
    delay > LATE_MS
      ? [piece(sign('  ')), piece(say('timeline.learned', { span: spanOf(delay) }), 'warn')]
      : [];
  const room = columns - 2;
  const text = wrap(data(entry.text), room).slice(0, DETAIL_LINES - 1);
  return [
    [
      piece(sign(' ')),
      piece(moment(entry.at), 'dim'),
      piece(sign('  ')),
      piece(data(entry.by), 'bold'),
      ...learned,
    ],
    ...text.map((part): Line => [piece(sign(' ')), piece(part)]),
  ];
}
