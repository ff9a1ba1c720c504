/** The first tab of an incident: why it fired, who and what is involved, what is due. */
import { LEVELS } from '../../../core/documents.ts';
import type { Shown } from '../../../core/visible.ts';
import type { IncidentAnswer } from '../store/state.ts';
import { wrap } from './cells.ts';
import { blank, type Line, label, piece, sign } from './line.ts';
import { leftOf, severityOf, type View } from './view.ts';

const LABEL = 15;

export function summaryLines(view: View, answer: IncidentAnswer): Line[] {
  const { say, data, moment, columns } = view;
  const { incident, alerts, merged, clocks, timeline } = answer;
  const fact = (name: Shown, text: Shown): Line[] =>
    wrap(text, columns - LABEL - 2).map((part, at) => [
      label(at === 0 ? sign(` ${name}`) : sign(''), LABEL),
      piece(part),
    ]);
  const about = (name: Shown, values: readonly string[]): Line[] =>
    values.length === 0 ? [] : fact(name, data(values.join(', ')));
  const of = (...types: string[]) =>
    incident.entities.filter((entity) => types.includes(entity.type)).map(({ name }) => name);
  const others = incident.entities
    .filter(({ type }) => !['user', 'host', 'address'].includes(type))
    .map(({ type, name }) => `${type} ${name}`);
  const hidden = (incident.entityCount ?? incident.entities.length) - incident.entities.length;
  const techniques = incident.tags
    .filter((tag) => /^attack\.t\d/.test(tag))
    .map((tag) => tag.slice(7).toUpperCase());
  const span =
    incident.from === incident.to
      ? moment(incident.from)
      : (`${moment(incident.from)} → ${moment(incident.to)}` as Shown);
  return [
    ...fact(say('summary.when'), span),
    ...fact(
      say('summary.counts'),
      say('summary.counted', {
        alerts: say('count.alerts', { count: alerts.length }),
        events: say('count.events', { count: timeline.events.total }),
      }),
    ),
    ...fact(say('summary.significant'), significance(view, answer)),
    ...clocks.filter(({ state }) => state !== 'idle').flatMap((clock) => clockLine(view, clock)),
    blank,
    [piece(sign(` ${say('summary.why')}`), 'bold')],
    ...ruleLines(view, answer),
    blank,
    ...about(say('summary.users'), of('user')),
    ...about(say('summary.hosts'), of('host')),
    ...about(say('summary.addresses'), of('address')),
    ...about(say('summary.others'), others),
    ...(hidden > 0 ? fact(sign(''), say('summary.more', { count: hidden })) : []),
    ...about(sign('ATT&CK'), techniques),
    ...about(
      say('summary.merged'),
      merged.map(({ number }) => number),
    ),
  ];
}

/** The worst rules; the others are counted, and stand in the alerts tab. */
const RULES = 6;
function ruleLines(view: View, { alerts }: IncidentAnswer): Line[] {
  const { data, say } = view;
  const open = alerts.filter(({ state }) => state === 'open');
  const rules = Map.groupBy(open, ({ rule }) => rule.id);
  const worst = [...rules.values()].sort(
    (a, b) => LEVELS.indexOf(b[0]!.rule.level) - LEVELS.indexOf(a[0]!.rule.level) || b.length - a.length,
  );
  const lines = worst.slice(0, RULES).map((same): Line => {
    const events = same.reduce((sum, { eventCount }) => sum + eventCount, 0);
    const count = same.length > 1 ? `${say('count.alerts', { count: same.length })}, ` : '';
    return [
      piece(sign('  ')),
      severityOf(view, same[0]!.rule.level),
      piece(sign(' ')),
      piece(data(same[0]!.rule.title)),
      piece(sign(`  ${count}${say('count.events', { count: events })}`), 'dim'),
    ];
  });
  return worst.length <= RULES
    ? lines
    : [...lines, [piece(sign(`  ${say('summary.more', { count: worst.length - RULES })}`), 'dim')]];
}

function significance({ say, data, time }: View, { incident }: IncidentAnswer): Shown {
  const { significance: decided } = incident;
  if (!decided) return say('summary.undecided');
  return say('summary.decided', {
    what: decided.decided ? say('yes') : say('no'),
    by: data(decided.by),
    time: time(decided.at),
    reason: data(decided.reason),
  });
}

/** Legal terms stay Portuguese in both languages. */
function clockLine({ s, say, time, data }: View, clock: IncidentAnswer['clocks'][number]): Line[] {
  const due = clock.dueAt === undefined ? '' : time(clock.dueAt);
  const rest = clock.dueAt === undefined ? NaN : Date.parse(clock.dueAt) - s.now;
  const isOpen = clock.state === 'running' || clock.state === 'late';
  const style = clock.state === 'late' ? 'fail' : clock.state === 'running' ? 'warn' : 'plain';
  return [
    [
      label(sign(` ${clock.authority}`), LABEL),
      piece(data(clock.title.pt)),
      piece(sign(`  ${isOpen ? leftOf(rest) : ''} `), style),
      piece(say(`clock.${clock.state}`), style),
      piece(sign(` ${due}${clock.provisional ? ` ${say('clock.provisional')}` : ''}`), 'dim'),
    ],
  ];
}
