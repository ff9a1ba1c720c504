/** Part of the proof `equal-answers`: events made from the public rules, and near misses of them, matcher against reference. */
import { buildEngine, loadRules } from '../../detections/index.ts';
import { ask, interpret } from '../reference/interpreter.ts';
import { seeded } from '../reference/random.ts';
import { activeFolders, activeRules } from '../reference/rule.ts';
import { synthesise } from '../reference/synthesise.ts';
import type { PartResult } from './equal-answers-corpus.ts';

/** Shown in full; the rest is counted. */
const SHOWN = 10;
/** So that no rule is refused for want of a value. */
const VALUES = ['srv-*', 'Adm?n', 'exact'];

/** `share` of the rules, drawn by the seed; each event is evaluated on all of those. */
export function synthesisedPart(share: number, seed: number, say: (line: string) => void): PartResult {
  const random = seeded(seed);
  const written = activeRules().filter(() => random.chance(share));
  const placeholders = Object.fromEntries(
    [...JSON.stringify(written).matchAll(/%([^%\s"]+)%/g)].map(([, name]) => [name!, VALUES]),
  );
  const rules = written.map((rule) => interpret(rule, placeholders));
  const ids = new Set(written.map(({ id }) => id));
  const loaded = loadRules(activeFolders(), { placeholders }).rules.filter(({ id }) => ids.has(id));
  const engine = buildEngine(loaded);
  const result: PartResult = { pairs: 0, matches: 0, differences: 0, more: { 'synthesised: seed': seed } };
  let events = 0;
  let ofOwnRule = 0;
  for (const { rule: from } of rules) {
    for (const event of synthesise(from, random, { placeholders })) {
      const asked = ask(event);
      const wanted = new Set(
        rules.filter(({ applies, holds }) => applies(asked) && holds(asked)).map(({ rule }) => rule.id),
      );
      const found = new Set(engine.match(event).map(({ rule }) => rule.id));
      events++;
      result.pairs += rules.length;
      result.matches += wanted.size;
      if (wanted.has(from.id)) ofOwnRule++;
      for (const id of new Set([...wanted, ...found])) {
        if (wanted.has(id) === found.has(id)) continue;
        if (++result.differences <= SHOWN)
          say(`seed ${seed}: rule ${id} ${wanted.has(id) ? 'misses' : 'takes'} ${JSON.stringify(event)}`);
      }
    }
  }
  // Every rule of the share must be there, and a good part of the events must satisfy the rule they were made from.
  if (loaded.length !== written.length || ofOwnRule < events / 3) result.differences++;
  result.more['synthesised: events'] = events;
  result.more['synthesised: matches of their own rule'] = ofOwnRule;
  return result;
}
