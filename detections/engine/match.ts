/** The engine: evaluates all rules on one event at a time; every rule that could match meets the event, no other does. */
import { buildIndex, type Selection } from './candidates.ts';
import { makeCompiler, makeSlots } from './compile.ts';
import { makeGather } from './gather.ts';
import { accepts, type Origin, originOf } from './routing.ts';
import type { CorrelationRule, DetectionRule, Rule } from './rule.ts';

export interface RuleMatch {
  rule: DetectionRule;
}

export interface Engine {
  readonly rules: readonly DetectionRule[];
  readonly correlations: readonly CorrelationRule[];
  /** Rules that the event satisfies, in the order in which they were loaded. `routing: false` ignores log sources. */
  match(record: object, options?: { routing?: boolean }): RuleMatch[];
  /** What the index does, for `--stats`: share of rules with a witness, and how many rules events met so far. */
  stats(): { witnessed: number; events: number; met: number };
}

/** Kinds of events kept apart, each with its searches (up to a megabyte); events name what they like, so the number is bounded. */
const MAX_SELECTIONS = 150;

export function buildEngine(rules: readonly Rule[]): Engine {
  const detection = rules.filter((rule) => rule.kind === 'rule');
  const slots = makeSlots();
  const compiled = detection.map(makeCompiler(slots));
  const gather = makeGather(slots.candidates);
  const index = buildIndex(compiled, slots.candidates.length);
  const known = knownNames(detection);
  const selections = new Map<string, Selection>();
  let everything: Selection | undefined;
  const stats = { witnessed: index.witnessed, events: 0, met: 0 };

  const selectAll = (): Selection => (everything ??= index.select(() => true));

  /** Undefined when too many kinds of events were seen: they share the selection of all rules. */
  function selectionFor(origin: Origin): Selection | undefined {
    // Names that no rule mentions are alike: the number of different selections depends on the rules only.
    const key = (['products', 'categories', 'services'] as const)
      .map((name) => origin[name]?.map((value) => (known[name].has(value) ? value : '?')).join(',') ?? '*')
      .join('|');
    let selection = selections.get(key);
    if (selection === undefined && selections.size < MAX_SELECTIONS) {
      selection = index.select((rule) => accepts(detection[rule]!.logsource, origin));
      selections.set(key, selection);
    }
    return selection;
  }

  let matched: number[] = [];
  let gathered: ReturnType<typeof gather>;
  let onlyFrom: Origin | undefined;
  const meet = (rule: number): void => {
    if (onlyFrom !== undefined && !accepts(detection[rule]!.logsource, onlyFrom)) return;
    stats.met++;
    if (compiled[rule]!.test()(gathered)) matched.push(rule);
  };

  return {
    rules: detection,
    correlations: rules.filter((rule) => rule.kind === 'correlation'),
    match(record, { routing = true } = {}) {
      const origin = routing ? originOf(record) : undefined;
      const own = origin && selectionFor(origin);
      const selection = own ?? selectAll();
      onlyFrom = own === undefined ? origin : undefined;
      stats.events++;
      matched = [];
      gathered = gather(record);
      index.find(gathered, selection, meet);
      return matched.sort((left, right) => left - right).map((rule) => ({ rule: detection[rule]! }));
    },
    stats: () => ({ ...stats }),
  };
}

function knownNames(rules: readonly DetectionRule[]) {
  const all = (name: 'product' | 'category' | 'service') =>
    new Set(rules.flatMap((rule) => rule.logsource[name] ?? []));
  return { products: all('product'), categories: all('category'), services: all('service') };
}
