/** `vigia rules list`: what is loaded, what is refused and why; with --state, whether each rule can fire. */

import { errors } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/suggest.ts';
import type { RuleCoverage } from '../../../detections/index.ts';
import { type Context, command, type Result } from '../../command.ts';
import { table } from '../../print.ts';
import { daysOf } from './days.ts';

export const rulesList = command({
  name: 'rules list',
  summary: 'rules that are loaded, and those that are refused with the reason',
  arguments: '[path...]',
  options: [
    {
      flags: '--state [state]',
      summary: 'of the running service: can it fire, does it alert; all, or those of a state',
    },
    { flags: '--last <span>', summary: 'with --state: how far back events count as seen', default: '30d' },
  ],
  example: 'vigia rules list --state source-silent',
  run: (paths, options, context) =>
    options['state'] === undefined ? listed(paths) : withState(options, context),
});

async function listed(paths: readonly string[]): Promise<Result> {
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
}

async function withState(options: Readonly<Record<string, unknown>>, context: Context): Promise<Result> {
  const { RULE_STATES } = await import('../../../detections/index.ts');
  const states = [...RULE_STATES, 'shadow'];
  const wanted = options['state'] === true ? undefined : String(options['state']);
  if (wanted !== undefined && !states.includes(wanted))
    throw errors.usage(
      `--state ${wanted} is none`,
      didYouMean(wanted, states) ?? `one of ${states.join(', ')}`,
    );
  const api = await context.api();
  const all = await api.get<{ rules: RuleCoverage[]; refused: string[] }>(
    `/api/v1/rules?days=${daysOf(options['last'])}`,
  );
  const rules = all.rules.filter(
    ({ state, shadow }) => wanted === undefined || wanted === state || (wanted === 'shadow' && shadow),
  );
  const text = table(
    ['LEVEL', 'STATE', 'ALERTS', 'RULE', 'WHY, AND WHAT THE SOURCE MUST HAVE ON'],
    rules.map((rule) => [
      rule.level,
      rule.state,
      rule.shadow ? 'shadow' : rule.alerts ? 'yes' : 'no',
      rule.title,
      [rule.shadow?.why, rule.reason, ...rule.needs].filter(Boolean).join('; '),
    ]),
  );
  return {
    data: { rules, refused: all.refused },
    text: [text, ...all.refused.map((one) => `refused: ${one}`)].join('\n'),
  };
}
