/** One incident: a title that never leaves, tabs, and what the chosen tab shows. */
import type { MessageKey } from '../../../core/i18n/catalogue.ts';
import { type IncidentAnswer, TABS, type Tab } from '../store/state.ts';
import { type Body, sentenceBody, textPane } from './body.ts';
import { alertsTab, historyTab, notesTab, runsTab } from './incident-tabs.ts';
import { blank, join, type Line, type Piece, piece, rule, sign, spread } from './line.ts';
import { DETAIL_LINES, type TabBody } from './list.ts';
import { summaryLines } from './summary.ts';
import { timelineTab } from './timeline.ts';
import { severityOf, type View } from './view.ts';

export function incidentCrumb({ s, say, data }: View): Line {
  const { value, id, tab } = s.incident;
  const name = value ? data(value.incident.number) : data(id ?? '-');
  return [
    piece(say('screen.queue')),
    piece(sign(' › '), 'dim'),
    piece(name, 'bold'),
    piece(sign(' › '), 'dim'),
    piece(say(`tab.${tab}`)),
  ];
}

export function incidentBody(view: View): Body {
  const { s, say, columns } = view;
  const { value, error, tab, places } = s.incident;
  if (!value) {
    const text = s.incident.id === undefined ? say('incident.none') : (error ?? say('loading'));
    return sentenceBody(text, places[tab], error !== undefined);
  }
  const { pane, detail, status } = tabBody(view, value, tab);
  const foot = detail
    ? [rule(columns), ...Array.from({ length: DETAIL_LINES }, (_, at) => detail[at] ?? blank)]
    : [];
  const body = { head: [titleLine(view, value), tabLine(view, value), rule(columns)], pane, foot };
  return { ...body, status: { start: status ?? [], end: [] } };
}

function titleLine(view: View, { incident }: IncidentAnswer): Line {
  const { say, data, columns } = view;
  const state = say(`state.${incident.state}` as MessageKey);
  const end = join([
    [
      piece(
        incident.verdict ? sign(`${state} (${say(`verdict.${incident.verdict}`)})`) : state,
        incident.state === 'new' ? 'warn' : 'plain',
      ),
    ],
    [piece(data(incident.owner ?? say('incident.nobody')))],
  ]);
  return spread(
    columns,
    [
      piece(sign(' ')),
      severityOf(view, incident.severity),
      piece(sign('  ')),
      piece(data(incident.title), 'bold'),
    ],
    [...end, piece(sign(' '))],
  );
}

function tabLine({ s, say, columns }: View, { incident, alerts, timeline, runs }: IncidentAnswer): Line {
  const counts: Partial<Record<Tab, number>> = {
    timeline: timeline.entries.length,
    alerts: alerts.length,
    runs: runs.length,
    notes: incident.notes.length,
  };
  const tabs = TABS.map((tab): Piece => {
    const count = counts[tab];
    const text = `${say(`tab.${tab}`)}${count === undefined ? '' : ` ${count}`}`;
    return tab === s.incident.tab ? piece(sign(`[${text}]`), 'bold') : piece(sign(` ${text} `));
  });
  return spread(columns, tabs, []);
}

function tabBody(view: View, answer: IncidentAnswer, tab: Tab): TabBody {
  const place = view.s.incident.places[tab];
  switch (tab) {
    case 'summary':
      return { pane: textPane(summaryLines(view, answer), place) };
    case 'timeline':
      return timelineTab(view, answer, place);
    case 'alerts':
      return alertsTab(view, answer, place);
    case 'runs':
      return runsTab(view, answer, place);
    case 'notes':
      return notesTab(view, answer, place);
    case 'history':
      return historyTab(view, answer, place);
  }
}
