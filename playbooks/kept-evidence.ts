/** What a run keeps as evidence, read back: every byte is hashed again and compared with journal and manifest. */
import { createHash } from 'node:crypto';
import { equals } from '../core/conditions/tree.ts';
import type { Evidence, JournalEntry } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import type { Store } from '../core/store.ts';
import type { Manifest } from './manifest.ts';

export interface KeptFile {
  /** As the journal counts steps, from 0. */
  readonly step: number;
  readonly name: string;
  /** How it was taken; absent for a manifest and for what a person brought. */
  readonly from?: string;
  readonly size: number;
  readonly sha256: string;
  /** Hashes of the pieces in which it is kept, in order. */
  readonly parts: readonly string[];
  /**
   * `intact`: journal or manifest name this hash, and the content has it. `unlisted`: neither names it, as after a crash.
   * `changed`: the content has another hash. `missing`: it is named, and not there.
   */
  readonly state: 'intact' | 'unlisted' | 'changed' | 'missing';
}

type Documents = Pick<Store['documents'], 'find' | 'get'>;

/** What the journal says of one step: the hash of the manifest that its receipt names, and those of what people brought. */
interface Named {
  readonly manifests: readonly string[];
  readonly brought: readonly string[];
}

interface Piece extends Pick<Evidence, 'name' | 'size' | 'sha256'> {
  readonly isSame: boolean;
  /** Of a manifest that the journal names. */
  readonly manifest?: Manifest;
}

/** Step by step. The journal is the witness of the manifests, and these are the witnesses of their files. */
export async function readKept(
  documents: Documents,
  run: string,
  journal: readonly JournalEntry[],
): Promise<KeptFile[]> {
  const named = Map.groupBy(
    journal.filter(({ step }) => step !== undefined),
    ({ step }) => step!,
  );
  const pieces = new Map<number, Piece[]>();
  for await (const { step, content, name, size, sha256 } of everyPiece(documents, run)) {
    const bytes = Buffer.from(content, 'base64');
    const isSame = hashOf(bytes) === sha256 && bytes.length === size;
    const isManifest = isSame && namedBy(named.get(step) ?? []).manifests.includes(sha256);
    const manifest = isManifest ? { manifest: JSON.parse(bytes.toString()) as Manifest } : {};
    pieces.set(step, [...(pieces.get(step) ?? []), { name, size, sha256, isSame, ...manifest }]);
  }
  const files: KeptFile[] = [];
  for (const step of [...new Set([...named.keys(), ...pieces.keys()])].sort((a, b) => a - b)) {
    const wholeOf = (parts: readonly string[]) => wholeHash(documents, run, step, parts);
    files.push(...(await filesOf(step, pieces.get(step) ?? [], namedBy(named.get(step) ?? []), wholeOf)));
  }
  return files;
}

async function filesOf(
  step: number,
  pieces: readonly Piece[],
  { manifests, brought }: Named,
  wholeOf: (parts: readonly string[]) => Promise<string>,
): Promise<KeptFile[]> {
  const byHash = new Map(pieces.map((piece) => [piece.sha256, piece]));
  const files: KeptFile[] = [];
  for (const { name, from, size, sha256, parts } of pieces.flatMap(({ manifest }) => manifest?.files ?? [])) {
    const own = parts.map((part) => byHash.get(part));
    const isMissing = own.includes(undefined);
    const isWhole = own.every((piece) => piece?.isSame) && (await wholeOf(parts)) === sha256;
    const state = isMissing ? 'missing' : isWhole ? 'intact' : 'changed';
    files.push({ step, name, from, size, sha256, parts, state });
  }
  const listed = new Set(files.flatMap(({ parts }) => parts));
  const witnessed = [...manifests, ...brought];
  const others = pieces.filter(({ sha256 }) => !listed.has(sha256));
  for (const { name, size, sha256, isSame } of others.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const state = !isSame ? 'changed' : witnessed.includes(sha256) ? 'intact' : 'unlisted';
    files.push({ step, name, size, sha256, parts: [sha256], state });
  }
  for (const sha256 of witnessed.filter((each) => !byHash.has(each))) {
    const name = manifests.includes(sha256) ? 'the manifest that the journal names' : 'what a person brought';
    files.push({ step, name, size: 0, sha256, parts: [sha256], state: 'missing' });
  }
  return files;
}

/** One piece, by the hash under which it is kept. */
export async function readPiece(
  documents: Pick<Documents, 'get'>,
  run: string,
  step: number,
  sha256: string,
): Promise<Evidence> {
  const found = await documents.get('evidence', `${run}/${step}/${sha256}`);
  if (found === undefined) throw errors.notFound('evidence', sha256);
  return found.body;
}

async function wholeHash(
  documents: Documents,
  run: string,
  step: number,
  parts: readonly string[],
): Promise<string> {
  const whole = createHash('sha256');
  for (const part of parts)
    whole.update(Buffer.from((await readPiece(documents, run, step, part)).content, 'base64'));
  return whole.digest('hex');
}

/** A document holds up to a mebibyte: a handful at a time. */
const PAGE = 4;

async function* everyPiece(documents: Documents, run: string): AsyncGenerator<Evidence> {
  let after: string | undefined;
  do {
    const more = after === undefined ? {} : { after };
    const page = await documents.find('evidence', { where: equals('run', run), size: PAGE, ...more });
    yield* page.found.map(({ body }) => body);
    after = page.next;
  } while (after !== undefined);
}

function namedBy(entries: readonly JournalEntry[]): Named {
  const hashes = (of: JournalEntry['entry'], read: (data: JournalEntry['data']) => unknown) =>
    entries
      .filter(({ entry }) => entry === of)
      .map(({ data }) => read(data))
      .filter((sha256) => typeof sha256 === 'string');
  return {
    manifests: hashes('receipt', (data) => (data['receipt'] as { manifest?: unknown } | undefined)?.manifest),
    brought: hashes('answered', (data) => data['evidence']),
  };
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
