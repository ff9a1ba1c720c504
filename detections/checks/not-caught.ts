/** Rules say what they do not catch: a known gap, written down, beats an unknown one. */
import { type Check, problemAt } from './check.ts';

export const notCaught: Check = {
  id: 'not-caught',
  summary: 'The description has a sentence that starts with "Not caught:".',
  severity: 'error',
  check: ({ rule }) =>
    /\bNot caught: *\S/.test(rule.description)
      ? []
      : [
          problemAt(
            rule,
            ['description'],
            'the description does not say what is not caught',
            'add a sentence "Not caught: …"',
          ),
        ],
};
