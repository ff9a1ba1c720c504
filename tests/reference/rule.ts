/** Reads a Sigma rule for the reference interpreter: YAML in, plain values out; nothing is checked, nothing is compiled. */
import { readdirSync, readFileSync } from 'node:fs';
import { loadAll } from 'js-yaml';
import { corpusPath } from '../corpus.ts';

export interface ReferenceRule {
  id: string;
  title: string;
  logsource: { product?: string; category?: string; service?: string };
  /** As written: named selections and the condition. */
  detection: Record<string, unknown>;
}

/** Every document of the text that has a detection section. */
export function readRules(text: string): ReferenceRule[] {
  // Y-5: a plain 00000429 is text, whatever YAML 1.2 says.
  const quoted = text.replace(/^(\s*(?:-|[\w|]+:)\s+)(0\d+)(\s*(?:#.*)?)$/gm, "$1'$2'$3");
  return (loadAll(quoted) as (ReferenceRule | null)[]).filter(
    (rule) => rule?.detection !== undefined,
  ) as ReferenceRule[];
}

const ACTIVE = [
  'rules',
  'rules-emerging-threats',
  'rules-threat-hunting',
  'rules-compliance',
  'rules-placeholder',
];

/** Folders of the active public rules. */
export const activeFolders = (): string[] => ACTIVE.map((folder) => corpusPath('sigma', 'rules', folder));

/** All active public rules. */
export const activeRules = (): ReferenceRule[] =>
  activeFolders().flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yml'))
      .sort()
      .flatMap((name) => readRules(readFileSync(`${folder}/${name}`, 'utf8'))),
  );
