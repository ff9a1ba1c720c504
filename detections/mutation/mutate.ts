/** The mutation run: changes one thing of a rule at a time and asks its cases; what no case notices is not proven. */
import type { Problem } from '../../core/errors.ts';
import { type PreparedCase, runCases, verdict } from '../cases.ts';
import { gatherRules, type RuleFile } from '../check-rules.ts';
import type { LoadOptions } from '../engine/load.ts';
import type { Rule } from '../engine/rule.ts';
import { correlationMutants } from './correlation-mutants.ts';
import { detectionMutants } from './detection-mutants.ts';
import type { Mutant } from './mutant.ts';

export interface Survivor extends Problem {
  rule: string;
  mutant: string;
}

export interface MutationRun {
  mutants: number;
  /** Mutants that no case noticed, with the case that is missing. */
  survivors: Survivor[];
  /** Survivors that the case file explains: they mean the same as the rule. */
  equivalent: { path: string; mutant: string; because: string }[];
  /** Why the run says less than it seems to: cases that cannot be read or fail already, explanations that explain nothing. */
  problems: Problem[];
}

/** `vigia rules test --mutate PATH`. Pure: rules and cases only. */
export async function mutate(path: string, options: LoadOptions = {}): Promise<MutationRun> {
  const run: MutationRun = { mutants: 0, survivors: [], equivalent: [], problems: [] };
  for (const file of gatherRules(path, options).files) await mutateFile(file, options, run);
  return run;
}

async function mutateFile(file: RuleFile, options: LoadOptions, run: MutationRun): Promise<void> {
  const { cases, prepared, problems, at } = file.prepared;
  const failing = (await runCases(file.caseFile, prepared)).filter(({ passed }) => !passed);
  run.problems.push(
    ...problems,
    ...failing.map(({ path, name }) => ({
      path,
      message: `case "${name}" fails before anything is changed`,
      hint: 'run "vigia rules test" first',
    })),
  );
  if (problems.length + failing.length > 0) return;
  const explained = new Map((cases?.equivalent ?? []).map((one) => [one.mutant, one.because]));
  const needed = new Set<string>();
  for (const rule of file.rules) {
    for (const mutant of mutantsOf(rule, options)) {
      run.mutants++;
      if (await isNoticed(rule, mutant, prepared)) continue;
      const because = explained.get(mutant.name);
      if (because !== undefined) {
        needed.add(mutant.name);
        run.equivalent.push({ path: file.caseFile, mutant: mutant.name, because });
        continue;
      }
      run.survivors.push({
        path: file.file,
        ...rule.source.at(mutant.pointer),
        rule: rule.id,
        mutant: mutant.name,
        message: `no case notices "${mutant.name}"`,
        hint: `add ${mutant.missing}`,
      });
    }
  }
  for (const [index, { mutant }] of (cases?.equivalent ?? []).entries()) {
    if (needed.has(mutant)) continue;
    run.problems.push({
      path: file.caseFile,
      ...at(['equivalent', index]),
      message: `"${mutant}" is noticed by a case, or no mutant`,
      hint: 'take it out',
    });
  }
}

const mutantsOf = (rule: Rule, { placeholders }: LoadOptions): Mutant[] =>
  rule.kind === 'rule' ? detectionMutants(rule, placeholders) : correlationMutants(rule);

async function isNoticed(rule: Rule, mutant: Mutant, prepared: readonly PreparedCase[]): Promise<boolean> {
  for (const given of prepared) {
    const { one, rule: about, needed, mistake } = given;
    if (mistake !== undefined || !needed.some(({ id }) => id === rule.id)) continue;
    const changed = needed.map((part) => (part.id === rule.id ? mutant.rule : part));
    const subject = about.id === rule.id ? mutant.rule : about;
    if ((await verdict(subject, changed, given, one.expect)) !== undefined) return true;
  }
  return false;
}
