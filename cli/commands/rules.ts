/** `vigia rules …`: the gate, by hand. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { byPlace, errors, formatProblem } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import { type Command, command } from '../command.ts';
import { table } from '../print.ts';
import { match } from './match.ts';

const list = command({
  name: 'rules list',
  summary: 'rules that are loaded, and those that are refused with the reason',
  arguments: '[path...]',
  async run(paths) {
    const { loadRules, ownRulesFolder } = await import('../../detections/index.ts');
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

/** Folders given, or our own rules. */
async function checked(paths: readonly string[]) {
  const { checkRules, ownRulesFolder } = await import('../../detections/index.ts');
  const all = await Promise.all(
    (paths.length > 0 ? paths : [ownRulesFolder()]).map((path) => checkRules(path)),
  );
  return {
    rules: all.flatMap((one) => one.rules),
    refused: all.flatMap((one) => one.refused),
    problems: all.flatMap((one) => one.problems).sort(byPlace),
    warnings: all.flatMap((one) => one.warnings).sort(byPlace),
    cases: all.flatMap((one) => one.cases),
  };
}

const check = command({
  name: 'rules check',
  summary: 'every mistake of every rule, with its place',
  arguments: '[path...]',
  async run(paths) {
    const { rules, refused, problems, warnings } = await checked(paths);
    const lines = [
      ...problems.map(formatProblem),
      ...warnings.map((one) => `warning: ${formatProblem(one)}`),
      ...refused.map((one) => `refused: ${one.title} (${one.path}): ${one.reason}`),
    ];
    const counts = `${rules.length} rules load, ${problems.length} problems, ${warnings.length} warnings, ${refused.length} refused.`;
    return {
      data: { rules: rules.length, problems, warnings, refused },
      text: [...lines, counts].join('\n'),
      exitCode: problems.length + refused.length > 0 ? 1 : 0,
    };
  },
});

const test = command({
  name: 'rules test',
  summary: 'run the cases beside each rule',
  arguments: '[path...]',
  async run(paths) {
    const { cases } = await checked(paths);
    const failed = cases.filter(({ passed }) => !passed);
    const counts = `${cases.length - failed.length} cases pass, ${failed.length} fail.`;
    return {
      data: { cases: cases.length, failed },
      text: [...failed.map(({ message }) => message), counts].join('\n'),
      exitCode: failed.length > 0 ? 1 : 0,
    };
  },
});

const explain = command({
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
  const { loadRules, ownRulesFolder } = await import('../../detections/index.ts');
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

export const ruleCommands: readonly Command[] = [list, check, test, explain];
