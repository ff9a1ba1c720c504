/** The candidate index: from what an event shows to the few rules that it could satisfy. */
import { type LiteralSearch, searchLiterals } from '../../core/conditions/literals.ts';
import type { Value } from '../../core/conditions/values.ts';
import type { CompiledRule } from './compile.ts';
import type { Gathered } from './gather.ts';
import { MESSAGE, type Sign, type Witness, weightOf } from './witness.ts';

/** What is looked for in one slot. */
interface SlotIndex {
  exact: Map<string, number>;
  parts: string[];
  partSigns: number[];
  present: number | undefined;
}

/** A search for the parts that eligible rules look for in one slot; `signs` by index of the literal. */
interface PartSearch {
  search: LiteralSearch;
  signs: readonly number[];
}

/** The rules that apply to one kind of event, with what the index needs for them. */
export interface Selection {
  readonly isEligible: Uint8Array;
  /** Rules without a witness: they meet every event. */
  readonly always: readonly number[];
  /** By sign: the eligible rules that it points to; made when first needed. */
  readonly bySign: (readonly number[] | undefined)[];
  /** By slot; made when first needed, null where no eligible rule looks for a part. */
  readonly searches: (PartSearch | null | undefined)[];
  message: PartSearch | null | undefined;
}

export interface CandidateIndex {
  select(isEligible: (rule: number) => boolean): Selection;
  /** Calls `meet` once for each rule that the event could satisfy. */
  find(gathered: Gathered, selection: Selection, meet: (rule: number) => void): void;
  /** Share of rules that have a witness. */
  readonly witnessed: number;
}

export function buildIndex(rules: readonly CompiledRule[], slotCount: number): CandidateIndex {
  const signs = new Map<string, number>();
  const rulesBySign: number[][] = [];
  const slots: (SlotIndex | undefined)[] = new Array(slotCount).fill(undefined);
  const message = newSlotIndex();
  const always: number[] = [];

  chooseWitnesses(rules).forEach((witness, rule) => {
    if (witness === undefined) always.push(rule);
    else for (const sign of witness) addSign(sign, rule);
  });

  function addSign(sign: Sign, rule: number): void {
    const key = keyOf(sign);
    let number = signs.get(key);
    if (number === undefined) {
      number = rulesBySign.push([]) - 1;
      signs.set(key, number);
      const slot = sign.slot === MESSAGE ? message : (slots[sign.slot] ??= newSlotIndex());
      if (sign.kind === 'exact') slot.exact.set(sign.text, number);
      else if (sign.kind === 'present') slot.present = number;
      else {
        slot.parts.push(sign.text);
        slot.partSigns.push(number);
      }
    }
    const known = rulesBySign[number]!;
    if (known.at(-1) !== rule) known.push(rule);
  }

  const met = new Int32Array(rules.length);
  let round = 0;
  let selection: Selection;
  let report: (rule: number) => void;
  const eligibleFor = (sign: number): readonly number[] => {
    let eligible = selection.bySign[sign];
    if (eligible === undefined) {
      eligible = rulesBySign[sign]!.filter((rule) => selection.isEligible[rule] === 1);
      (selection.bySign as (readonly number[])[])[sign] = eligible;
    }
    return eligible;
  };
  const hit = (sign: number): void => {
    const eligible = eligibleFor(sign);
    for (let index = 0; index < eligible.length; index++) {
      const rule = eligible[index]!;
      if (met[rule] === round) continue;
      met[rule] = round;
      report(rule);
    }
  };
  /** Only what eligible rules look for: a process event is not searched for what Linux rules want. */
  function partSearch(index: SlotIndex): PartSearch | null {
    const wanted = index.partSigns
      .map((_, part) => part)
      .filter((part) => eligibleFor(index.partSigns[part]!).length > 0);
    if (wanted.length === 0) return null;
    return {
      search: searchLiterals(wanted.map((part) => index.parts[part]!)),
      signs: wanted.map((part) => index.partSigns[part]!),
    };
  }
  let signsSearched: readonly number[];
  const hitPart = (part: number): boolean => {
    hit(signsSearched[part]!);
    return false;
  };
  function searchParts({ search, signs: wanted }: PartSearch, values: readonly Value[]): void {
    signsSearched = wanted;
    for (let at = 0; at < values.length; at++) search(values[at]!.lower, hitPart);
  }

  return {
    witnessed: rules.length === 0 ? 1 : 1 - always.length / rules.length,
    select(accepts) {
      const isEligible = Uint8Array.from(rules, (_, rule) => (accepts(rule) ? 1 : 0));
      return {
        isEligible,
        always: always.filter((rule) => isEligible[rule] === 1),
        bySign: new Array(rulesBySign.length).fill(undefined),
        searches: new Array(slotCount).fill(undefined),
        message: undefined,
      };
    },
    find(gathered, chosen, meet) {
      round++;
      selection = chosen;
      report = meet;
      for (let index = 0; index < chosen.always.length; index++) meet(chosen.always[index]!);
      for (let index = 0; index < gathered.filled.length; index++) {
        const slot = gathered.filled[index]!;
        const signsHere = slots[slot];
        if (signsHere === undefined) continue;
        const { values } = gathered.held[slot]!;
        if (signsHere.present !== undefined) hit(signsHere.present);
        if (signsHere.exact.size > 0) {
          for (let at = 0; at < values.length; at++) {
            const sign = signsHere.exact.get(values[at]!.lower);
            if (sign !== undefined) hit(sign);
          }
        }
        let search = chosen.searches[slot];
        if (search === undefined) search = chosen.searches[slot] = partSearch(signsHere);
        if (search) searchParts(search, values);
      }
      if (chosen.message === undefined) chosen.message = partSearch(message);
      if (chosen.message) searchParts(chosen.message, gathered.message());
    },
  };
}

const newSlotIndex = (): SlotIndex => ({
  exact: new Map(),
  parts: [],
  partSigns: [],
  present: undefined,
});
const keyOf = (sign: Sign): string => `${sign.slot}\u0000${sign.kind}\u0000${sign.text}`;

/** For each rule the witness that the fewest events should show; signs that many rules share are taken as common. */
function chooseWitnesses(rules: readonly CompiledRule[]): (Witness | undefined)[] {
  const uses = new Map<string, number>();
  for (const { witnesses } of rules) {
    for (const witness of witnesses) {
      if (witness.length > 50) continue; // a long list says nothing about any one of its texts
      for (const sign of witness) uses.set(keyOf(sign), (uses.get(keyOf(sign)) ?? 0) + 1);
    }
  }
  const others = (sign: Sign) => (uses.get(keyOf(sign)) ?? 1) / 10;
  return rules.map(({ witnesses }) => {
    let best: Witness | undefined;
    let least = Infinity;
    for (const witness of witnesses) {
      const weight = weightOf(witness, others);
      if (weight < least) [best, least] = [witness, weight];
    }
    return best;
  });
}
