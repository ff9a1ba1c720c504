/** Loads the rules and offers detection to ingest and to the correlator. */
import { formatProblem } from '../core/errors.ts';
import {
  buildEngine,
  type CorrelationRule,
  correlator,
  evaluator,
  isJudged,
  isWanted,
  type Known,
  knowsNothing,
  loadRules,
  readAlertingPolicy,
  shadowOf,
  shouldAlert,
} from '../detections/index.ts';
import type { Detection } from './parts.ts';
import { type Settings, shipped } from './settings.ts';

/** Rules with mistakes are left out and named; one bad rule must not switch off the others. */
export async function openDetection(
  settings: Pick<Settings, 'rules' | 'placeholders' | 'shadow'>,
  known: () => Promise<Known> = knowsNothing,
): Promise<Detection> {
  const { rules, problems, refused } = loadRules(settings.rules, { placeholders: settings.placeholders });
  const shadow = shadowOf(rules, settings.shadow);
  const written = readAlertingPolicy(shipped('policies', 'alerting.yml'));
  const policy = { ...written, shadow: new Set(shadow.entries.keys()) };
  const engine = buildEngine(rules);
  const settler = correlator(rules, policy);
  const correlations = new Map<string, CorrelationRule>(engine.correlations.map((rule) => [rule.id, rule]));
  return {
    evaluate: evaluator(engine, policy, undefined, known),
    correlation(id) {
      const rule = correlations.get(id);
      if (!rule || !settler.alerts(rule)) return undefined;
      return { timespanMs: rule.timespanMs, settle: (matches) => settler.settle(rule, matches) };
    },
    known,
    judged: engine.rules.filter((rule) => isJudged(rule.extensions) && isWanted(rule, policy)),
    rule: (named) => rules.find(({ id, title }) => id === named || title === named),
    alerts: (rule, withoutShadow = false) => shouldAlert(rule, withoutShadow ? written : policy),
    inShadow(id, matches) {
      const rule = correlations.get(id);
      return rule ? settler.settle(rule, matches) : [];
    },
    rules,
    shadow,
    loaded: rules.length,
    refused: [
      ...new Set([
        ...refused.map((one) => `${one.title} (${one.path}): ${one.reason}`),
        ...problems.map(formatProblem),
        ...shadow.unknown.map((wanted) => `shadow mode: no loaded rule is ${JSON.stringify(wanted)}`),
      ]),
    ],
  };
}
