/** Rules prove themselves: at least one hit and one near miss beside each rule file. */
import { type Check, problemAt } from './check.ts';

export const hasCases: Check = {
  id: 'has-cases',
  summary: 'The file beside the rule has at least one case that hits and one near miss.',
  severity: 'error',
  check({ rule, isMain, cases }) {
    if (!isMain || !cases) return []; // a missing or broken case file is reported when it is read
    const expected = new Set(cases.cases.map((one) => one.expect));
    const problems = [];
    if (!expected.has('match') && !expected.has('alert'))
      problems.push(problemAt(rule, [], 'no case hits', 'add a case with expect: match or alert'));
    if (!expected.has('miss') && !expected.has('none'))
      problems.push(problemAt(rule, [], 'no case is a near miss', 'add a case with expect: miss or none'));
    return problems;
  },
};
