/**
 * Which files of a folder were read: a file of lines beside the other state, so that a checkpoint need not list them. It only
 * saves work: a file that is read again because a line is missing gives the same ids.
 */
import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface DoneFiles {
  has(name: string, stamp: string): boolean;
  add(name: string, stamp: string): Promise<void>;
}

/** For a list that is short: nothing is kept but in memory, and in the checkpoint the last. */
export const doneInMemory = async (): Promise<DoneFiles> => {
  const stamps = new Map<string, string>();
  return {
    has: (name, stamp) => stamps.get(name) === stamp,
    add: async (name, stamp) => void stamps.set(name, stamp),
  };
};

/** `isThere` tells names that still exist; the others are forgotten. `isAgain` forgets all. */
export async function doneOnDisk(
  path: string,
  isThere: (name: string) => Promise<boolean>,
  isAgain: boolean,
): Promise<DoneFiles> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const stamps = new Map<string, string>();
  for (const [name, stamp] of isAgain ? [] : await linesOf(path))
    if (await isThere(name)) stamps.set(name, stamp);
  await writeFile(`${path}.part`, [...stamps].map((one) => `${JSON.stringify(one)}\n`).join(''), {
    mode: 0o600,
  });
  await rename(`${path}.part`, path);
  return {
    has: (name, stamp) => stamps.get(name) === stamp,
    async add(name, stamp) {
      if (stamps.get(name) === stamp) return;
      stamps.set(name, stamp);
      await appendFile(path, `${JSON.stringify([name, stamp])}\n`);
    },
  };
}

async function linesOf(path: string): Promise<[string, string][]> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw cause;
  });
  return text.split('\n').flatMap((line): [string, string][] => {
    try {
      const [name, stamp] = JSON.parse(line) as unknown[];
      return typeof name === 'string' && typeof stamp === 'string' ? [[name, stamp]] : [];
    } catch {
      // The empty rest, or a line that a kill cut: that file is read again.
      return [];
    }
  });
}
