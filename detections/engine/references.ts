/** Resolves what correlation rules refer to: by id or name, across all loaded documents; cycles and gaps are refused. */
import { didYouMean } from '../../core/suggest.ts';
import type { Draft, Loaded } from './load.ts';
import type { CorrelationRule, Rule, RuleExpression } from './rule.ts';

export function resolveReferences(drafts: readonly Draft[], loaded: Loaded): Rule[] {
  const byKey = new Map<string, Rule>();
  for (const { rule } of drafts) {
    if (rule.name !== undefined && !byKey.has(rule.name)) byKey.set(rule.name, rule);
  }
  for (const { rule } of drafts) byKey.set(rule.id, rule);

  let rules = drafts.map(({ rule }) => (rule.kind === 'correlation' ? resolve(rule) : rule));
  // A correlation over a refused correlation cannot run either: repeat until nothing changes.
  for (let before = -1; before !== rules.length; ) {
    before = rules.length;
    const ids = new Set(rules.map((rule) => rule.id));
    rules = rules.filter((rule) => {
      if (rule.kind === 'rule') return true;
      const missing = rule.rules.filter((id) => !ids.has(id));
      if (missing.length > 0) refuse(rule, missing);
      return missing.length === 0;
    });
  }
  rules = rules.filter(
    (rule) => rule.kind === 'rule' || !isCycle(rule, new Map(rules.map((one) => [one.id, one])), loaded),
  );
  const feeding = new Set<string>();
  for (const rule of rules)
    if (rule.kind === 'correlation' && !rule.generate) for (const id of rule.rules) feeding.add(id);
  return rules.map((rule) =>
    rule.kind === 'rule' && feeding.has(rule.id) ? { ...rule, feedsOnly: true } : rule,
  );

  function resolve(rule: CorrelationRule): CorrelationRule {
    const idOf = (key: string): string => byKey.get(key)?.id ?? key;
    const aliases: CorrelationRule['aliases'] = {};
    for (const [alias, fields] of Object.entries(rule.aliases)) {
      aliases[alias] = Object.fromEntries(Object.entries(fields).map(([key, field]) => [idOf(key), field]));
    }
    return {
      ...rule,
      aliases,
      rules: rule.rules.map(idOf),
      ...(rule.expression ? { expression: rename(rule.expression, idOf) } : {}),
    };
  }
  function refuse(rule: CorrelationRule, missing: readonly string[]): void {
    const names = missing.map((id) => JSON.stringify(id)).join(', ');
    const near = didYouMean(missing[0]!, byKey.keys());
    loaded.refused.push({
      id: rule.id,
      title: rule.title,
      path: rule.path,
      reason: `refers to ${names}, which is not loaded${near ? `; ${near}` : ''}`,
    });
  }
}

function rename(expression: RuleExpression, idOf: (key: string) => string): RuleExpression {
  if (expression.op === 'rule') return { op: 'rule', id: idOf(expression.id) };
  if (expression.op === 'not') return { op: 'not', of: rename(expression.of, idOf) };
  return { op: expression.op, of: expression.of.map((inner) => rename(inner, idOf)) };
}

function isCycle(rule: CorrelationRule, rules: ReadonlyMap<string, Rule>, loaded: Loaded): boolean {
  const seen = new Set<string>();
  const waiting = [...rule.rules];
  while (waiting.length > 0) {
    const id = waiting.pop()!;
    if (id === rule.id) {
      const message = 'the correlation refers to itself, directly or through others (R-2)';
      loaded.problems.push({ path: rule.path, ...rule.source.at(['correlation', 'rules']), message });
      loaded.refused.push({ id: rule.id, title: rule.title, path: rule.path, reason: message });
      return true;
    }
    if (seen.has(id)) continue;
    seen.add(id);
    const next = rules.get(id);
    if (next?.kind === 'correlation') waiting.push(...next.rules);
  }
  return false;
}
