/**
 * The files that one path stood for: those being read, oldest first, and the last ones read to their end, which are looked
 * at again when the next rotation is noticed. Finds what was rotated away while nobody looked: a stop, or a store that was away.
 */
import {
  type Candidate,
  type Cut,
  candidates,
  findAgain,
  type Generation,
  inodeAt,
  isCut,
  isFile,
  isUncutCopy,
  openGeneration,
  type SavedGeneration,
  save,
} from './generation.ts';
import type { ReadPosition } from './reader.ts';

export interface Followed {
  readonly open: readonly Generation[];
  /** Number of the newest generation. */
  readonly newest: number;
  /** It no longer lies at the path. */
  isRotated(one: Generation): boolean;
  /** Opens what now lies at the path, and what lay there meanwhile. */
  discover(): Promise<void>;
  /** A file that was truncated: its rest may lie in a copy, and what is written to it from now on is a new generation. */
  startOver(one: Generation): Promise<void>;
  /** It is read to its end. */
  finish(one: Generation): Promise<void>;
  /** For the checkpoint. */
  save(): string;
  close(): Promise<void>;
}

/** Read to their end and remembered; rotation rarely keeps more beside the file. */
const REMEMBERED = 32;
/** File systems keep the time of change a little coarser than clocks run. */
const COARSE_MS = 100;

type Saved = SavedGeneration & { isDone?: true };

/** Position in the checkpoint. */
interface Place {
  /** When the folder was last looked at, ISO: what changed since may be unread. */
  looked: string;
  files: Saved[];
}

function placeOf({ position, at }: ReadPosition): Place {
  const saved = JSON.parse(position) as Place | Saved[];
  // Checkpoints of before hold the files alone.
  return Array.isArray(saved) ? { looked: at ?? new Date().toISOString(), files: saved } : saved;
}

export async function followFiles(
  path: string,
  from: ReadPosition | undefined,
  cut: Cut,
  warn: (message: string) => void,
): Promise<Followed> {
  const open: Generation[] = [];
  const done: Saved[] = [];
  let newest = from?.generation ?? 0;
  /** What was rotated away before the first look is not ours to read. */
  let lookedMs = Date.now();
  /** Names move while they are listed: what one look at the folder misses, the next one finds. */
  let looksDue = 0;
  /** What lies at the path. */
  let current: string | undefined;

  async function restore(place: ReadPosition): Promise<void> {
    const { again } = place;
    const { looked, files } = placeOf(place);
    const there = await candidates(path);
    for (const { carried, isDone, ...one } of files) {
      const kept = { ...one, ...(carried && { carried }) };
      if (isDone && !again) {
        done.push({ ...kept, isDone });
        continue;
      }
      const found = await findAgain(path, there, again ? { ...one, offset: 0 } : kept, cut);
      if (found) open.push(found);
      else if (!again)
        warn(
          `${path}: what followed byte ${one.offset} of generation ${one.generation} is gone (rotated away, or truncated)`,
        );
    }
    if (again) return;
    lookedMs = Date.parse(looked);
    await openMissed(there);
  }

  /** Rotated files that were written to since the last look: unknown ones, and known ones that grew behind their end. */
  async function openMissed(there: readonly Candidate[]): Promise<void> {
    for (const one of there) {
      if (one.size === 0 || isOpen(one)) continue;
      const known = done.find((saved) => isFile(one, saved));
      if (one.path === path && !known) continue;
      if (known ? one.path !== path && one.size <= known.offset : one.changedMs < lookedMs - COARSE_MS)
        continue;
      const grown = known && (await findAgain(path, [one], known, cut));
      if (grown) {
        done.splice(done.indexOf(known), 1);
        open.unshift(grown);
        continue;
      }
      if (await isUncutCopy(one, path)) {
        // Whoever was read in part goes on in it once it is cut off; of whom nothing was read, that could not be told.
        if (open.every(({ inode, readAt }) => inode !== current || readAt === 0)) looksDue = 2;
        continue;
      }
      // In this order: cut off before now means that it can be seen now.
      for (const other of [...open]) if (await isCut(other)) await goOnInCopy(other, there);
      if (!isOpen(one)) await begin(one.path);
    }
  }

  const isOpen = (one: Candidate) => open.some(({ inode }) => inode === one.inode);

  async function goOnInCopy(one: Generation, there: readonly Candidate[]): Promise<void> {
    await one.handle.close();
    const copy = await findAgain(path, there, save(one), cut);
    open.splice(open.indexOf(one), 1, ...(copy ? [copy] : []));
    if (!copy)
      warn(
        `${path}: truncated; what followed byte ${one.readAt} of generation ${one.generation}, if anything, is gone`,
      );
  }

  /** A new generation; nothing when the file is gone again, which a busy rotation brings about. */
  async function begin(file: string): Promise<void> {
    const begun = await openGeneration(file, newest + 1, 0, cut).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return undefined;
      throw cause;
    });
    if (!begun) return;
    newest += 1;
    open.push(begun);
  }

  if (from) await restore(from);
  return {
    open,
    get newest() {
      return newest;
    },
    isRotated: (one) => one.inode !== current,
    async discover() {
      const now = Date.now();
      current = await inodeAt(path);
      const isNew = current !== undefined && !open.some(({ inode }) => inode === current);
      if (isNew) looksDue = 2;
      if (looksDue > 0) {
        await openMissed(await candidates(path));
        looksDue -= 1;
      }
      if (isNew && !open.some(({ inode }) => inode === current)) await begin(path);
      if (looksDue === 0) lookedMs = now;
    },
    startOver: async (one) => goOnInCopy(one, await candidates(path)),
    async finish(one) {
      open.splice(open.indexOf(one), 1);
      done.push({ ...save(one), isDone: true });
      if (done.length > REMEMBERED) done.shift();
      await one.handle.close();
    },
    save: () =>
      JSON.stringify({
        looked: new Date(lookedMs).toISOString(),
        files: [...open.map(save), ...done],
      } satisfies Place),
    async close() {
      for (const one of open) await one.handle.close();
    },
  };
}
