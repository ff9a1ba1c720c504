/** Where the shared corpus of third-party rules and recordings lies; it is read in place and never copied. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const projectRoot = resolve(import.meta.dirname, '..');

/** A path inside the corpus: `corpusPath('evtx', 'security.evtx')`. Set `VIGIA_CORPUS` when it lies elsewhere. */
export function corpusPath(...parts: readonly string[]): string {
  const root = process.env['VIGIA_CORPUS'];
  return resolve(projectRoot, root === undefined || root === '' ? '../shared/corpus' : root, ...parts);
}

/** Is the corpus (or one part of it) on this machine? */
export function hasCorpus(...parts: readonly string[]): boolean {
  return existsSync(corpusPath(...parts));
}
