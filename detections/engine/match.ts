/** The engine: evaluates all rules on one event at a time; every rule that could match meets the event, no other does. */
import { buildIndex, type CandidateIndex, type NumberedRule } from './candidates.ts';
import { type CompiledRule, makeCompiler, makeSlots } from './compile.ts';
import { type Gathered, makeGather } from './gather.ts';
import { accepts, type Origin, originKey, originOf } from './routing.ts';
import type { CorrelationRule, DetectionRule, LogSource, Rule } from './rule.ts';

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
  const sources = bySource(compiled);
  const kinds = new Map<string, Kind>();
  const origins = new Map<string, Kind>();
  let everything: Kind | undefined;
  const stats = { events: 0, met: 0 };

  function makeKind(mine: readonly Source[]): Kind {
    const rules = mine.flatMap((source) => source.rules);
    const wanted = new Set(mine.flatMap((source) => source.slots()));
    return { index: buildIndex(rules, detection.length), gather: makeGather(slots.candidates, wanted) };
  }
  const allRules = (): Kind => (everything ??= makeKind(sources));

  /** Undefined when too many kinds of events were seen: they share the searches of all rules. */
  function kindOf(origin: Origin): Kind | undefined {
    // Origins that the same rules are about are of one kind: public rules know some forty, however many names events have.
    const mine = sources.filter(({ logsource }) => accepts(logsource, origin));
    const key = mine.map(({ number }) => number).join();
    let kind = kinds.get(key);
    if (kind === undefined && kinds.size < MAX_KINDS) kinds.set(key, (kind = makeKind(mine)));
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

/** The rules of one log source: an origin is accepted by all of them or none. */
interface Source {
  number: number;
  logsource: LogSource;
  rules: NumberedRule[];
  /** Numbers of all fields that they read. */
  slots(): readonly number[];
}

/** Thousands of rules have some two hundred log sources: only these are asked whether they accept an origin. */
function bySource(compiled: readonly CompiledRule[]): Source[] {
  const sources = new Map<string, Source>();
  for (const [number, rule] of compiled.entries()) {
    const { logsource } = rule.rule;
    const key = JSON.stringify([logsource.product, logsource.category, logsource.service]);
    const source = sources.get(key) ?? makeSource(sources.size, logsource);
    sources.set(key, source);
    source.rules.push({ number, rule });
  }
  return [...sources.values()];
}

function makeSource(number: number, logsource: LogSource): Source {
  const rules: NumberedRule[] = [];
  let read: readonly number[] | undefined;
  const slots = () => (read ??= [...new Set(rules.flatMap(({ rule }) => rule.slots()))]);
  return { number, logsource, rules, slots };
}
