/** Which steps a flow comes to for one input, in which order, and what decides when each one's turn comes. */

import { canonical } from '../../core/canonical.ts';
import type { PlannedStep } from '../../core/documents.ts';
import { durationMs, type Flow, type FlowStep } from './flow.ts';
import { resolve, type Scope } from './references.ts';
import { holdsNow } from './turn.ts';

/** When a step runs, and what its failure leads to. */
export type Order = Pick<
  PlannedStep,
  'onFailure' | 'id' | 'when' | 'branch' | 'limitMs' | 'window' | 'notBefore'
>;
/** The part of a planned step that the flow alone decides. */
export type Ordered = Pick<PlannedStep, 'name' | 'action'> & Order;

export const orderOf = ({ onFailure, id, when, branch, limitMs, window, notBefore }: Order): Order => ({
  onFailure,
  ...(id === undefined ? {} : { id }),
  ...(when === undefined ? {} : { when }),
  ...(branch === undefined ? {} : { branch }),
  ...(limitMs === undefined ? {} : { limitMs }),
  ...(window === undefined ? {} : { window }),
  ...(notBefore === undefined ? {} : { notBefore }),
});

export interface Turn {
  readonly step: FlowStep;
  readonly ordered: Ordered;
  readonly input: Record<string, unknown>;
}

/** Steps whose condition holds or is decided later, once for each item; those that go together item by item. */
export const turnsOf = (flow: Flow, scope: Scope): Turn[] =>
  rowsOf(flow.steps).flatMap((row) =>
    itemsOf(row[0], scope).flatMap((item) => row.flatMap((step) => turnOf(step, item, scope))),
  );

function turnOf(step: FlowStep, item: unknown, scope: Scope): Turn[] {
  const own = item === undefined ? scope : { ...scope, item };
  const holds = holdsNow(step.when, own);
  if (holds === false) return [];
  const ordered = orderedAs(step, item, holds === undefined, own);
  // An object stays an object when its references are replaced.
  return [{ step, ordered, input: resolve(step.with ?? {}, own) as Turn['input'] }];
}

/** A step alone, or the steps in a row that share the same `together`. */
function rowsOf(steps: readonly FlowStep[]): [FlowStep, ...FlowStep[]][] {
  const rows: [FlowStep, ...FlowStep[]][] = [];
  for (const step of steps) {
    const row = rows.at(-1);
    if (row !== undefined && goTogether(row[0], step)) row.push(step);
    else rows.push([step]);
  }
  return rows;
}

export const goTogether = (one: FlowStep, next: FlowStep): boolean =>
  one.together !== undefined &&
  one.together === next.together &&
  one.branch?.group === next.branch?.group &&
  one.branch?.number === next.branch?.number;

/** A list that is left out has no items; a single value is a list of one. */
function itemsOf({ for_each: written }: FlowStep, scope: Scope): unknown[] {
  if (written === undefined) return [undefined];
  const items = resolve(written, scope) ?? [];
  return Array.isArray(items) ? items : [items];
}

const orderedAs = (step: FlowStep, item: unknown, isLater: boolean, scope: Scope): Ordered => ({
  name: item === undefined ? step.name : `${step.name}: ${typeof item === 'string' ? item : canonical(item)}`,
  action: step.action,
  ...orderOf({
    onFailure: step.on_failure ?? 'stop',
    ...(step.id === undefined ? {} : { id: step.id }),
    ...(isLater && step.when !== undefined ? { when: step.when } : {}),
    ...(step.branch === undefined ? {} : { branch: { ...step.branch } }),
    ...(step.time_limit === undefined ? {} : { limitMs: durationMs(step.time_limit) }),
    ...textAs('window', resolve(step.window, scope)),
    ...textAs('notBefore', resolve(step.not_before, scope)),
  }),
});

/** A reference without a value leaves the key out. */
const textAs = <K extends string>(key: K, value: unknown): { [_ in K]?: string } =>
  value === undefined ? {} : ({ [key]: String(value) } as { [_ in K]: string });
