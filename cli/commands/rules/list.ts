/** `vigia rules list`: what is loaded, and what is refused and why. */
import { command } from '../../command.ts';
import { table } from '../../print.ts';

export const rulesList = command({
  name: 'rules list',
  summary: 'rules that are loaded, and those that are refused with the reason',
  arguments: '[path...]',
  async run(paths) {
    const { loadRules, ownRulesFolder } = await import('../../../detections/index.ts');
    const { rules, refused } = loadRules(paths.length > 0 ? paths : [ownRulesFolder()]);
    const shown = rules.map(({ id, title, level, kind, path, tags }) => ({
      id,
      title,
      level,
      kind,
      path,
      tags,
    }));
    const text = table(
      ['LEVEL', 'KIND', 'RULE', 'FILE'],
      shown.map((rule) => [rule.level, rule.kind, rule.title, rule.path]),
    );
    const refusals = refused.map((one) => `refused: ${one.title} (${one.path}): ${one.reason}`);
    return { data: { rules: shown, refused }, text: [text, ...refusals].join('\n') };
  },
});
