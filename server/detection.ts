/** Loads the rules and offers detection to ingest and to the correlator. */
import { formatProblem } from '../core/errors.ts';
import {
  buildEngine,
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
import type { Detection, GroupRule } from './parts.ts';
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
  const { alerts, reach, settle, track } = correlator(rules, policy);
  const correlations = new Map<string, GroupRule>(
    engine.correlations
      .filter(alerts)
      .map((rule) => [rule.id, { ...reach(rule), track: (limits) => track(rule, limits) }]),
  );
  return {
    evaluate: evaluator(engine, policy, undefined, known),
    correlation: (id) => correlations.get(id),
    waits: [...new Set([0, ...[...correlations.values()].map(({ waitMs }) => waitMs)])],
    known,
    judged: engine.rules.filter((rule) => isJudged(rule.extensions) && isWanted(rule, policy)),
    rule: (named) => rules.find(({ id, title }) => id === named || title === named),
    alerts: (rule, withoutShadow = false) => shouldAlert(rule, withoutShadow ? written : policy),
    inShadow(id, matches) {
      const rule = engine.correlations.find((one) => one.id === id);
      return rule ? settle(rule, matches) : [];
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
