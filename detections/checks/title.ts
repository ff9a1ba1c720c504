/** Titles are what people read first, in the queue and on the phone at night: a short sentence about behaviour. */
import { type Check, problemAt } from './check.ts';

const SHORTEST = 10;
const LONGEST = 100;

export const title: Check = {
  id: 'title',
  summary: `The title is a sentence of ${SHORTEST} to ${LONGEST} characters without a full stop, and starts with a capital letter.`,
  severity: 'error',
  check({ rule }) {
    const wrong = (message: string, hint: string) => problemAt(rule, ['title'], message, hint);
    const { length } = rule.title;
    const problems = [];
    if (length < SHORTEST || length > LONGEST)
      problems.push(wrong(`the title has ${length} characters`, `write ${SHORTEST} to ${LONGEST}`));
    if (!/^(?:\p{Lu}|\d|\p{Ll}+\p{Lu})/u.test(rule.title))
      problems.push(
        wrong('the title does not start with a capital letter', 'say what happens, as a sentence'),
      );
    if (rule.title.endsWith('.')) problems.push(wrong('the title ends with a full stop', 'leave it out'));
    return problems;
  },
};
