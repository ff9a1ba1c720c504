/** `vigia rules check`: every mistake of every rule at once, each with its place. */
import { byPlace, formatProblem } from '../../../core/errors.ts';
import { command } from '../../command.ts';

/** What the gate says about the paths given, or about our own rules. */
export async function checkedRules(paths: readonly string[]) {
  const { checkRules, ownRulesFolder } = await import('../../../detections/index.ts');
  const all = await Promise.all(
    (paths.length > 0 ? paths : [ownRulesFolder()]).map((path) => checkRules(path)),
  );
  return {
    rules: all.flatMap((one) => one.rules),
    refused: all.flatMap((one) => one.refused),
    problems: all.flatMap((one) => one.problems).sort(byPlace),
    warnings: all.flatMap((one) => one.warnings).sort(byPlace),
    cases: all.flatMap((one) => one.cases),
  };
}

export const rulesCheck = command({
  name: 'rules check',
  summary: 'every mistake of every rule, with its place',
  arguments: '[path...]',
  async run(paths) {
    const { rules, refused, problems, warnings } = await checkedRules(paths);
    const lines = [
      ...problems.map(formatProblem),
      ...warnings.map((one) => `warning: ${formatProblem(one)}`),
      ...refused.map((one) => `refused: ${one.title} (${one.path}): ${one.reason}`),
    ];
    const counts = `${rules.length} rules load, ${problems.length} problems, ${warnings.length} warnings, ${refused.length} refused.`;
    return {
      data: { rules: rules.length, problems, warnings, refused },
      text: [...lines, counts].join('\n'),
      exitCode: problems.length + refused.length > 0 ? 1 : 0,
    };
  },
});
