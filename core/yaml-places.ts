/** The careful half of `parseYaml`: finds every mistake and the place of everything, at ten times the cost. */
import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import type { LineCounter, Node, Pair, Scalar } from 'yaml';
import type { Problem } from './errors.ts';
import type { Place, YamlDocument, YamlFile } from './yaml.ts';

/** Loaded when a text has a mistake or a place is asked for: a run over rules without any does not wait for it. */
let loaded: typeof Yaml | undefined;
const yaml = (): typeof Yaml => (loaded ??= createRequire(import.meta.url)('yaml') as typeof Yaml);

/** How many values aliases may add: a few anchors are a convenience, millions are a bomb. */
const MAX_ALIASED = 10_000;
export const MAX_DEPTH = 200;

/** Keeps the place of everything while it reads, and finds all mistakes instead of the first. */
export function parseWithPlaces(text: string, path: string): YamlFile {
  let tree: Tree;
  try {
    tree = treeOf(text);
  } catch (cause) {
    // The parser recurses: thousands of nested brackets end its stack, nothing else is known to throw here.
    return refuse(
      path,
      cause instanceof RangeError ? 'nested too deeply to be read' : `not readable: ${messageOf(cause)}`,
    );
  }
  const { lines } = tree;
  const result: YamlFile = { documents: [], problems: [], doubtful: [] };
  for (const [index, document] of tree.documents.entries()) {
    const mistakes: Problem[] = document.errors.map((error) => ({
      path,
      ...placeAt(lines, error.pos[0]),
      message: explain(error.code, error.message),
    }));
    if (document.errors.every(({ code }) => code === 'DUPLICATE_KEY') && document.contents !== null) {
      const contents = document.contents as Node;
      const budget = { aliased: 0 };
      try {
        const value = plain(contents, { anchors: document, budget, depth: 0, inAlias: false });
        const read: YamlDocument = { path, value, at: (pointer) => placeIn(text, index, pointer) };
        (mistakes.length === 0 ? result.documents : result.doubtful).push(read);
      } catch (cause) {
        if (!(cause instanceof Unreadable)) throw cause;
        mistakes.push({ path, ...placeAt(lines, cause.offset), message: cause.message });
      }
    }
    result.problems.push(...mistakes);
  }
  return result;
}

interface Tree {
  text: string;
  lines: LineCounter;
  documents: ReturnType<typeof Yaml.parseAllDocuments>;
}

export const withoutMark = (text: string): string => (text.startsWith('\uFEFF') ? text.slice(1) : text);

/** Only the last tree is kept: thousands of rules stay loaded, few are ever asked for a place again. */
let last: Tree | undefined;

function treeOf(text: string): Tree {
  if (last?.text === text) return last;
  const lines = new (yaml().LineCounter)();
  const documents = yaml().parseAllDocuments(withoutMark(text), {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    keepSourceTokens: false,
    logLevel: 'silent',
  });
  last = { text, lines, documents };
  return last;
}

export function placeIn(text: string, index: number, pointer: readonly (string | number)[]): Place {
  const { lines, documents } = treeOf(text);
  return placeAt(lines, offsetOf(documents[index]!.contents as Node, pointer));
}

class Unreadable extends Error {
  readonly offset: number;
  constructor(message: string, node: Node) {
    super(message);
    this.offset = node.range?.[0] ?? 0;
  }
}

interface Reading {
  anchors: ReturnType<typeof Yaml.parseAllDocuments>[number];
  budget: { aliased: number };
  depth: number;
  inAlias: boolean;
}

function plain(node: unknown, reading: Reading): unknown {
  if (node === null || node === undefined) return null;
  const inner = { ...reading, depth: reading.depth + 1 };
  if (reading.depth > MAX_DEPTH)
    throw new Unreadable(`nested more than ${MAX_DEPTH} levels deep`, node as Node);
  if (reading.inAlias && ++reading.budget.aliased > MAX_ALIASED) {
    throw new Unreadable(`aliases repeat more than ${MAX_ALIASED} values`, node as Node);
  }
  if (yaml().isScalar(node)) return scalar(node);
  if (yaml().isSeq(node)) return node.items.map((item) => plain(item, inner));
  if (yaml().isAlias(node)) {
    const target = node.resolve(reading.anchors);
    if (target === undefined) throw new Unreadable(`alias *${node.source} has no anchor`, node);
    return plain(target, { ...inner, inAlias: true });
  }
  if (yaml().isMap(node)) {
    const map: Record<string, unknown> = {};
    for (const pair of node.items)
      if (isMerge(pair)) merge(map, plain(pair.value, inner), pair.value as Node);
    for (const pair of node.items) if (!isMerge(pair)) set(map, keyText(pair), plain(pair.value, inner));
    return map;
  }
  throw new Unreadable('not a map, list or value', node as Node);
}

/** `<<: *other` takes over the keys of another map, as YAML 1.1 has it; the map's own keys win, and among several the first. */
const isMerge = ({ key }: Pair): boolean =>
  yaml().isScalar(key) && key.value === '<<' && key.type === yaml().Scalar.PLAIN;

function merge(map: Record<string, unknown>, from: unknown, node: Node): void {
  for (const one of [from].flat().reverse()) {
    if (typeof one !== 'object' || one === null)
      throw new Unreadable('<< takes over the keys of a map, or of a list of maps', node);
    for (const [key, value] of Object.entries(one)) set(map, key, value);
  }
}

/** `__proto__` from a file is a key like any other. */
function set(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else map[key] = value;
}

function scalar(node: Scalar): unknown {
  const source = node.source;
  const isNumber = typeof node.value === 'number' || typeof node.value === 'bigint';
  if (isNumber && node.type === yaml().Scalar.PLAIN && source !== undefined && /^[+-]?0\d/.test(source))
    return source;
  return typeof node.value === 'bigint' ? String(node.value) : node.value;
}

const keyText = (pair: Pair): string => {
  const key = pair.key;
  if (yaml().isScalar(key)) return key.value === null ? '' : String(scalar(key));
  return String(key);
};

function offsetOf(contents: Node, pointer: readonly (string | number)[]): number {
  let node: unknown = contents;
  let offset = contents.range?.[0] ?? 0;
  for (const step of pointer) {
    if (yaml().isMap(node)) {
      const pair: Pair | undefined = node.items.find((item) => keyText(item) === String(step));
      if (!pair) break;
      offset = (pair.key as Node | null)?.range?.[0] ?? offset;
      node = pair.value;
    } else if (yaml().isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      if (item === undefined) break;
      offset = (item as Node | null)?.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  return offset;
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

const refuse = (path: string, message: string): YamlFile => ({
  documents: [],
  problems: [{ path, line: 1, column: 1, message }],
  doubtful: [],
});

const explain = (code: string, message: string): string =>
  code === 'DUPLICATE_KEY' ? 'this key stands here twice; keep one' : `not valid YAML: ${message}`;
