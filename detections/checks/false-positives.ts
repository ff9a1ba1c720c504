/** Rules say what harmless events look like them. */
import { type Check, problemAt } from './check.ts';

export const falsePositives: Check = {
  id: 'false-positives',
  summary: 'falsepositives lists at least one harmless cause.',
  severity: 'error',
  check: ({ rule }) =>
    rule.falsepositives.some((cause) => cause.trim() !== '')
      ? []
      : [
          problemAt(
            rule,
            ['falsepositives'],
            'no false positive is named',
            'add falsepositives: [what harmless cause looks the same]',
          ),
        ],
};
