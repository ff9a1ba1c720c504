/** The gate over our own rules: every rule loads, says what it must, and its cases pass. */
import { expect, it } from 'vitest';
import { formatProblem } from '../core/errors.ts';
import { checkRules, ownRulesFolder } from './index.ts';

const checked = await checkRules(ownRulesFolder());

it('has rules', () => {
  expect(checked.rules.length).toBeGreaterThan(0);
});

it('loads every rule without a mistake, and every rule says what the checks ask for', () => {
  expect(checked.problems.map(formatProblem)).toEqual([]);
  expect(checked.refused).toEqual([]);
});

it('passes every case', () => {
  expect(checked.cases.filter((result) => !result.passed).map((result) => result.message)).toEqual([]);
});
