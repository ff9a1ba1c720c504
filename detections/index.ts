/** The public door of detections: load rules, build the engine, evaluate events, settle correlations, run rule cases. */
export { type AlertingPolicy, isWanted, readAlertingPolicy, shouldAlert } from './alerting.ts';
export { type Backtest, type BacktestOptions, backtest } from './backtest/backtest.ts';
export type { BacktestResult, BacktestRule } from './backtest/result.ts';
export type { CaseResult } from './cases.ts';
export { type Checked, checkRules, type Issue } from './check-rules.ts';
export { type Correlator, correlator, type GroupTrack, type Reach, type Settled } from './correlate.ts';
export { readAttack, type TechniqueCoverage, techniqueCoverage } from './coverage/attack.ts';
export { feeds } from './coverage/feeds.ts';
export { navigatorLayer } from './coverage/navigator.ts';
export { coveragePage } from './coverage/page.ts';
export {
  fieldQuestions,
  RULE_STATES,
  type RuleCoverage,
  type RuleState,
  ruleStates,
  type Sight,
} from './coverage/rule-state.ts';
export { type Explained, type Explanation, explain } from './engine/explain.ts';
export { type Baseline, type Extensions, isJudged } from './engine/extensions/index.ts';
export type { Loaded, LoadOptions } from './engine/load.ts';
export { buildEngine, type Engine, type RuleMatch } from './engine/match.ts';
export { narrowingCondition } from './engine/narrow.ts';
export type { CorrelationRule, DetectionRule, Refusal, Rule } from './engine/rule.ts';
export type { TrackLimits } from './engine/track.ts';
export { baseRules, evaluator, groupKey, ruleRef } from './evaluate.ts';
export { type ReadIndicators, type ReadOptions, readIndicators } from './indicators/read.ts';
export { type IndicatorSet, indicatorSet } from './indicators/set.ts';
export { spell } from './indicators/spelling.ts';
export { tlpOf } from './indicators/tlp.ts';
export {
  dueAfter,
  gapAlert,
  gapAlertId,
  gapsBetween,
  type Sighting,
  sightingOf,
} from './judge/absent.ts';
export { bucketAlert, bucketAlertId, bucketOf, countBuckets, unusual } from './judge/baseline.ts';
export { addSightings, firstSeenAlert, isLearning } from './judge/first-seen.ts';
export { type Known, knowsNothing, NOTHING_KNOWN } from './known.ts';
export {
  type InputRecord,
  jsonLines,
  lineWriter,
  type MatchLine,
  type MatchTotals,
  matchItems,
  matchLines,
  matchRecords,
  type Piece,
  readLine,
} from './match-file.ts';
export { type MutationRun, mutate } from './mutation/mutate.ts';
export { loadRules, ownRulesFolder } from './own-rules.ts';
export { type Shadow, type ShadowEntry, shadowOf } from './shadow.ts';
export { suppressEpisode, suppressGap } from './suppress.ts';
