/** The workload of proof `correlation` in a folder, so that every process started on it has the same in a moment. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  hashGroups,
  type Keys,
  keysFrom,
  type Matches,
  makeMatches,
  ruleTexts,
} from './correlation-matches.ts';

/** What a process that was not killed tells of its work. */
export interface WorkloadRun {
  matches: number;
  wallMs: number;
  cpuMs: number;
  rssBefore: number;
  rssMost: number;
  /** Most matches and event ids in memory at once. */
  pointsMost: number;
  /** Groups loaded again because a match came later than memory reaches. */
  late: number;
}

const ARRAYS = {
  times: Float64Array,
  group: Uint32Array,
  isSecond: Uint8Array,
  value: Uint16Array,
  arrivals: Uint32Array,
  arrivedMs: Float64Array,
  batch: Uint32Array,
  starts: Uint32Array,
  members: Uint32Array,
} as const;
type Name = keyof typeof ARRAYS;
const names = Object.keys(ARRAYS) as Name[];

export function writeWorkload(folder: string, count: number): Matches {
  const matches = makeMatches(count);
  for (const name of names) writeFileSync(join(folder, name), matches[name]);
  writeFileSync(join(folder, 'hashes'), hashGroups(matches.groups));
  mkdirSync(join(folder, 'rules'));
  writeFileSync(join(folder, 'rules', 'proof.yml'), ruleTexts().join('---\n'));
  return matches;
}

export interface OpenedWorkload {
  matches: Matches;
  keys: Keys;
  /** Folder of the rules. */
  rules: string;
  /** Where alerts and positions are kept. */
  alertsFile: string;
}

export function openWorkload(folder: string): OpenedWorkload {
  const arrays = Object.fromEntries(
    names.map((name) => {
      const bytes = readFileSync(join(folder, name));
      return [
        name,
        new ARRAYS[name](bytes.buffer, bytes.byteOffset, bytes.length / ARRAYS[name].BYTES_PER_ELEMENT),
      ];
    }),
  ) as unknown as Pick<Matches, Name>;
  return {
    matches: { ...arrays, count: arrays.times.length, groups: arrays.starts.length - 1 },
    keys: keysFrom(readFileSync(join(folder, 'hashes'))),
    rules: join(folder, 'rules'),
    alertsFile: join(folder, 'alerts.jsonl'),
  };
}
