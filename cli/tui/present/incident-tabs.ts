/** The list tabs of an incident: alerts, runs, notes, history. */
import { visible } from '../../../core/visible.ts';
import type { IncidentAnswer, Place } from '../store/state.ts';
import { textPane } from './body.ts';
import { cells, left, wrap } from './cells.ts';
import { blank, type Line, type Piece, piece, sign } from './line.ts';
import { facts, listOf, number, type TabBody } from './list.ts';
import { runRow } from './runs.ts';
import { severityOf, type View } from './view.ts';

const nothing = (text: Piece['text'], place: Place): TabBody => ({
  pane: textPane([[piece(sign(`   ${text}`), 'dim')]], place),
});

export function alertsTab(view: View, { alerts }: IncidentAnswer, place: Place): TabBody {
  const { data, say, time } = view;
  if (alerts.length === 0) return nothing(say('alerts.none'), place);
  const { pane, selected } = listOf(
    view,
    alerts,
    alerts.map(({ id }) => id),
    place,
    (alert, isSelected) => [
      severityOf(view, alert.rule.level),
      piece(sign(' ')),
      piece(left(time(alert.from), 12)),
      piece(number(alert.eventCount, 5)),
      piece(sign('  ')),
      piece(data(alert.rule.title), isSelected ? 'bold' : alert.state === 'withdrawn' ? 'dim' : 'plain'),
      ...(alert.state === 'withdrawn' ? [piece(sign(`  ${say('alerts.withdrawn')}`), 'warn')] : []),
    ],
  );
  if (!selected) return { pane };
  const { rule, entities, group } = selected;
  return {
    pane,
    detail: facts([
      [say('alerts.rule'), data(`${rule.id}  ${rule.path ?? ''}${rule.author ? `  ${rule.author}` : ''}`)],
      [say('alerts.involved'), data(entities.map(({ type, name }) => `${type} ${name}`).join(', '))],
      [say('alerts.tags'), data(rule.tags.join(' '))],
      ...(group
        ? [
            [
              say('alerts.group'),
              data(
                `${Object.entries(group.by)
                  .map(([field, value]) => `${field}=${value ?? '-'}`)
                  .join(' ')}  ${group.value}`,
              ),
            ] as const,
          ]
        : []),
    ]),
  };
}

export function runsTab(view: View, { runs }: IncidentAnswer, place: Place): TabBody {
  if (runs.length === 0) return nothing(view.say('runs.none-here'), place);
  return {
    pane: listOf(
      view,
      runs,
      runs.map(({ id }) => id),
      place,
      (run, isSelected) => runRow(view, run, isSelected),
    ).pane,
  };
}

export function notesTab(view: View, { incident }: IncidentAnswer, place: Place): TabBody {
  const { data, say, time, columns } = view;
  if (incident.notes.length === 0) return nothing(say('notes.none'), place);
  return {
    pane: textPane(
      incident.notes.flatMap(({ at, by, text }): Line[] => [
        [piece(sign(` ${time(at)}  `), 'dim'), piece(data(by), 'bold')],
        ...wrap(data(text), columns - 4).map((part): Line => [piece(sign('   ')), piece(part)]),
        blank,
      ]),
      place,
    ),
  };
}

export function historyTab(view: View, { incident }: IncidentAnswer, place: Place): TabBody {
  const { data, say, time, moment } = view;
  const changes = incident.history;
  if (changes.length === 0) return nothing(say('history.none'), place);
  const text = (value: unknown) =>
    value === null || value === undefined
      ? '-'
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);
  const by = Math.min(12, Math.max(...changes.map((change) => cells(data(change.by)))));
  const { pane, selected } = listOf(
    view,
    changes,
    changes.map((_, at) => String(at)),
    place,
    (change, isSelected) => [
      piece(left(time(change.at), 13)),
      piece(left(data(change.by), by)),
      piece(sign('  ')),
      piece(
        data(`${change.field}: ${text(change.from)} → ${text(change.to)}`),
        isSelected ? 'bold' : 'plain',
      ),
      ...(change.reason ? [piece(data(`  ${change.reason}`), 'dim')] : []),
    ],
  );
  if (!selected) return { pane };
  return {
    pane,
    detail: facts([
      [say('history.when'), moment(selected.at)],
      [say('history.change'), data(`${selected.field}: ${text(selected.from)} → ${text(selected.to)}`)],
      [say('history.who'), data(selected.by)],
      [say('form.reason'), visible(selected.reason ?? '-')],
    ]),
  };
}
