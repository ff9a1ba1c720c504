/** What the schema of a flow cannot say: names that must exist, references, conditions. */

import { canonical } from '../../core/canonical.ts';
import { parseQuery } from '../../core/conditions/query-line.ts';
import type { Condition } from '../../core/conditions/tree.ts';
import { type Problem, VigiaError } from '../../core/errors.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { YamlDocument } from '../../core/yaml.ts';
import type { Action } from '../action.ts';
import { type FlowInput, type Placed, placedSteps, type WrittenItem } from './flow.ts';
import { goTogether } from './order.ts';
import { referenceMistakes } from './references.ts';
import { stepsIn, unknownFields } from './turn.ts';

export interface WrittenFlow {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly safe?: true;
  readonly input?: Readonly<Record<string, FlowInput>>;
  readonly steps: readonly WrittenItem[];
}

type Say = (pointer: readonly (string | number)[], message: string, hint?: string) => void;

/** The document has passed the schema. `windows`: ids that exist; left out, they are not looked at. */
export function checkFlow(
  document: YamlDocument,
  actions: readonly Action[],
  windows?: readonly string[],
): Problem[] {
  const problems: Problem[] = [];
  const say: Say = (pointer, message, hint) =>
    void problems.push({ path: document.path, ...document.at(pointer), message, ...(hint ? { hint } : {}) });
  const { input = {}, safe, steps } = document.value as WrittenFlow;
  const placed = placedSteps(steps);
  const inputs = Object.keys(input);
  placed.forEach((one, index) => {
    const { step, pointer } = one;
    const before = placed.slice(0, index);
    if (before.some((other) => other.step.name === step.name))
      say(
        [...pointer, 'name'],
        `two steps are called ${JSON.stringify(step.name)}`,
        'give each its own name',
      );
    if (step.id !== undefined && before.some((other) => other.step.id === step.id))
      say([...pointer, 'id'], `two steps have the id ${step.id}`);
    if (isUnknown(step.window, windows))
      say(
        [...pointer, 'window'],
        `no window ${JSON.stringify(step.window)}`,
        `known: ${windows?.join(', ')}`,
      );
    checkTogether(one, placed[index - 1], say);
    checkAction(one, actions, say);
    if (safe) checkSafe(one, actions, say);
    const referable = { inputs, item: step.for_each !== undefined };
    for (const mistake of [
      ...referenceMistakes(step.with ?? {}, referable, [...pointer, 'with']),
      ...referenceMistakes(step.for_each, { inputs, item: false }, [...pointer, 'for_each']),
      ...referenceMistakes(step.window, referable, [...pointer, 'window']),
      ...referenceMistakes(step.not_before, referable, [...pointer, 'not_before']),
    ])
      say(mistake.pointer, mistake.message, mistake.hint);
    if (step.when !== undefined) checkWhen(one, step.when, before, inputs, say);
  });
  return problems;
}

/** A reference is looked at when the flow is planned. */
const isUnknown = (window: string | undefined, known: readonly string[] | undefined): boolean =>
  window !== undefined && known !== undefined && !window.includes('{{') && !known.includes(window);

function checkTogether({ step, pointer }: Placed, before: Placed | undefined, say: Say): void {
  if (step.together === undefined) return;
  if (step.for_each === undefined)
    say([...pointer, 'together'], 'only steps with for_each go together', 'add for_each');
  else if (
    before !== undefined &&
    goTogether(before.step, step) &&
    canonical(before.step.for_each) !== canonical(step.for_each)
  )
    say(
      [...pointer, 'for_each'],
      `steps that go together have one list`,
      `write the one of ${JSON.stringify(before.step.name)}`,
    );
}

function checkAction({ step, pointer }: Placed, actions: readonly Action[], say: Say): void {
  const action = actions.find(({ id }) => id === step.action);
  if (action === undefined) {
    const known = actions.map(({ id }) => id);
    say(
      [...pointer, 'action'],
      `unknown action ${JSON.stringify(step.action)}`,
      didYouMean(step.action, known) ?? `known: ${known.join(', ')}`,
    );
    return;
  }
  const { properties = {}, required = [] } = action.input as {
    properties?: object;
    required?: readonly string[];
  };
  const [known, given] = [Object.keys(properties), Object.keys(step.with ?? {})];
  for (const key of given.filter((each) => !known.includes(each)))
    say(
      [...pointer, 'with', key],
      `${action.id} takes no ${JSON.stringify(key)}`,
      didYouMean(key, known) ?? `known: ${known.join(', ')}`,
    );
  for (const key of required.filter((each) => !given.includes(each)))
    say([...pointer, 'action'], `${action.id} needs ${JSON.stringify(key)}`, 'add it under "with"');
}

/** In a flow that may start by itself. */
function checkSafe({ step, pointer }: Placed, actions: readonly Action[], say: Say): void {
  const risk = actions.find(({ id }) => id === step.action)?.risk;
  if (risk === 'destructive')
    say([...pointer, 'action'], `${step.action} is destructive`, 'a flow with such a step cannot be safe');
  else if (!step.safe)
    say(pointer, `step ${JSON.stringify(step.name)} is not marked safe`, 'a safe flow has only safe steps');
}

function checkWhen(
  { step, pointer }: Placed,
  when: string,
  before: readonly Placed[],
  inputs: readonly string[],
  say: Say,
): void {
  const at = [...pointer, 'when'];
  let condition: Condition;
  try {
    condition = parseQuery(when);
  } catch (cause) {
    if (!(cause instanceof VigiaError)) throw cause;
    for (const { message, column } of cause.problems)
      say(at, `column ${column} of the condition: ${message}`);
    return;
  }
  for (const field of unknownFields(condition, inputs))
    say(
      at,
      `a condition cannot read ${JSON.stringify(field)}`,
      'it reads input.NAME, incident.severity, item and steps.ID.outcome',
    );
  for (const id of stepsIn(condition)) {
    const asked = before.find((other) => other.step.id === id)?.step;
    const beside =
      asked?.branch?.group === step.branch?.group && asked?.branch?.number !== step.branch?.number;
    if (asked === undefined) say(at, `no step before this one has the id ${id}`);
    else if (beside) say(at, `step ${id} runs beside this one`, 'put this step behind the branches');
  }
}
