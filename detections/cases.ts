/** Runs the cases that lie beside rules (`x.test.yml` beside `x.yml`): every rule proves what it catches and what it does not. */
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Match } from '../core/documents.ts';
import { formatProblem, type Problem } from '../core/errors.ts';
import { checkSchema } from '../core/schema.ts';
import { type Place, parseYaml, type YamlDocument } from '../core/yaml.ts';
import type { AlertingPolicy } from './alerting.ts';
import { type CaseEvents, type CaseFile, caseSchema, makeEvents, type RuleCase } from './case-events.ts';
import { correlator } from './correlate.ts';
import { isJudged } from './engine/extensions/index.ts';
import { buildEngine } from './engine/match.ts';
import type { CorrelationRule, DetectionRule, Rule } from './engine/rule.ts';
import { baseRules, evaluator, groupKey } from './evaluate.ts';
import { alertsOfCase } from './judge/judge-case.ts';
import type { Known } from './known.ts';
import { knownOfCase } from './known-of-case.ts';

export interface CaseResult {
  /** The case file and the name of the case. */
  path: string;
  name: string;
  rule: string;
  expected: RuleCase['expect'];
  passed: boolean;
  /** What happened instead; empty when it passed. */
  message: string;
}

/** Everything alerts here: cases test rules, not policy. */
const everything: AlertingPolicy = {
  version: 'cases',
  alert_from: { own: 'informational', imported: 'informational' },
  never: { levels: [], statuses: [] },
};

/** The case file that belongs to a rule file. */
export const caseFileOf = (ruleFile: string): string => ruleFile.replace(/\.ya?ml$/, '.test.yml');

/** Reads a case file; problems instead of a throw, since authors want all of them. */
export function readCases(file: string): { cases?: CaseFile; document?: YamlDocument; problems: Problem[] } {
  if (!existsSync(file)) {
    return {
      problems: [
        {
          path: file,
          message: 'the rule has no cases',
          hint: `write ${basename(file)} with a base event, a hit and a near miss`,
        },
      ],
    };
  }
  const { documents, problems } = parseYaml(readFileSync(file, 'utf8'), file);
  const document = documents[0];
  if (problems.length > 0 || document === undefined)
    return { problems: problems.length > 0 ? problems : [{ path: file, message: 'the file is empty' }] };
  const mistakes = checkSchema(caseSchema, document);
  return mistakes.length > 0
    ? { problems: mistakes }
    : { cases: document.value as CaseFile, document, problems: [] };
}

/** A case made ready: the rule it is about, the rules it needs, and its events. */
export interface PreparedCase extends CaseEvents {
  one: RuleCase;
  rule: Rule;
  needed: readonly Rule[];
  /** What is known besides the events. */
  known: Known;
  place: Place;
}

export interface PreparedFile {
  cases: CaseFile | undefined;
  /** Where the parts of the file stand. */
  at: YamlDocument['at'];
  prepared: PreparedCase[];
  problems: Problem[];
}

/** Reads the cases of `file` for the rules `here`, those of the file beside; among `loaded` correlations find their parts. */
export function prepareCases(file: string, here: readonly Rule[], loaded: readonly Rule[]): PreparedFile {
  const { cases, document, problems } = readCases(file);
  if (!cases || !document) return { cases, at: () => ({ line: 1, column: 1 }), prepared: [], problems };
  const ruleFile = basename(file).replace(/\.test\.yml$/, '.yml');
  const byId = new Map(loaded.map((rule) => [rule.id, rule]));
  const prepared: PreparedCase[] = [];
  for (const [index, one] of cases.cases.entries()) {
    const wanted = one.rule ?? cases.rule;
    const rule =
      wanted === undefined
        ? mainRule(here, one.expect)
        : here.find((candidate) => candidate.id === wanted || candidate.name === wanted);
    if (!rule) {
      const message =
        wanted === undefined
          ? `${ruleFile} holds no rule that could be loaded`
          : `${ruleFile} holds no rule ${JSON.stringify(wanted)}`;
      problems.push({
        path: file,
        ...document.at(['cases', index]),
        message,
        hint: 'run "vigia rules check" on the rule first',
      });
      continue;
    }
    const needed = rule.kind === 'rule' ? [rule] : withParts(rule, byId);
    const made = makeEvents(cases.base, one, firstLogSource(needed));
    const { known, mistake } = knownOfCase(one);
    prepared.push({
      one,
      rule,
      needed,
      ...made,
      known,
      ...(mistake ? { mistake } : {}),
      place: document.at(['cases', index]),
    });
  }
  return { cases, at: document.at, prepared, problems };
}

/** Runs prepared cases of `file`. */
export async function runCases(file: string, prepared: readonly PreparedCase[]): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const given of prepared) {
    const { one, rule, needed, mistake, place } = given;
    const message = mistake ?? (await verdict(rule, needed, given, one.expect));
    results.push({
      path: file,
      name: one.name,
      rule: rule.id,
      expected: one.expect,
      passed: message === undefined,
      message:
        message === undefined
          ? ''
          : formatProblem({ path: file, ...place, message: `case "${one.name}": ${message}` }),
    });
  }
  return results;
}

/** A file with a correlation and its parts is about the correlation. */
function mainRule(here: readonly Rule[], expect: RuleCase['expect']): Rule | undefined {
  const kind = expect === 'alert' || expect === 'none' ? 'correlation' : 'rule';
  return here.find((rule) => rule.kind === kind) ?? here[0];
}

function withParts(rule: CorrelationRule, byId: ReadonlyMap<string, Rule>): Rule[] {
  const found = new Set<Rule>([rule]);
  const waiting = [...rule.rules];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const part = byId.get(id);
    if (!part || found.has(part)) continue;
    found.add(part);
    if (part.kind === 'correlation') waiting.push(...part.rules);
  }
  return [...found];
}

const firstLogSource = (rules: readonly Rule[]): DetectionRule['logsource'] =>
  rules.find((rule) => rule.kind === 'rule')?.logsource ?? {};

/** What happened instead; undefined when the case passes. */
export async function verdict(
  rule: Rule,
  needed: readonly Rule[],
  { before, events, judgedMs, known }: Omit<CaseEvents, 'mistake'> & { known: Known },
  expect: RuleCase['expect'],
): Promise<string | undefined> {
  const isJudgedRule = rule.kind === 'rule' && isJudged(rule.extensions);
  if (before.length > 0 && !isJudgedRule)
    return '"before" is for rules that remember; put what came before into "events"';
  const { matches } = await evaluator(
    buildEngine(needed),
    everything,
    () => '',
    async () => known,
  )([...before, ...events]);
  if (isJudgedRule) return judgedVerdict(rule, matches, { events, judgedMs }, expect);
  if (rule.kind === 'rule') {
    if (expect !== 'match' && expect !== 'miss')
      return `a rule over single events has "match" or "miss", not "${expect}"`;
    const hits = new Set(matches.filter((match) => match.rule.id === rule.id).map((match) => match.event.id))
      .size;
    if (expect === 'match' && hits < events.length)
      return `expected a match, ${hits} of ${events.length} events match`;
    return expect === 'miss' && hits > 0
      ? `expected a miss, but ${hits} of ${events.length} events match`
      : undefined;
  }
  if (expect !== 'alert' && expect !== 'none') return `a correlation has "alert" or "none", not "${expect}"`;
  const alerts = settleAll(rule, needed, matches);
  if (expect === 'none') return alerts === 0 ? undefined : `expected no alert, got ${alerts}`;
  if (alerts > 0) return undefined;
  const parts = baseRules(rule, new Map(needed.map((part) => [part.id, part])))
    .map((part) => `${matches.filter((match) => match.rule.id === part.id).length} of "${part.title}"`)
    .join(', ');
  return `expected an alert, got none; matches: ${parts}`;
}

/** Undefined when the case passes. */
function judgedVerdict(
  rule: DetectionRule,
  matches: readonly Match[],
  { events, judgedMs }: Pick<CaseEvents, 'events' | 'judgedMs'>,
  expect: RuleCase['expect'],
): string | undefined {
  const own = new Set(events.map(({ event }) => event.id));
  const hits = matches.filter(({ event }) => own.has(event.id)).length;
  if (expect === 'match' || expect === 'miss')
    return `a rule that is judged from many matches has "alert" or "none", not "${expect}"`;
  const alerts = alertsOfCase(rule, { matches, own, nowMs: judgedMs });
  if (expect === 'none') return alerts === 0 ? undefined : `expected no alert, got ${alerts}`;
  return alerts > 0 ? undefined : `expected an alert, got none; ${hits} of ${events.length} events match`;
}

function settleAll(rule: CorrelationRule, needed: readonly Rule[], matches: readonly Match[]): number {
  const groups = Map.groupBy(
    matches.filter((match) => match.group[rule.id]),
    (match) => groupKey(rule.id, match.group[rule.id]!.by),
  );
  const { settle } = correlator(needed, everything, () => '');
  return [...groups.values()].reduce((count, group) => count + settle(rule, group).length, 0);
}
