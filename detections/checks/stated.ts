/** Rules of our own leave nothing to defaults: id, level, status and author are written. */
import { type Check, has, problemAt } from './check.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export const stated: Check = {
  id: 'stated',
  summary: 'id (a UUID), level, status and author are written in the rule.',
  severity: 'error',
  check({ rule }) {
    const missing = ['id', 'level', 'status', 'author'].filter((key) => !has(rule, key));
    const problems = missing.map((key) => problemAt(rule, [], `the rule has no ${key}`, `add ${key}: …`));
    if (has(rule, 'id') && !UUID.test(rule.id))
      problems.push(problemAt(rule, ['id'], 'the id is no UUID', 'make one with uuidgen'));
    return problems;
  },
};
