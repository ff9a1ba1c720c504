/** `vigia rules …`: the gate, by hand. */
import type { Command } from '../../command.ts';
import { rulesCheck } from './check.ts';
import { rulesCoverage } from './coverage.ts';
import { rulesExplain } from './explain.ts';
import { rulesList } from './list.ts';
import { rulesScorecard } from './scorecard.ts';
import { rulesTest } from './test.ts';

export const ruleCommands: readonly Command[] = [
  rulesList,
  rulesCheck,
  rulesTest,
  rulesExplain,
  rulesCoverage,
  rulesScorecard,
];
