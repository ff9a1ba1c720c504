/** The engine: evaluates all rules on one event at a time; every rule that could match meets the event, no other does. */
import { buildIndex, type CandidateIndex } from './candidates.ts';
import { makeCompiler, makeSlots } from './compile.ts';
import { type Gathered, makeGather } from './gather.ts';
import { accepts, type Origin, originKey, originOf } from './routing.ts';
import type { CorrelationRule, DetectionRule, Rule } from './rule.ts';

export interface RuleMatch {
  rule: DetectionRule;
}

export interface Engine {
  readonly rules: readonly DetectionRule[];
  readonly correlations: readonly CorrelationRule[];
  /** Rules that the event satisfies, in the order in which they were loaded. `routing: false` ignores log sources. */
  match(record: object, options?: { routing?: boolean }): RuleMatch[];
  /** The same as places in `rules`. `json`: the text that the record was read from, which saves time. */
  numbers(record: object, options?: { routing?: boolean; json?: string }): readonly number[];
  /** What the index does, for `--stats`: share of rules with a witness, and how many rules events met so far. */
  stats(): { witnessed: number; events: number; met: number };
}

/** Rules, fields and searches for one kind of event. */
interface Kind {
  gather: ReturnType<typeof makeGather>;
  index: CandidateIndex;
}

/** Kinds of events kept apart, each with its searches (up to a megabyte); events name what they like, so the number is bounded. */
const MAX_KINDS = 150;
/** Remembered ways of naming an origin; forgotten all at once, which costs a moment, when there are more. */
const MAX_ORIGINS = 5_000;

export function buildEngine(rules: readonly Rule[]): Engine {
  const detection = rules.filter((rule) => rule.kind === 'rule');
  const slots = makeSlots();
  const compiled = detection.map(makeCompiler(slots));
  const known = knownNames(detection);
  const kinds = new Map<string, Kind>();
  const origins = new Map<string, Kind>();
  let everything: Kind | undefined;
  const stats = { events: 0, met: 0 };

  function makeKind(applies: (rule: DetectionRule) => boolean): Kind {
    const mine = compiled.flatMap((rule, number) => (applies(rule.rule) ? [{ number, rule }] : []));
    const index = buildIndex(mine, detection.length);
    const wanted = new Set(mine.flatMap(({ rule }) => [...rule.slots()]));
    return { index, gather: makeGather(slots.candidates, wanted) };
  }
  const allRules = (): Kind => (everything ??= makeKind(() => true));

  /** Undefined when too many kinds of events were seen: they share the searches of all rules. */
  function kindOf(origin: Origin): Kind | undefined {
    // Names that no rule mentions are alike: the number of different kinds depends on the rules only.
    const key = (['products', 'categories', 'services'] as const)
      .map((name) => origin[name]?.map((value) => (known[name].has(value) ? value : '?')).join(',') ?? '*')
      .join('|');
    let kind = kinds.get(key);
    if (kind === undefined && kinds.size < MAX_KINDS) {
      kind = makeKind((rule) => accepts(rule.logsource, origin));
      kinds.set(key, kind);
    }
    return kind;
  }

  let matched: number[] = [];
  let gathered: Gathered;
  let onlyFrom: Origin | undefined;
  const meet = (rule: number): void => {
    if (onlyFrom !== undefined && !accepts(detection[rule]!.logsource, onlyFrom)) return;
    stats.met++;
    if (compiled[rule]!.test()(gathered)) matched.push(rule);
  };
  function run(record: object, kind: Kind, json: string | undefined): number[] {
    stats.events++;
    matched = [];
    gathered = kind.gather(record);
    kind.index.find(gathered, meet, json);
    return matched.length > 1 ? matched.sort((left, right) => left - right) : matched;
  }
  function numbers(
    record: object,
    { routing = true, json }: { routing?: boolean; json?: string } = {},
  ): number[] {
    onlyFrom = undefined;
    if (!routing) return run(record, allRules(), json);
    const way = originKey(record);
    const known = way === undefined ? undefined : origins.get(way);
    if (known !== undefined) return run(record, known, json);
    const origin = originOf(record);
    const kind = kindOf(origin);
    if (kind === undefined) {
      onlyFrom = origin;
      return run(record, allRules(), json);
    }
    if (way !== undefined) {
      if (origins.size >= MAX_ORIGINS) origins.clear();
      origins.set(way, kind);
    }
    return run(record, kind, json);
  }

  return {
    rules: detection,
    correlations: rules.filter((rule) => rule.kind === 'correlation'),
    numbers,
    match: (record, options) => numbers(record, options).map((rule) => ({ rule: detection[rule]! })),
    stats: () => ({
      ...stats,
      witnessed: detection.length === 0 ? 1 : 1 - allRules().index.unwitnessed / detection.length,
    }),
  };
}

function knownNames(rules: readonly DetectionRule[]) {
  const all = (name: 'product' | 'category' | 'service') =>
    new Set(rules.flatMap((rule) => rule.logsource[name] ?? []));
  return { products: all('product'), categories: all('category'), services: all('service') };
}
