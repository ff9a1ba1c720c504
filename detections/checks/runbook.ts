/** Rules tell the person who gets the alert what to look at: steps that name fields. */
import { type Check, problemAt } from './check.ts';

export const runbook: Check = {
  id: 'runbook',
  summary: 'vigia.runbook has steps, and at least one names an event field.',
  severity: 'error',
  check({ rule }) {
    if (rule.kind === 'rule' && rule.feedsOnly) return []; // nobody sees its matches: the correlation has the runbook
    if (rule.runbook.length === 0)
      return [
        problemAt(
          rule,
          ['vigia'],
          'the rule has no runbook',
          'add vigia: {runbook: [steps that name fields and time windows]}',
        ),
      ];
    return rule.runbook.some((step) =>
      /[a-z]\w*\.\w+|\b[A-Z][A-Za-z]+(Name|Id|ID|Sid|Ip|Address|Image|Line)\b|\bEventID\b/.test(step),
    )
      ? []
      : [
          problemAt(
            rule,
            ['vigia', 'runbook'],
            'no step of the runbook names a field',
            'say which field answers the question, for example source.ip',
          ),
        ];
  },
};
