/** The candidate index: from what an event shows to the few rules that it could satisfy. */
import { type LiteralSearch, searchLiterals } from '../../core/conditions/literals.ts';
import type { Value } from '../../core/conditions/values.ts';
import type { CompiledRule } from './compile.ts';
import { type EdgeSearch, searchEdges } from './edges.ts';
import type { Gathered } from './gather.ts';
import { searchJson } from './json-search.ts';
import { MESSAGE, type Sign, type Witness, weightOf } from './witness.ts';

type Rules = number[];

/** What is looked for in one slot, and the rules that it points to. */
interface Probe {
  exact: ReadonlyMap<string, Rules> | undefined;
  /** By length of a text, the longest taken together: is any exact text that long? Most values are told apart so. */
  exactLengths: Uint8Array;
  present: Rules | undefined;
  starts: EdgeSearch<Rules> | undefined;
  ends: EdgeSearch<Rules> | undefined;
  parts: LiteralSearch | undefined;
  /** By index of the literal. */
  partRules: readonly Rules[];
}

export interface CandidateIndex {
  /** Calls `meet` once for each rule that the event could satisfy. `json`: the text that the event was read from, where known. */
  find(gathered: Gathered, meet: (rule: number) => void, json?: string): void;
  /** How many of the rules have no witness and so meet every event. */
  readonly unwitnessed: number;
}

/** A rule and its place in the engine. */
export interface NumberedRule {
  number: number;
  rule: CompiledRule;
}

/** Over some of the rules: those that one kind of event can meet. `total` is the number of all rules. */
export function buildIndex(rules: readonly NumberedRule[], total: number): CandidateIndex {
  const always: Rules = [];
  const bySlot = new Map<number, Map<Sign['kind'], Map<string, Rules>>>();
  const witnesses = chooseWitnesses(rules.map(({ rule }) => rule));
  rules.forEach(({ number }, index) => {
    const witness = witnesses[index];
    if (witness === undefined) always.push(number);
    else for (const sign of witness) addSign(sign, number);
  });
  function addSign({ slot, kind, text }: Sign, rule: number): void {
    const kinds = bySlot.get(slot) ?? new Map<Sign['kind'], Map<string, Rules>>();
    bySlot.set(slot, kinds);
    const texts = kinds.get(kind) ?? new Map<string, Rules>();
    kinds.set(kind, texts);
    const known = texts.get(text);
    if (known === undefined) texts.set(text, [rule]);
    else if (known.at(-1) !== rule) known.push(rule);
  }
  const probes: (Probe | undefined)[] = [];
  for (const [slot, kinds] of bySlot) if (slot !== MESSAGE) probes[slot] = makeProbe(kinds);
  const messageKinds = bySlot.get(MESSAGE);
  const message = messageKinds && makeProbe(messageKinds);
  const messageInJson = messageKinds && searchJson([...messageKinds.get('part')!.keys()]);

  // Doubles, because rounds are counted for as long as the process lives.
  const met = new Float64Array(total);
  let round = 0;
  let report: (rule: number) => void;
  const hit = (pointed: Rules): void => {
    for (let index = 0; index < pointed.length; index++) {
      const rule = pointed[index]!;
      if (met[rule] === round) continue;
      met[rule] = round;
      report(rule);
    }
  };
  let partRules: readonly Rules[] = [];
  const hitPart = (part: number): boolean => {
    hit(partRules[part]!);
    return false;
  };
  const hitMessagePart = (part: number): boolean => {
    hit(message!.partRules[part]!);
    return false;
  };
  function probeValue(probe: Probe, value: Value): void {
    const { exact, exactLengths, starts, ends, parts } = probe;
    if (exact !== undefined && exactLengths[Math.min(value.text.length, LONGEST)] === 1) {
      const pointed = exact.get(value.lower);
      if (pointed !== undefined) hit(pointed);
    }
    if (ends !== undefined) ends(value, hit);
    if (starts !== undefined) starts(value, hit);
    if (parts !== undefined) {
      partRules = probe.partRules;
      parts(value, hitPart);
    }
  }

  return {
    unwitnessed: always.length,
    find(gathered, meet, json) {
      round++;
      report = meet;
      for (let index = 0; index < always.length; index++) meet(always[index]!);
      const { filled, held } = gathered;
      for (let index = 0; index < filled.length; index++) {
        const slot = filled[index]!;
        const probe = probes[slot];
        if (probe === undefined) continue;
        if (probe.present !== undefined) hit(probe.present);
        const { values } = held[slot]!;
        for (let at = 0; at < values.length; at++) probeValue(probe, values[at]!);
      }
      if (message === undefined) return;
      if (json === undefined || messageInJson === undefined || !messageInJson(json, hitMessagePart))
        probeValue(message, gathered.messageText());
    },
  };
}

const LONGEST = 255;

function makeProbe(kinds: ReadonlyMap<Sign['kind'], Map<string, Rules>>): Probe {
  const exact = kinds.get('exact');
  const exactLengths = new Uint8Array(LONGEST + 1);
  for (const text of exact?.keys() ?? []) {
    exactLengths[Math.min(text.length, LONGEST)] = 1;
    // İ becomes two characters, one of them beyond ASCII; nothing else changes the length of a text.
    if (/[^\0-\x7f]/.test(text)) exactLengths.fill(1);
  }
  const starts = kinds.get('starts');
  const ends = kinds.get('ends');
  const parts = kinds.get('part');
  return {
    exact,
    exactLengths,
    present: kinds.get('present')?.get(''),
    starts: starts && searchEdges('starts', starts),
    ends: ends && searchEdges('ends', ends),
    parts: parts && searchLiterals([...parts.keys()]),
    partRules: [...(parts?.values() ?? [])],
  };
}

/** A list this long says nothing about any one of its texts. */
const TELLING = 50;

/** For each rule the witness that the fewest events should show; signs that many rules share are taken as common. */
function chooseWitnesses(rules: readonly CompiledRule[]): (Witness | undefined)[] {
  const uses = new Map<Sign, number>();
  for (const { witnesses } of rules) {
    for (const witness of witnesses()) {
      if (witness.length > TELLING) continue;
      for (const sign of witness) uses.set(sign, (uses.get(sign) ?? 0) + 1);
    }
  }
  const others = (sign: Sign) => (uses.get(sign) ?? 1) / 10;
  return rules.map(({ witnesses }) => {
    const [only, ...more] = witnesses();
    if (more.length === 0) return only;
    let best: Witness | undefined;
    let least = Infinity;
    for (const witness of witnesses()) {
      const weight = weightOf(witness, others);
      if (weight < least) [best, least] = [witness, weight];
    }
    return best;
  });
}
