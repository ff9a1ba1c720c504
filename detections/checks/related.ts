/** `related` leads somewhere: to a rule that is loaded, or to one that was retired. */
import { isMap } from '../engine/reading.ts';
import { readHistory } from '../history.ts';
import { type Check, problemAt } from './check.ts';

const TYPES = ['derived', 'obsolete', 'merged', 'renamed', 'similar'];

export const related: Check = {
  id: 'related',
  summary: 'Every entry of related has a known type and the id of a rule that exists or was retired.',
  severity: 'error',
  finish({ rules, loaded }) {
    const known = new Set([...loaded.map(({ id }) => id), ...readHistory().retired.map(({ id }) => id)]);
    return rules.flatMap((rule) => {
      const value = rule.source.value;
      const entries = isMap(value) && Array.isArray(value['related']) ? value['related'] : [];
      return entries.flatMap((entry: unknown, index) => {
        const { id, type } = isMap(entry) ? entry : {};
        const wrong = (message: string, hint: string) => problemAt(rule, ['related', index], message, hint);
        return [
          ...(typeof id === 'string' && known.has(id)
            ? []
            : [
                wrong(
                  `related rule ${JSON.stringify(id ?? null)} does not exist`,
                  'name the id of a loaded rule',
                ),
              ]),
          ...(TYPES.includes(String(type))
            ? []
            : [
                wrong(
                  `relation ${JSON.stringify(type ?? null)} is not known`,
                  `write one of: ${TYPES.join(', ')}`,
                ),
              ]),
        ];
      });
    });
  },
};
