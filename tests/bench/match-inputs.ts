/** The inputs of bench `match`: made by the corpus' own script, byte for byte the same each time, and kept in the cache folder. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { corpusPath } from '../corpus.ts';
import { cacheFolder } from '../testbed/folder.ts';

export interface MatchInput {
  name: 'mixed' | 'unique';
  path: string;
}

/** Start and end of each file's SHA-256, as the corpus states them. */
const FILES = [
  { name: 'mixed', file: 'events-100k.jsonl', starts: '1846fee8', ends: '51bef' },
  { name: 'unique', file: 'events-unique-100k.jsonl', starts: 'a4371963', ends: 'e1ad' },
] as const;

export async function matchInputs(say: (line: string) => void): Promise<MatchInput[]> {
  const folder = cacheFolder('match-inputs');
  if (FILES.some(({ file }) => !existsSync(`${folder}/${file}`))) {
    say('making the inputs (once, about a minute)');
    make(folder);
  }
  for (const { file, starts, ends } of FILES) {
    const hash = await sha256Of(`${folder}/${file}`);
    if (!hash.startsWith(starts) || !hash.endsWith(ends))
      throw new Error(
        `${folder}/${file} has SHA-256 ${hash}, not ${starts}…${ends}; delete the folder and run again`,
      );
  }
  return FILES.map(({ name, file }) => ({ name, path: `${folder}/${file}` }));
}

function make(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const python = `${folder}/python/bin/python3`;
  if (!existsSync(python)) run('python3', ['-m', 'venv', `${folder}/python`]);
  run(python, ['-m', 'pip', 'install', '--quiet', 'orjson']);
  run(python, [corpusPath('bench', 'make-events.py'), folder]);
}

function run(command: string, args: readonly string[]): void {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error)
    throw new Error(
      `the inputs are made by a Python script, and ${command} cannot be started: install Python 3 with venv`,
      {
        cause: error,
      },
    );
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stderr}`);
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
