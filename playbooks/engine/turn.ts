/** Conditions of steps: what they read, and whether they are decided with the plan or when the turn of the step comes. */
import { compileCondition } from '../../core/conditions/matcher.ts';
import { parseQuery } from '../../core/conditions/query-line.ts';
import type { Condition } from '../../core/conditions/tree.ts';
import type { Run } from '../../core/documents.ts';
import type { Engine } from './engine.ts';
import { INCIDENT_FIELDS, type Scope } from './references.ts';

/** Every field that a condition names. */
export function fieldsOf(condition: Condition): string[] {
  if (condition.op === 'and' || condition.op === 'or') return condition.of.flatMap(fieldsOf);
  if (condition.op === 'not') return fieldsOf(condition.of);
  return 'field' in condition ? [condition.field] : [];
}

const STEP = /^steps\.([a-z][a-z0-9-]*)\.outcome$/;

/** The ids of steps that a condition asks about. */
export const stepsIn = (condition: Condition): string[] =>
  fieldsOf(condition).flatMap((field) => STEP.exec(field)?.[1] ?? []);

/** Fields that can never be there. */
export const unknownFields = (condition: Condition, inputs: readonly string[]): string[] =>
  fieldsOf(condition).filter((field) => {
    const [root, name = ''] = field.split('.');
    if (root === 'input') return !inputs.includes(name);
    if (root === 'incident') return !INCIDENT_FIELDS.includes(name);
    return field !== 'item' && !STEP.test(field);
  });

/** Undefined when it cannot be known before other steps have run. */
export const holdsNow = (when: string | undefined, scope: Scope): boolean | undefined =>
  when === undefined ? true : known(parseQuery(when), scope);

/** Kleene's three values: a part that is not known yet matters only where the others do not decide. */
function known(condition: Condition, scope: Scope): boolean | undefined {
  if (condition.op === 'not') {
    const inner = known(condition.of, scope);
    return inner === undefined ? undefined : !inner;
  }
  if (condition.op === 'and' || condition.op === 'or') {
    const parts = condition.of.map((part) => known(part, scope));
    const decisive = condition.op === 'or';
    if (parts.includes(decisive)) return decisive;
    return parts.includes(undefined) ? undefined : !decisive;
  }
  return stepsIn(condition).length > 0 ? undefined : compileCondition(condition)(scope);
}

/** Names of steps that a condition asks about and that have come to nothing yet. */
export function openSteps(run: Run, when: string): string[] {
  const asked = stepsIn(parseQuery(when));
  return run.steps
    .filter(({ id, outcome }) => id !== undefined && asked.includes(id) && outcome === undefined)
    .map(({ name }) => JSON.stringify(name));
}

/** Whether the turn of a step comes, after what the steps before it came to. */
export async function holdsAtItsTurn(engine: Engine, run: Run, when: string): Promise<boolean> {
  const incident =
    run.incident === undefined ? undefined : await engine.store.documents.get('incident', run.incident);
  const steps: Record<string, { outcome: string[] }> = {};
  for (const { id, outcome } of run.steps)
    if (id !== undefined && outcome !== undefined)
      steps[id] = { outcome: [...(steps[id]?.outcome ?? []), outcome] };
  return compileCondition(parseQuery(when))({ input: run.input, incident: { ...incident?.body }, steps });
}
