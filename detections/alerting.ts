/** Decides by policy data which matches become alerts (`policies/alerting.yml`). */
import { readFileSync } from 'node:fs';
import { atLeast, LEVELS, type Level } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { checkSchema } from '../core/schema.ts';
import { parseYaml } from '../core/yaml.ts';
import { isJudged } from './engine/extensions/index.ts';
import type { Rule } from './engine/rule.ts';

export interface AlertingPolicy {
  version: string;
  alert_from: { own: Level; imported: Level };
  never: { levels: Level[]; statuses: string[] };
  /** Ids of rules in shadow mode; not part of the file, the settings say. */
  shadow?: ReadonlySet<string>;
}

const level = { enum: LEVELS };
const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'alert_from', 'never'],
  properties: {
    version: { type: 'string', description: 'Date of this version.' },
    alert_from: {
      type: 'object',
      additionalProperties: false,
      required: ['own', 'imported'],
      properties: { own: level, imported: level },
      description: 'Lowest level that alerts, by origin of the rule.',
    },
    never: {
      type: 'object',
      additionalProperties: false,
      required: ['levels', 'statuses'],
      properties: {
        levels: { type: 'array', items: level },
        statuses: { type: 'array', items: { type: 'string' } },
      },
      description: 'Levels and states that never alert.',
    },
  },
};

/** Throws `errors.invalid` with every mistake and its place. */
export function readAlertingPolicy(file: string): AlertingPolicy {
  const { documents, problems } = parseYaml(readFileSync(file, 'utf8'), file);
  const found = [...problems, ...documents.flatMap((document) => checkSchema(schema, document))];
  if (documents.length !== 1 && found.length === 0)
    found.push({ path: file, message: 'the file must hold one document' });
  if (found.length > 0) throw errors.invalid('alerting policy', found);
  return documents[0]!.value as AlertingPolicy; // checked against the schema
}

/** Does a match of this rule (or an episode of this correlation) become an alert of its own? */
export function shouldAlert(rule: Rule, policy: AlertingPolicy): boolean {
  if (rule.kind === 'rule' && (rule.feedsOnly || isJudged(rule.extensions))) return false;
  return isWanted(rule, policy);
}

/** Does what the rule finds become an alert, however it is found? */
export function isWanted(rule: Rule, policy: AlertingPolicy): boolean {
  if (policy.shadow?.has(rule.id)) return false;
  if (policy.never.levels.includes(rule.level) || policy.never.statuses.includes(rule.status ?? ''))
    return false;
  return atLeast(rule.level, policy.alert_from[rule.origin]);
}
