/** `vigia rules explain`: why one rule did or did not match the records of a file. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errors } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/suggest.ts';
import { command } from '../../command.ts';
import { match } from '../match.ts';

export const rulesExplain = command({
  name: 'rules explain',
  summary: 'how one rule comes to its verdict on each record of a file',
  arguments: '<rule> <input>',
  options: [{ flags: '--format <format>', summary: 'auto, jsonl or evtx', default: 'auto' }],
  example: 'vigia rules explain my/rule.yml events.jsonl',
  run: async ([rule = '', ...inputs], options, context) =>
    match.run(inputs, { ...options, rules: [await ruleFile(rule)], explain: true }, context),
});

/** A file, or the id or title of one of our own rules. */
async function ruleFile(named: string): Promise<string> {
  if (existsSync(named)) return named;
  const { loadRules, ownRulesFolder } = await import('../../../detections/index.ts');
  const { rules } = loadRules([ownRulesFolder()]);
  const found = rules.find(({ id, title }) => id === named || title === named);
  if (found) return join(ownRulesFolder(), found.path);
  throw errors.usage(
    `there is no rule ${named}`,
    didYouMean(
      named,
      rules.map(({ title }) => title),
    ) ?? 'name a file, or the id or title that "vigia rules list" shows',
  );
}
