/** A step without a time window sends the reader through everything that was ever stored. */
import { type Check, problemAt } from './check.ts';

const WINDOW =
  /\b(second|minute|hour|day|week|month)s?\b|\b\d+ ?(s|m|min|h|d)\b|\b(today|tonight|yesterday|weekend|window)\b/i;

export const runbookWindow: Check = {
  id: 'runbook-window',
  summary: 'At least one step of vigia.runbook names a time window.',
  severity: 'error',
  check: ({ rule }) =>
    (rule.kind === 'rule' && rule.feedsOnly) || // nobody sees its matches
    rule.runbook.length === 0 ||
    rule.runbook.some((step) => WINDOW.test(step))
      ? []
      : [
          problemAt(
            rule,
            ['vigia', 'runbook'],
            'no step of the runbook names a time window',
            'say how far to look, for example "in the hour before"',
          ),
        ],
};
