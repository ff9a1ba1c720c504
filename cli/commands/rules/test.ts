/** `vigia rules test`: runs the cases beside each rule; with --mutate, asks whether the cases would notice a broken rule. */
import { formatProblem } from '../../../core/errors.ts';
import { command, type Result } from '../../command.ts';
import { checkedRules } from './check.ts';

export const rulesTest = command({
  name: 'rules test',
  summary: 'run the cases beside each rule',
  arguments: '[path...]',
  options: [
    {
      flags: '--mutate',
      summary: 'change one thing of a rule at a time; list the changes that no case notices',
    },
  ],
  example: 'vigia rules test --mutate detections/rules/web',
  run: (paths, options) => (options['mutate'] === true ? mutated(paths) : tested(paths)),
});

async function tested(paths: readonly string[]): Promise<Result> {
  const { cases } = await checkedRules(paths);
  const failed = cases.filter(({ passed }) => !passed);
  const counts = `${cases.length - failed.length} cases pass, ${failed.length} fail.`;
  return {
    data: { cases: cases.length, failed },
    text: [...failed.map(({ message }) => message), counts].join('\n'),
    exitCode: failed.length > 0 ? 1 : 0,
  };
}

async function mutated(paths: readonly string[]): Promise<Result> {
  const { mutate, ownRulesFolder } = await import('../../../detections/index.ts');
  const runs = await Promise.all((paths.length > 0 ? paths : [ownRulesFolder()]).map((path) => mutate(path)));
  const mutants = runs.reduce((sum, run) => sum + run.mutants, 0);
  const survivors = runs.flatMap((run) => run.survivors);
  const equivalent = runs.flatMap((run) => run.equivalent);
  const problems = runs.flatMap((run) => run.problems);
  const counts = `${mutants} mutants, ${survivors.length} survive, ${equivalent.length} explained, ${problems.length} problems.`;
  return {
    data: { mutants, survivors, equivalent, problems },
    text: [...[...problems, ...survivors].map(formatProblem), counts].join('\n'),
    exitCode: survivors.length + problems.length > 0 ? 1 : 0,
  };
}
