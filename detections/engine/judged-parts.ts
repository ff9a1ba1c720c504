/** Refuses correlations over rules whose matches are only material for a judgement: counting them would count what is not new. */

import { isJudged } from './extensions/index.ts';
import type { Loaded } from './load.ts';
import type { Rule } from './rule.ts';

export function withoutJudgedParts(rules: readonly Rule[], loaded: Loaded): Rule[] {
  const judged = new Map(
    rules.flatMap((rule) => (rule.kind === 'rule' && isJudged(rule.extensions) ? [[rule.id, rule]] : [])),
  );
  return rules.filter((rule) => {
    const part = rule.kind === 'correlation' ? rule.rules.find((id) => judged.has(id)) : undefined;
    if (part === undefined) return true;
    const message = `refers to ${JSON.stringify(judged.get(part)!.title)}, whose alerts are judged from many matches`;
    loaded.problems.push({
      path: rule.path,
      ...rule.source.at(['correlation', 'rules']),
      message,
      hint: 'refer to a rule without first_seen, absent or baseline',
    });
    loaded.refused.push({ id: rule.id, title: rule.title, path: rule.path, reason: message });
    return false;
  });
}
