/** Reads `policies/access.yml`: what may be asked for, who must consent, how long it may last. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { compilePattern, lowerPattern } from '../core/conditions/pattern.ts';
import { parsePattern } from '../core/conditions/text-pattern.ts';
import type { Role } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { checkSchema } from '../core/schema.ts';
import { parseYaml } from '../core/yaml.ts';

export interface AccessRule {
  readonly id: string;
  /** `*` is a wildcard; letter case does not matter. */
  readonly systems: readonly string[];
  readonly roles: readonly string[];
  readonly needed: number;
  readonly approver: Role;
  /** Only these people count. */
  readonly of?: readonly string[];
  readonly longest_minutes: number;
  readonly wait_hours: number;
}

export interface AccessPolicy {
  readonly source: string;
  readonly since: string;
  readonly access: readonly AccessRule[];
  readonly review: { readonly role: Role; readonly days: number };
  readonly late_after_seconds: number;
  readonly dormant_days: number;
}

const text = { type: 'string', minLength: 1 } as const;
const names = { type: 'array', minItems: 1, items: text } as const;
const role = { enum: ['viewer', 'analyst', 'responder', 'approver', 'admin', 'auditor'] } as const;
const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['source', 'since', 'access', 'review', 'late_after_seconds', 'dormant_days'],
  properties: {
    source: { ...text, description: 'Who decided these numbers.' },
    since: { type: 'string', format: 'date', description: 'Date of this version.' },
    access: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'systems', 'roles', 'needed', 'approver', 'longest_minutes', 'wait_hours'],
        properties: {
          id: text,
          systems: names,
          roles: names,
          needed: { type: 'integer', minimum: 1, maximum: 10 },
          approver: role,
          of: names,
          longest_minutes: { type: 'integer', minimum: 1, maximum: 43_200 },
          wait_hours: { type: 'number', exclusiveMinimum: 0, maximum: 720 },
        },
      },
    },
    review: {
      type: 'object',
      additionalProperties: false,
      required: ['role', 'days'],
      properties: { role, days: { type: 'integer', minimum: 1, maximum: 365 } },
    },
    late_after_seconds: { type: 'integer', minimum: 1, maximum: 86_400 },
    dormant_days: { type: 'integer', minimum: 1, maximum: 3_650 },
  },
} as const;

/** Throws `errors.invalid` with every mistake and its place. */
export function readAccessPolicy(file: string): AccessPolicy {
  const { documents, problems } = parseYaml(readFileSync(file, 'utf8'), file);
  const found = [...problems, ...documents.flatMap((document) => checkSchema(schema, document))];
  const document = documents[0];
  if ((document === undefined || documents.length > 1) && found.length === 0)
    found.push({ path: file, message: 'the file must hold one document' });
  if (document !== undefined && found.length === 0)
    (document.value as AccessPolicy).access.forEach((rule, index) => {
      if (rule.of !== undefined && rule.of.length < rule.needed)
        found.push({
          path: file,
          ...document.at(['access', index, 'of']),
          message: `${rule.of.length} names cannot give ${rule.needed} approvals`,
          hint: 'name more people',
        });
    });
  if (found.length > 0) throw errors.invalid('access policy', found);
  return document!.value as AccessPolicy; // checked against the schema
}

const fits = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => compilePattern(lowerPattern(parsePattern(pattern)))(name.toLowerCase()));

/** The line that decides; refused when there is none. */
export function ruleFor(policy: AccessPolicy, file: string, system: string, role: string): AccessRule {
  const rule = policy.access.find((each) => fits(each.systems, system) && fits(each.roles, role));
  if (rule !== undefined) return rule;
  throw errors.refused(
    `no line of ${basename(file)} lets anybody have ${JSON.stringify(role)} on ${JSON.stringify(system)}`,
    'have a second person add one to the policy',
  );
}
