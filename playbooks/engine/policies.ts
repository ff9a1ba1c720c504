/** Reads the policy files of playbooks: who must consent, what may go on without a person, what is never touched, when steps may begin, how hosts are patched, whom to call. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Risk, Role } from '../../core/documents.ts';
import { errors, type Problem } from '../../core/errors.ts';
import { checkSchema } from '../../core/schema.ts';
import { parseYaml, type YamlDocument } from '../../core/yaml.ts';
import type { PrivilegedGroups } from '../../targets/directory-groups.ts';
import { chainMistakes, type OnCallChain, onCallSchema } from '../on-call/chain.ts';
import type { Exemption, PatchingPolicy } from '../patching/policy.ts';
import { patchingMistakes, patchingSchema } from '../patching/policy-schema.ts';
import { type Automation, startMistakes } from './automation-policy.ts';
import { approvalsSchema, automationSchema, protectedSchema, windowsSchema } from './policy-schemas.ts';
import type { Windows } from './windows.ts';

export interface ApprovalRule {
  readonly risk: Risk;
  readonly needed: number;
  readonly role: Role;
  /** Only these people count: `needed` of them. */
  readonly of?: readonly string[];
  readonly hours: number;
  /** Told when nobody approved in the first hours; names among them may approve as well. */
  readonly escalate?: { readonly after_hours: number; readonly tell: readonly string[] };
}

/** Exactly one way to recognise what is protected. */
export interface ProtectedMatch {
  readonly rids?: readonly number[];
  readonly oids?: readonly number[];
  /** `*` is a wildcard; letter case does not matter. */
  readonly names?: readonly string[];
  readonly domain_controllers?: true;
  readonly own_accounts?: true;
  readonly own_hosts?: true;
  /** Tags that the inventory gives to it. */
  readonly tags?: readonly string[];
  readonly approvers?: true;
}

export interface ProtectedEntry {
  readonly id: string;
  readonly why: string;
  readonly match: ProtectedMatch;
  /** Absent: refused. Otherwise allowed with at least so many approvals. */
  readonly approvals?: number;
  /** `policies/protected.yml:8` */
  readonly place: string;
}

export interface Policies {
  readonly approvals: readonly ApprovalRule[];
  readonly undoRole: Role;
  readonly breakGlass: { readonly role: Role; readonly review_hours: number };
  readonly automation: Automation;
  readonly protected: readonly ProtectedEntry[];
  readonly privilegedGroups: PrivilegedGroups;
  readonly windows: Windows;
  readonly patching: PatchingPolicy;
  readonly onCall: readonly OnCallChain[];
}

/** Throws `errors.invalid` with every mistake of all files. */
export function loadPolicies(folder: string): Policies {
  const approvals = read<{
    approvals: ApprovalRule[];
    break_glass: Policies['breakGlass'];
    undo: { role: Role };
  }>(folder, 'approvals.yml', approvalsSchema);
  const automation = read<Automation>(folder, 'automation.yml', automationSchema);
  const guarded = read<{
    protected: Omit<ProtectedEntry, 'place'>[];
    privileged_groups: { domain_rids: number[]; builtin_rids: number[]; names: string[] };
  }>(folder, 'protected.yml', protectedSchema);
  const windows = read<Windows>(folder, 'windows.yml', windowsSchema);
  const patching = read<Omit<PatchingPolicy, 'exemptions'> & { exemptions: Omit<Exemption, 'place'>[] }>(
    folder,
    'patching.yml',
    patchingSchema,
  );
  const onCall = read<{ chains: OnCallChain[] }>(folder, 'on-call.yml', onCallSchema);
  const problems = [approvals, automation, guarded, windows, patching, onCall].flatMap(
    (file) => file.problems,
  );
  if (problems.length === 0)
    problems.push(
      ...approvalMistakes(approvals.document, approvals.value.approvals),
      ...startMistakes(automation.document, automation.value.starts),
      ...patchingMistakes(
        patching.document,
        windows.value.windows.map(({ id }) => id),
      ),
      ...chainMistakes(onCall.document, onCall.value.chains),
    );
  if (problems.length > 0) throw errors.invalid('policies', problems);
  const { domain_rids, builtin_rids, names: groupNames } = guarded.value.privileged_groups;
  const placeOf = ({ document }: Read<unknown>, ...pointer: (string | number)[]) =>
    `${basename(folder)}/${basename(document.path)}:${document.at(pointer).line}`;
  return {
    approvals: approvals.value.approvals,
    undoRole: approvals.value.undo.role,
    breakGlass: approvals.value.break_glass,
    automation: automation.value,
    protected: guarded.value.protected.map((entry, index) => ({
      ...entry,
      place: placeOf(guarded, 'protected', index),
    })),
    privilegedGroups: { domainRids: domain_rids, builtinRids: builtin_rids, names: groupNames },
    windows: { ...NO_FREEZE, ...windows.value },
    onCall: onCall.value.chains,
    patching: {
      ...patching.value,
      health: patching.value.health.map((entry) => ({ ...NO_CHECK, ...entry })),
      exemptions: patching.value.exemptions.map((entry, index) => ({
        ...entry,
        place: placeOf(patching, 'exemptions', index),
      })),
    },
  };
}

const NO_FREEZE = { freezes: [] };
const NO_CHECK = { services: [], ports: [], commands: [], settle_seconds: 0 };

interface Read<T> {
  /** Only to be looked at when there are no problems. */
  readonly value: T;
  readonly document: YamlDocument;
  readonly problems: Problem[];
}

function read<T>(folder: string, name: string, schema: object): Read<T> {
  const path = join(folder, name);
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (cause) {
    throw errors.usage(
      `the policy file ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
  const { documents, problems } = parseYaml(content, path);
  const document = documents[0] ?? { path, value: undefined, at: () => ({ line: 1, column: 1 }) };
  const mistakes = problems.length > 0 ? problems : checkSchema(schema, document);
  // The schema has just checked the shape.
  return { value: document.value as T, document, problems: mistakes };
}

/** What the schema cannot say. */
function approvalMistakes(document: YamlDocument, rules: readonly ApprovalRule[]): Problem[] {
  const problem = (pointer: readonly (string | number)[], message: string, hint: string): Problem => ({
    path: document.path,
    ...document.at(pointer),
    message,
    hint,
  });
  const problems = (['read', 'reversible', 'destructive'] as const)
    .filter((risk) => rules.filter((rule) => rule.risk === risk).length !== 1)
    .map((risk) =>
      problem(['approvals'], `the risk ${risk} does not stand here exactly once`, 'give each risk one entry'),
    );
  rules.forEach((rule, index) => {
    if (rule.risk === 'destructive' && rule.needed < 1)
      problems.push(
        problem(
          ['approvals', index, 'needed'],
          'a destructive step needs at least one approval',
          'write needed: 1 or more',
        ),
      );
    if (rule.escalate !== undefined && rule.escalate.after_hours >= rule.hours)
      problems.push(
        problem(
          ['approvals', index, 'escalate', 'after_hours'],
          `${rule.escalate.after_hours} hours are not before the approval ends (${rule.hours})`,
          'escalate earlier',
        ),
      );
    if (rule.of !== undefined && rule.of.length < rule.needed)
      problems.push(
        problem(
          ['approvals', index, 'of'],
          `${rule.of.length} names cannot give ${rule.needed} approvals`,
          'name more people',
        ),
      );
  });
  return problems;
}
