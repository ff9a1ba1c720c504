/** Names and titles tell rules apart; two rules of one title look like one to whoever reads the queue. */
import type { Rule } from '../engine/rule.ts';
import { type Check, problemAt } from './check.ts';

export const unique: Check = {
  id: 'unique',
  summary: 'No two rules share a name or a title (ids are checked when rules load).',
  severity: 'error',
  finish: ({ rules, loaded }) => [
    ...shared(rules, loaded, 'name', (rule) => rule.name),
    ...shared(rules, loaded, 'title', (rule) => rule.title.toLowerCase()),
  ],
};

function shared(
  rules: readonly Rule[],
  loaded: readonly Rule[],
  key: 'name' | 'title',
  of: (rule: Rule) => string | undefined,
) {
  const groups = Map.groupBy(loaded, of);
  return rules.flatMap((rule) => {
    const mine = of(rule);
    const first = mine === undefined ? rule : groups.get(mine)![0]!;
    return first.id === rule.id
      ? []
      : [
          problemAt(
            rule,
            [key],
            `the ${key} is taken by ${first.path}`,
            `give each rule a ${key} of its own`,
          ),
        ];
  });
}
