/** The gate: loads rules, runs every check and every case, and reports all that is wrong at once. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { byPlace, errors, type Problem } from '../core/errors.ts';
import { type CaseResult, caseFileOf, type PreparedFile, prepareCases, runCases } from './cases.ts';
import type { Check, Severity } from './checks/check.ts';
import { checks } from './checks/index.ts';
import type { LoadOptions } from './engine/load.ts';
import type { Refusal, Rule } from './engine/rule.ts';
import { readHistory } from './history.ts';
import { loadRules, ownRulesFolder } from './own-rules.ts';

/** A problem, and the check that found it; mistakes of loading have none. */
export interface Issue extends Problem {
  severity: Severity;
  check?: string;
}

export interface Checked {
  rules: Rule[];
  refused: Refusal[];
  /** Mistakes of loading and of the checks, by place. */
  problems: Issue[];
  warnings: Issue[];
  cases: CaseResult[];
}

/** A file of rules with its cases made ready. */
export interface RuleFile {
  file: string;
  caseFile: string;
  rules: Rule[];
  prepared: PreparedFile;
}

export interface Gathered {
  /** All rules that could be loaded, ours among them: what is checked may refer to them. */
  loaded: Rule[];
  files: RuleFile[];
  refused: Refusal[];
  problems: Problem[];
  warnings: Problem[];
}

/** The rules under a path, with the rest of our own pack loaded beside them: correlations refer to rules elsewhere. */
export function gatherRules(path: string, options: LoadOptions = {}): Gathered {
  const own = ownRulesFolder();
  const target = resolve(path);
  const isOwn = isUnder(target, own);
  const root = isOwn ? own : existsSync(target) && statSync(target).isFile() ? dirname(target) : target;
  const { rules, problems, warnings, refused } = loadRules(isOwn ? [own] : [own, target], options);
  const isAsked = (one: { path: string }) =>
    isUnder(join(root, one.path), target) && existsSync(join(root, one.path));
  const asked = rules.filter((rule) => (rule.origin === 'own') === isOwn && isAsked(rule));
  const shown = <T extends { path: string }>(found: readonly T[]) =>
    found.filter(isAsked).map((one) => ({ ...one, path: display(join(root, one.path)) }));
  const files = [...Map.groupBy(asked, (rule) => rule.path)].map(([name, inFile]): RuleFile => {
    const file = display(join(root, name));
    const caseFile = caseFileOf(file);
    return { file, caseFile, rules: inFile, prepared: prepareCases(caseFile, inFile, rules) };
  });
  if (files.length === 0 && isOwn && !existsSync(target))
    throw errors.usage(`cannot read rules from ${path}`);
  return {
    loaded: rules,
    files,
    refused: shown(refused),
    problems: shown(problems),
    warnings: shown(warnings),
  };
}

const isUnder = (path: string, folder: string): boolean => `${path}${sep}`.startsWith(`${folder}${sep}`);

/** As a person would name the file from where they are. */
function display(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith('..') ? path : near;
}

/** `vigia rules check PATH` shows `problems`; `vigia rules test PATH` shows `cases`. */
export async function checkRules(path: string, options: LoadOptions = {}): Promise<Checked> {
  const { loaded, files, refused, problems, warnings } = gatherRules(path, options);
  const issues: Issue[] = [
    ...problems.map((one) => ({ ...one, severity: 'error' as const })),
    ...warnings.map((one) => ({ ...one, severity: 'warning' as const })),
  ];
  const cases: CaseResult[] = [];
  for (const one of files) {
    issues.push(...one.prepared.problems.map((problem) => ({ ...problem, severity: 'error' as const })));
    issues.push(...checkFile(one));
    cases.push(...(await runCases(one.caseFile, one.prepared.prepared)));
  }
  const isWhole = resolve(path) === ownRulesFolder();
  issues.push(...checkCollection(files, loaded, isWhole));
  issues.sort(byPlace);
  return {
    rules: files.flatMap(({ rules }) => rules),
    refused,
    problems: issues.filter(({ severity }) => severity === 'error'),
    warnings: issues.filter(({ severity }) => severity === 'warning'),
    cases,
  };
}

const issue = (found: Problem, by: Check, path: string): Issue => ({
  ...found,
  path,
  message: `${found.message} [${by.id}]`,
  severity: by.severity,
  check: by.id,
});

function checkFile({ file, caseFile, rules, prepared: { cases, prepared } }: RuleFile): Issue[] {
  const texts = [file, caseFile]
    .filter((path) => existsSync(path))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  return rules.flatMap((rule, index) =>
    checks.flatMap((one) =>
      (one.check?.({ rule, isMain: index === 0, cases, prepared, texts }) ?? []).map((found) =>
        issue(found, one, found.path === rule.path ? file : found.path),
      ),
    ),
  );
}

function checkCollection(files: readonly RuleFile[], loaded: readonly Rule[], isWhole: boolean): Issue[] {
  const rules = files.flatMap((one) => one.rules);
  const fileOf = new Map(files.flatMap(({ file, rules }) => rules.map((rule) => [rule.path, file])));
  const history = isWhole ? readHistory() : undefined;
  return checks.flatMap((one) =>
    (one.finish?.({ rules, loaded, history }) ?? []).map((found) =>
      issue(found, one, fileOf.get(found.path) ?? found.path),
    ),
  );
}
