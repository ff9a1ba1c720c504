/** Reads a description file and finds all its mistakes at once, each with its place. */
import { errors, type Problem } from '../../core/errors.ts';
import { checkSchema } from '../../core/schema.ts';
import { parseYaml, type YamlDocument } from '../../core/yaml.ts';
import { allowedValues } from '../ecs/allowed-values.ts';
import type { Description, Scalar } from './description.ts';
import { grok } from './grok.ts';
import { linearRegex } from './linear-regex.ts';
import { descriptionSchema } from './schema.ts';
import { fieldMistake } from './targets.ts';
import { timeFormat } from './time-format.ts';

export type Read =
  | { description: Description; problems: [] }
  | { description?: undefined; problems: Problem[] };

/** `path` is only named in messages. */
export function readDescription(text: string, path: string): Read {
  const { documents, doubtful, problems } = parseYaml(text, path);
  const found = [...problems];
  for (const document of [...documents, ...doubtful]) {
    const mistakes = checkSchema(descriptionSchema, document);
    // Meaning is looked at only where the shape is right: everything has its type then.
    found.push(...(mistakes.length > 0 ? mistakes : meaningMistakes(document)));
  }
  if (documents.length + doubtful.length === 0 && found.length === 0)
    found.push({
      path,
      message: 'the file is empty',
      hint: 'write a description: title, dataset, format, …',
    });
  if (documents.length > 1)
    found.push({ path, ...documents[1]!.at([]), message: 'a second document; a description is one' });
  return found.length > 0
    ? { problems: found }
    : { description: documents[0]!.value as Description, problems: [] };
}

/** The description, or an error with all mistakes. */
export function needDescription(text: string, path: string): Description {
  const { description, problems } = readDescription(text, path);
  if (description === undefined) throw errors.invalid('description', problems);
  return description;
}

/** Keys that go with one format only. */
const OF_FORMAT: readonly [keyof Description, readonly string[]][] = [
  ['patterns', ['regex', 'grok']],
  ['define', ['grok']],
  ['columns', ['csv']],
  ['separator', ['csv']],
];
const NEEDED: Readonly<Record<string, keyof Description>> = {
  regex: 'patterns',
  grok: 'patterns',
  csv: 'columns',
};

function meaningMistakes(document: YamlDocument): Problem[] {
  const one = document.value as Description;
  const problems: Problem[] = [];
  const say = (pointer: readonly (string | number)[], message: string, hint?: string) =>
    problems.push({ path: document.path, ...document.at(pointer), message, ...(hint ? { hint } : {}) });

  for (const [key, formats] of OF_FORMAT) {
    if (one[key] !== undefined && !formats.includes(one.format))
      say([key], `format ${one.format} has no ${key}`, `it belongs to ${formats.join(' and ')}`);
  }
  const needed = NEEDED[one.format];
  if (needed !== undefined && one[needed] === undefined)
    say(['format'], `format ${one.format} needs ${needed}`, `add ${needed}: […]`);

  const pattern = (pointer: (string | number)[], compiled: object | string) => {
    if (typeof compiled === 'string') say(pointer, compiled);
  };
  for (const [at, source] of (one.patterns ?? []).entries()) {
    const compiled = one.format === 'grok' ? grok(source, one.define) : linearRegex(source);
    pattern(['patterns', at], compiled);
    if (typeof compiled === 'object' && ('names' in compiled ? compiled.names : compiled.fields).length === 0)
      say(['patterns', at], 'the pattern names no field', 'write (?P<name>…) or %{WORD:name}');
  }
  if (one.starts !== undefined) pattern(['starts'], linearRegex(one.starts));
  for (const [at, source] of (one.mask ?? []).entries()) pattern(['mask', at], linearRegex(source));
  for (const [at, format] of (one.time?.formats ?? []).entries())
    pattern(['time', 'formats', at], timeFormat(format) as object | string);

  const target = (pointer: (string | number)[], field: string) => {
    const mistake = fieldMistake(field);
    if (mistake) say(pointer, mistake.message, mistake.hint);
  };
  const constant = (pointer: (string | number)[], field: string, value: Scalar | readonly Scalar[]) => {
    const allowed = allowedValues[field];
    for (const written of [value].flat()) {
      if (allowed !== undefined && !allowed.includes(String(written)))
        say(pointer, `${field} cannot be ${JSON.stringify(written)}`, `write one of: ${allowed.join(', ')}`);
    }
  };
  for (const [field, source] of Object.entries(one.fields)) {
    target(['fields', field], field);
    if (typeof source === 'string') continue;
    if ((source.from === undefined) === (source.value === undefined))
      say(['fields', field], `${field} needs either "from" or "value"`);
    if (source.value !== undefined) constant(['fields', field, 'value'], field, source.value);
    for (const [written, kept] of Object.entries(source.map ?? {}))
      constant(['fields', field, 'map', written], field, kept);
  }
  for (const [at, when] of (one.when ?? []).entries()) {
    for (const [name, test] of Object.entries(when.if)) {
      if (typeof test === 'object' && 'matches' in test && test.matches !== undefined)
        pattern(['when', at, 'if', name, 'matches'], linearRegex(test.matches));
    }
    for (const [field, value] of Object.entries(when.set)) {
      target(['when', at, 'set', field], field);
      constant(['when', at, 'set', field], field, value);
    }
  }
  for (const [at, sample] of one.samples.entries()) {
    if ((sample.expect === undefined) === (sample.reject === undefined))
      say(['samples', at], 'a sample needs either "expect" or "reject"');
  }
  return problems;
}
