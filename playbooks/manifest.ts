/** Files of evidence under one manifest: what was taken, from where, how large, with which SHA-256, and what could not be taken. */
import { createHash } from 'node:crypto';
import type { EvidenceDoor, Proof } from './action.ts';
import { MAX_EVIDENCE_BYTES } from './engine/doors.ts';

export interface Taken {
  readonly name: string;
  /** How it was taken: a command, a query. */
  readonly from: string;
  /** Or the reason why there is none. */
  readonly content: Buffer | string;
}

interface Entry {
  readonly name: string;
  readonly from: string;
  readonly size: number;
  readonly sha256: string;
  /** Of the pieces in which it is kept, in order. */
  readonly parts: readonly string[];
}

export interface Manifest {
  readonly of: string;
  readonly at: string;
  readonly files: readonly Entry[];
  readonly missing: readonly { readonly name: string; readonly from: string; readonly why: string }[];
  readonly facts: Readonly<Record<string, unknown>>;
}

export const MANIFEST = 'manifest.json';
const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

/** The manifest last: with it, everything it lists is there. */
export async function keepFiles(
  door: EvidenceDoor,
  { of, at, facts }: Pick<Manifest, 'of' | 'at' | 'facts'>,
  taken: AsyncIterable<Taken>,
): Promise<{ manifest: string; files: number; missing: number }> {
  const files: Entry[] = [];
  const missing: Manifest['missing'][number][] = [];
  for await (const { name, from, content } of taken) {
    if (typeof content === 'string') missing.push({ name, from, why: content });
    else files.push(await keepFile(door, name, from, content));
  }
  const manifest: Manifest = { of, at, files, missing, facts };
  const kept = await door.keep(MANIFEST, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  return { manifest: kept, files: files.length, missing: missing.length };
}

async function keepFile(door: EvidenceDoor, name: string, from: string, content: Buffer): Promise<Entry> {
  const pieces: Buffer[] = [];
  for (let at = 0; at === 0 || at < content.length; at += MAX_EVIDENCE_BYTES)
    pieces.push(content.subarray(at, at + MAX_EVIDENCE_BYTES));
  const parts: string[] = [];
  for (const [index, piece] of pieces.entries()) {
    const called = pieces.length === 1 ? name : `${name} (part ${index + 1} of ${pieces.length})`;
    parts.push(await door.keep(called, piece));
  }
  return { name, from, size: content.length, sha256: sha256(content), parts };
}

/** Reads everything back from the store and computes the hashes again. */
export async function proveFiles(door: EvidenceDoor): Promise<Proof> {
  const kept = await door.list();
  const text = kept.find(({ name }) => name === MANIFEST)?.content;
  if (text === undefined)
    return { outcome: 'not-proven', detail: 'no manifest is kept with this step; plan a new run' };
  // Written by keepFiles above; nothing in the store can be changed.
  const manifest = JSON.parse(Buffer.from(text).toString()) as Manifest;
  const byHash = new Map(kept.map(({ content }) => [sha256(content), content]));
  const broken = manifest.files.filter(({ parts, sha256: whole }) => {
    const pieces = parts.map((part) => byHash.get(part) ?? Buffer.alloc(0));
    return sha256(Buffer.concat(pieces)) !== whole;
  });
  if (broken.length > 0)
    return {
      outcome: 'not-proven',
      detail: `not as the manifest says: ${broken.map(({ name }) => name).join(', ')}; plan a new run`,
    };
  const without = manifest.missing.map(({ name, why }) => `${name} (${why})`);
  const lacking = without.length === 0 ? '' : `; not taken: ${without.join('; ')}`;
  return {
    outcome: 'proven',
    detail: `${manifest.files.length} files are kept with the run under manifest ${sha256(text).slice(0, 16)}${lacking}`,
  };
}
