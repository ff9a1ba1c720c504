/** `related` leads somewhere: to a rule that is loaded, or to one that was retired. Loading has checked the kind of relation. */
import { isMap } from '../engine/reading.ts';
import { readHistory } from '../history.ts';
import { type Check, problemAt } from './check.ts';

export const related: Check = {
  id: 'related',
  summary: 'Every entry of related has the id of a rule that exists or was retired.',
  severity: 'error',
  finish({ rules, loaded }) {
    const known = new Set([...loaded.map(({ id }) => id), ...readHistory().retired.map(({ id }) => id)]);
    return rules.flatMap((rule) => {
      const value = rule.source.value;
      const entries = isMap(value) && Array.isArray(value['related']) ? value['related'] : [];
      return entries.flatMap((entry: unknown, index) => {
        const { id } = isMap(entry) ? entry : {};
        if (typeof id === 'string' && known.has(id)) return [];
        const message = `related rule ${JSON.stringify(id ?? null)} does not exist`;
        return [problemAt(rule, ['related', index], message, 'name the id of a loaded rule')];
      });
    });
  },
};
