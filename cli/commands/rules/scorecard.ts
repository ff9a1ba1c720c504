/** `vigia rules scorecard`: what each rule did for us, and what people thought of it. */
import type { Score, Scorecard } from '../../../server/scorecard.ts';
import { command } from '../../command.ts';
import { table } from '../../print.ts';
import { daysOf } from './days.ts';

const DAY_MS = 86_400_000;

export const rulesScorecard = command({
  name: 'rules scorecard',
  summary: 'matches, alerts, incidents and verdicts of each rule',
  options: [
    { flags: '--last <span>', summary: 'how far back', default: '30d' },
    { flags: '--all', summary: 'also rules without a match or alert' },
  ],
  example: 'vigia rules scorecard --last 90d',
  async run(_args, options, context) {
    const days = daysOf(options['last']);
    const to = new Date().toISOString();
    const from = new Date(Date.parse(to) - days * DAY_MS).toISOString();
    const api = await context.api();
    const card = await api.get<Scorecard>(
      `/api/v1/rules/scorecard?from=${encodeURIComponent(from)}&to=${encodeURIComponent(to)}`,
    );
    const did = (score: Score) =>
      score.matches > 0 || Object.keys(score.alerts).length > 0 || score.shadow !== undefined;
    const shown = options['all'] === true ? card.rules : card.rules.filter(did);
    const sorted = [...shown].sort((a, b) => alertsOf(b) - alertsOf(a) || b.matches - a.matches);
    const head = [
      'RULE',
      'LEVEL',
      'MATCHES',
      'ALERTS',
      'SUPPRESSED',
      'INCIDENTS',
      'VERDICTS',
      'PRECISION',
      'LAST (UTC)',
      'SHADOW',
    ];
    const silent = card.rules.length - card.rules.filter(did).length;
    const text = [
      ...(sorted.length > 0 ? [table(head, sorted.map(row))] : []),
      `${card.rules.length} rules in ${days} days; ${silent} without match or alert. Cost per event: not measured.`,
    ];
    return { data: { ...card, rules: shown }, text: text.join('\n') };
  },
});

const alertsOf = ({ alerts }: Score): number => Object.values(alerts).reduce((sum, count) => sum + count, 0);

function row(score: Score): unknown[] {
  const { precision, verdicts, shadow } = score;
  return [
    score.title,
    score.level,
    score.matches,
    score.alerts['open'] ?? 0,
    score.alerts['suppressed'] ?? 0,
    score.incidents,
    Object.entries(verdicts)
      .map(([verdict, count]) => `${count} ${verdict}`)
      .join(', '),
    precision && `${precision.right} of ${precision.decided}`,
    score.lastFired?.slice(0, 16),
    shadow && `would have made ${shadow.wouldAlert} alerts`,
  ];
}
