/**
 * Proof `evtx`, in two parts. `readers`: every recording of the corpus gives as many records as both readers of Debian find, and the values of
 * python-evtx's XML. `damage`: a million damaged logs are read without a throw, without end or growth.
 */
import { globSync, readFileSync } from 'node:fs';
import { readEvtx } from '../../collectors/evtx/reader.ts';
import { corpusPath } from '../corpus.ts';
import { seeded } from '../reference/random.ts';
import { readDamaged, shortened } from './evtx-damage.ts';
import { libevtxCount, pythonEvtx } from './evtx-readers.ts';
import { isSame, leavesOf, parseXml, withArrays } from './evtx-values.ts';
import type { Proof, ProofResult } from './proof.ts';

const MUTATIONS = 1_000_000;
/** A word now and then: reading all takes minutes. */
const STEP = 100_000;

export const evtx: Proof = async ({ scale, events, only, say }) => {
  const seed = Number(process.env['VIGIA_SEED'] ?? Date.now() % 1_000_000);
  const result: ProofResult = { proof: 'evtx', cases: 0, lost: 0, doubled: 0, failed: 0, more: { seed } };
  const names = globSync('**/*.evtx', { cwd: corpusPath('evtx') }).sort();
  if (only === undefined || only.includes('readers')) {
    const { chance } = seeded(seed);
    compareAll(
      names.filter(() => chance(scale)),
      result,
      say,
    );
  }
  if (only === undefined || only.includes('damage')) {
    const files = shortened(names.map((name) => readFileSync(corpusPath('evtx', name))));
    const count = events ?? Math.round(MUTATIONS * scale);
    let slowestMs = 0;
    for (let done = 0; done < count; done += STEP) {
      const part = readDamaged(files, Math.min(STEP, count - done), seed + done);
      for (const failure of part.failed) say(failure);
      result.failed += part.failed.length;
      slowestMs = Math.max(slowestMs, part.slowestMs);
      if (done > 0) say(`${done} damaged logs are read`);
    }
    result.cases += count;
    result.more['damaged logs'] = count;
    result.more['slowest reading ms'] = Math.round(slowestMs);
  }
  return result;
};

/** `lost`: records that another reader finds and ours does not. `failed`: values that differ. */
function compareAll(names: readonly string[], result: ProofResult, say: (line: string) => void): void {
  let [records, values] = [0, 0];
  for (const name of names) {
    const path = corpusPath('evtx', name);
    const ours = [...readEvtx(readFileSync(path))].filter((item) => item.kind === 'record');
    const theirs = pythonEvtx(path);
    const counts = [ours.length, theirs.length, libevtxCount(path)];
    if (new Set(counts).size > 1) {
      result.lost += Math.max(...counts) - Math.min(...counts);
      say(`${name}: ours, python-evtx and libevtx find ${counts.join(', ')} records`);
    }
    for (const [index, { event }] of ours.entries()) {
      const tree = parseXml(theirs[index] ?? '');
      const difference = tree ? differenceOf(leavesOf(event), leavesOf(withArrays(tree))) : 'no XML';
      records += 1;
      values += leavesOf(event).length;
      if (difference === undefined) continue;
      result.failed += 1;
      say(`${name}, record ${index + 1}: ${difference}`);
    }
  }
  result.cases += records;
  Object.assign(result.more, { files: names.length, records, values });
}

type Leaves = ReturnType<typeof leavesOf>;

function differenceOf(ours: Leaves, theirs: Leaves): string | undefined {
  for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
    const [mine, other] = [ours[at], theirs[at]];
    if (mine && other && mine[0] === other[0] && isSame(mine[1], other[1])) continue;
    return `${JSON.stringify(mine)} and ${JSON.stringify(other)}`.slice(0, 500);
  }
  return undefined;
}
