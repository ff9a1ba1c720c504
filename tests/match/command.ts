/** For stories of `vigia match`: runs the command as the program does, with its output caught. */
import { match } from '../../cli/commands/match.ts';
import { corpusPath } from '../corpus.ts';

export const activeRules = (): string[] =>
  ['rules', 'rules-emerging-threats', 'rules-threat-hunting', 'rules-compliance', 'rules-placeholder'].map(
    (folder) => corpusPath('sigma', 'rules', folder),
  );

export interface Ran {
  /** What would stand on stdout, by line. */
  lines: string[];
  notes: string[];
  exitCode: number;
}

export async function runMatch(
  inputs: readonly string[],
  options: Readonly<Record<string, unknown>>,
  json = false,
): Promise<Ran> {
  const lines: string[] = [];
  const notes: string[] = [];
  const result = await match.run(
    inputs,
    { format: 'auto', threads: '1', ...options },
    {
      api: () => Promise.reject(new Error('vigia match works offline')),
      settingsFile: undefined,
      json,
      print: (line) => lines.push(...line.split('\n')),
      note: (line) => notes.push(line),
      signal: new AbortController().signal,
    },
  );
  return { lines, notes, exitCode: result.exitCode ?? 0 };
}
