/** Compiles rules for one engine: field names become numbered slots, conditions become tests, witnesses are found. */
import { compileTest, type Test } from '../../core/conditions/matcher.ts';
import { type Candidates, fieldResolver } from './fields.ts';
import type { DetectionRule } from './rule.ts';
import { makeSigns, type Witnesses, witnessesOf } from './witness.ts';

export interface CompiledRule {
  readonly rule: DetectionRule;
  /** Compiled at first use: of thousands of rules an event meets a few dozen. */
  test(): Test;
  witnesses(): Witnesses;
  /** Numbers of all fields that the rule reads. */
  slots(): readonly number[];
}

export interface Slots {
  readonly candidates: readonly Candidates[];
  slotOf(candidates: Candidates): number;
}

export function makeSlots(): Slots {
  const known = new Map<string, number>();
  const all: Candidates[] = [];
  return {
    candidates: all,
    slotOf(candidates) {
      const key = candidates.map((group) => group.join('\u0000')).join('\u0001');
      const slot = known.get(key);
      if (slot !== undefined) return slot;
      known.set(key, all.length);
      return all.push(candidates) - 1;
    },
  };
}

/** All rules share the slots, so that an event's values are read and lower-cased once for all of them. */
export function makeCompiler(slots: Slots): (rule: DetectionRule) => CompiledRule {
  const resolvers = new Map<string, (field: string) => number>();
  const sign = makeSigns();
  return (rule) => {
    const { product, category, service } = rule.logsource;
    const key = [rule.taxonomy, product, category, service].join('\u0000');
    let slotOf = resolvers.get(key);
    if (!slotOf) {
      const resolve = fieldResolver(rule.logsource, rule.taxonomy);
      const bySlot = new Map<string, number>();
      slotOf = (field) => {
        let slot = bySlot.get(field);
        if (slot === undefined) bySlot.set(field, (slot = slots.slotOf(resolve(field))));
        return slot;
      };
      resolvers.set(key, slotOf);
    }
    const resolved = slotOf;
    let test: Test | undefined;
    let witnesses: Witnesses | undefined;
    let read: readonly number[] | undefined;
    return {
      rule,
      witnesses: () => (witnesses ??= witnessesOf(rule.condition, { slotOf: resolved, sign })),
      slots: () => (read ??= [...slotsOf(rule, resolved)]),
      test: () => (test ??= compileTest(rule.condition, resolved)),
    };
  };
}

function slotsOf(rule: DetectionRule, slotOf: (field: string) => number): Set<number> {
  const slots = new Set<number>();
  const waiting = [rule.condition];
  for (let condition = waiting.pop(); condition !== undefined; condition = waiting.pop()) {
    if (condition.op === 'and' || condition.op === 'or') waiting.push(...condition.of);
    else if (condition.op === 'not') waiting.push(condition.of);
    else {
      if ('field' in condition) slots.add(slotOf(condition.field));
      if (condition.op === 'sameAs') slots.add(slotOf(condition.other));
    }
  }
  return slots;
}
