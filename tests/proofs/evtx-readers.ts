/** The two readers of Debian on files of the corpus: how many records each finds, and python-evtx's XML of each record. */
import { execFileSync } from 'node:child_process';

/** Debian's own: the test machines may have another first in their path. */
const PYTHON = '/usr/bin/python3';
const DUMP = `
import sys, json
from Evtx.Evtx import Evtx
with Evtx(sys.argv[1]) as log:
    for chunk in log.chunks():
        for record in chunk.records():
            print(json.dumps(record.xml()))
`;
const MOST_BYTES = 512 * 1_024 * 1_024;

const output = (program: string, args: readonly string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', maxBuffer: MOST_BYTES, stdio: ['ignore', 'pipe', 'pipe'] });

/** XML of every record, in order. */
export const pythonEvtx = (path: string): string[] =>
  output(PYTHON, ['-c', DUMP, path])
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as string);

/** Records that libevtx finds in place; what it recovers from space that is free again is counted apart by it. */
export const libevtxCount = (path: string): number =>
  Number(/Number of records\s*: (\d+)/.exec(output('evtxinfo', [path]))?.[1] ?? Number.NaN);
