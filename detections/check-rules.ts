/** The gate: loads a folder of rules, runs every check and every case, and reports all that is wrong at once. */
import { join } from 'node:path';
import { byPlace, type Problem } from '../core/errors.ts';
import { type CaseResult, caseFileOf, readCases, runCases } from './cases.ts';
import { checks } from './checks/index.ts';
import type { LoadOptions } from './engine/load.ts';
import type { Refusal, Rule } from './engine/rule.ts';
import { loadRules } from './own-rules.ts';

export interface Checked {
  rules: Rule[];
  refused: Refusal[];
  /** Mistakes of loading and of the checks, by place. */
  problems: Problem[];
  warnings: Problem[];
  cases: CaseResult[];
}

/** `vigia rules check FOLDER` shows `problems`; `vigia rules test FOLDER` shows `cases`. */
export async function checkRules(folder: string, options: LoadOptions = {}): Promise<Checked> {
  const { rules, problems, warnings, refused } = loadRules([folder], options);
  const found = [...problems];
  const results: CaseResult[] = [];
  for (const [path, inFile] of Map.groupBy(rules, (rule) => rule.path)) {
    const caseFile = join(folder, caseFileOf(path));
    const run = await runCases(caseFile, rules, folder);
    results.push(...run.results);
    found.push(...run.problems);
    const { cases } = readCases(caseFile);
    for (const [index, rule] of inFile.entries()) {
      for (const { id, check } of checks) {
        found.push(
          ...check({ rule, isMain: index === 0, cases }).map((problem) => ({
            ...problem,
            message: `${problem.message} [${id}]`,
          })),
        );
      }
    }
  }
  return { rules, refused, problems: found.sort(byPlace), warnings, cases: results };
}
