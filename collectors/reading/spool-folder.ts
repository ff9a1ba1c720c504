/** The folder of a spool: its generation and its numbered segments. */
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errors } from '../../core/errors.ts';

export const segmentPath = (folder: string, number: number): string =>
  join(folder, `${String(number).padStart(12, '0')}.spool`);

/** Numbers of the segments, oldest first. */
export const segmentsOf = async (folder: string): Promise<number[]> =>
  (await readdir(folder))
    .filter((name) => /^\d{12}\.spool$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);

/** What the segments take on disk; one that its reader has just deleted takes nothing. */
export async function bytesOf(folder: string): Promise<number> {
  const sizes = (await segmentsOf(folder)).map((number) =>
    stat(segmentPath(folder, number)).then(
      ({ size }) => size,
      (cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') return 0;
        throw cause;
      },
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Fixed when the spool folder is made: frames of a spool that replaces a lost one never share its positions. */
export async function generationOf(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'generation');
  const kept = await readGeneration(path);
  if (kept !== undefined) return kept;
  // Whole or not at all: a full disk must not leave an empty file that reads as generation 0.
  const part = join(folder, `generation.${process.pid}.part`);
  const handle = await open(part, 'w', 0o600);
  try {
    await handle.writeFile(String(Math.floor(Date.now() / 1_000)));
    await handle.sync();
    await link(part, path).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
    });
  } finally {
    await handle.close();
    await rm(part, { force: true });
  }
  return (await readGeneration(path)) ?? generationOf(folder);
}

async function readGeneration(path: string): Promise<number | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    if (/^[1-9]\d*$/.test(text)) return Number(text);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cause;
  }
  throw errors.refused(`${path} holds no number`, 'move the folder of this spool away; a new one is begun');
}

/** Makes names in the folder survive a power cut: a segment number must never be used twice. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
