/** Part of the proof `equal-answers`: generated rules over generated events, in blocks; counterexamples come shrunk. */
import fc from 'fast-check';
import type { Event } from '../../core/event.ts';
import { loadTexts } from '../../detections/engine/testing.ts';
import { buildEngine, type Rule } from '../../detections/index.ts';
import {
  type GeneratedEvent,
  type GeneratedRule,
  generatedEvent,
  generatedPlaceholders,
  generatedRule,
} from '../reference/arbitraries.ts';
import { ask, interpret } from '../reference/interpreter.ts';
import { readRules } from '../reference/rule.ts';
import type { PartResult } from './equal-answers-corpus.ts';
import { type AskedStore, storable } from './equal-answers-stores.ts';

const RULES = 24;
const EVENTS = 60;
/** Further blocks are not tried after so many that differ: they tend to say the same. */
const ENOUGH = 5;

export async function generatedPart(
  stores: readonly AskedStore[],
  pairs: number,
  seed: number,
  say: (line: string) => void,
): Promise<PartResult> {
  const result: PartResult = { pairs: 0, matches: 0, differences: 0, more: { 'generated: seed': seed } };
  const fetched = new Map<string, number>(stores.map(({ name }) => [name, 0]));
  const stored = new Map<string, number>(fetched);
  let block = 0;
  /** Pairs and matches of each block that agreed. */
  const counted: [pairs: number, matches: number][] = [];
  /** Throws what differs. Numbered anew each time, also while a counterexample is shrunk: events are written once. */
  const compareBlock = async (written: readonly GeneratedRule[], contents: readonly GeneratedEvent[]) => {
    const dataset = `equal.block-${++block}`;
    const events = contents.map((content, index) => storable(documentOf(content), dataset, index));
    const { rules, refused } = loadTexts(written.map(ruleText), { placeholders: generatedPlaceholders });
    if (refused.length > 0) throw new Error(`the engine refuses a rule: ${refused[0]!.reason}`);
    const wanted = written.map((rule) => referenceAnswer(rule, events));
    const numberOf = new Map(events.map(({ event }, index) => [event.id, index]));
    const compare = (way: string, rule: number, found: readonly number[]) => {
      const event = events.findIndex((_, index) => wanted[rule]!.includes(index) !== found.includes(index));
      if (event === -1) return;
      const verdict = found.includes(event) ? 'takes' : 'misses';
      throw new Error(
        `${way} ${verdict} what the reference decides otherwise\n  rule  ${ruleText(written[rule]!, rule)}\n  event ${JSON.stringify(documentOf(contents[event]!))}`,
      );
    };
    // Loaded in the order of file names; the title says which is which.
    const numberOfRule = (rule: Rule) => Number(rule.title.split(' ')[1]);
    const engine = buildEngine(rules.toSorted((left, right) => numberOfRule(left) - numberOfRule(right)));
    const byRule = engine.rules.map((): number[] => []);
    events.forEach((event, index) => {
      for (const rule of engine.numbers(event)) byRule[rule]!.push(index);
    });
    for (const [rule, found] of byRule.entries()) compare('matcher', rule, found);
    for (const store of stores) {
      await store.fill(events);
      for (const [number, rule] of engine.rules.entries()) {
        const { ids, fetched: count } = await store.answer(rule, dataset);
        compare(
          store.name,
          number,
          [...ids].map((id) => numberOf.get(id)!),
        );
        fetched.set(store.name, fetched.get(store.name)! + count);
        stored.set(store.name, stored.get(store.name)! + events.length);
      }
    }
    counted.push([written.length * events.length, wanted.reduce((sum, found) => sum + found.length, 0)]);
  };

  for (let round = 0; result.pairs < pairs && result.differences < ENOUGH; round++) {
    const checked = await fc.check(
      fc.asyncProperty(
        fc.array(generatedRule, { minLength: 1, maxLength: RULES, size: 'max' }),
        fc.array(generatedEvent, { minLength: 1, maxLength: EVENTS, size: 'max' }),
        compareBlock,
      ),
      { numRuns: 5, seed: seed + round },
    );
    // Blocks that only served to shrink a counterexample do not count.
    for (const [pairs, matches] of counted.splice(0).slice(0, checked.numRuns)) {
      result.pairs += pairs;
      result.matches += matches;
    }
    if (!checked.failed) continue;
    result.differences++;
    const why =
      checked.errorInstance instanceof Error ? checked.errorInstance.message : String(checked.errorInstance);
    say(`seed ${seed + round}, shrunk: ${why}`);
  }
  for (const { name } of stores)
    result.more[`generated, ${name}: fetched of stored %`] =
      Math.round((fetched.get(name)! / stored.get(name)!) * 1_000) / 10;
  return result;
}

/** JSON is YAML. The title tells rules without an id apart. */
const ruleText = (rule: GeneratedRule, index: number): string =>
  JSON.stringify({ ...rule, title: `${rule.title} ${index}` });

function referenceAnswer(rule: GeneratedRule, events: readonly Event[]): number[] {
  const [read] = readRules(ruleText(rule, 0));
  const { applies, holds } = interpret(read!, generatedPlaceholders);
  return events.flatMap((event, index) => {
    const asked = ask(event);
    return applies(asked) && holds(asked) ? [index] : [];
  });
}

/** Dotted names as objects, or as they are. */
function documentOf({ fields, isDotted }: GeneratedEvent): object {
  const document: Record<string, unknown> = { vigia: { logsource: { product: 'linux' } } };
  for (const [name, value] of Object.entries(fields)) {
    const [head = '', ...rest] = name.split('.');
    // What belongs to `event` and `user` of every stored event stays an object.
    if (rest.length === 0 || (isDotted && head !== 'event')) document[name] = value;
    else document[head] = nested(document[head], rest, value);
  }
  return document;
}

function nested(into: unknown, [head = '', ...rest]: readonly string[], value: unknown): object {
  const known = (into ?? {}) as Record<string, unknown>;
  return { ...known, [head]: rest.length === 0 ? value : nested(known[head], rest, value) };
}
