/** Removal is an event: a rule that was released is still there, or listed as retired with the reason; its id is never used again. */
import type { Problem } from '../../core/errors.ts';
import { type Check, problemAt } from './check.ts';

const FILE = 'detections/history/rules.yml';

export const retired: Check = {
  id: 'retired',
  summary: `Every rule that was released is loaded or listed as retired in ${FILE}; retired ids are not used again.`,
  severity: 'error',
  finish({ rules, history }) {
    if (!history) return [];
    const loaded = new Set(rules.map(({ id }) => id));
    const gone = new Map(history.retired.map((one) => [one.id, one]));
    const inFile = (message: string, hint: string): Problem => ({ path: FILE, message, hint });
    return [
      ...Object.entries(history.released).flatMap(([id, title]) =>
        loaded.has(id) || gone.has(id)
          ? []
          : [
              inFile(
                `released rule ${id} (${title}) is gone`,
                'list it under retired, with the reason and what replaces it',
              ),
            ],
      ),
      ...rules.flatMap((rule) =>
        gone.has(rule.id)
          ? [
              problemAt(
                rule,
                ['id'],
                `the id belonged to the retired rule ${gone.get(rule.id)!.title}`,
                'make a new one with uuidgen',
              ),
            ]
          : [],
      ),
      ...history.retired.flatMap(({ id, replacement }) =>
        replacement === undefined || loaded.has(replacement) || gone.has(replacement)
          ? []
          : [
              inFile(
                `retired rule ${id} names a replacement that does not exist: ${replacement}`,
                'name the id of a rule',
              ),
            ],
      ),
    ];
  },
};
