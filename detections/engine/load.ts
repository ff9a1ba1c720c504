/** Loads rules from files and folders: every mistake of every file with its place; rules that cannot run are refused by name. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve, sep } from 'node:path';
import type { Condition } from '../../core/conditions/tree.ts';
import { errors, formatProblem, type Problem } from '../../core/errors.ts';
import { sha256 } from '../../core/ids.ts';
import { parseYaml, type YamlDocument } from '../../core/yaml.ts';
import { readCorrelation } from './correlation.ts';
import { readDetection } from './detection.ts';
import { type Filter, joinFilters, readFilter } from './filters.ts';
import { withoutJudgedParts } from './judged-parts.ts';
import { readLogSource } from './log-source.ts';
import { type Origin, readMetadata } from './metadata.ts';
import { isMap, type Reading, startReading } from './reading.ts';
import { resolveReferences } from './references.ts';
import type { CorrelationRule, DetectionRule, Metadata, Refusal, Rule } from './rule.ts';

export interface LoadOptions {
  /** Values of placeholders by name, without the percent signs. */
  placeholders?: Readonly<Record<string, readonly (string | number)[]>>;
  /** Rules under this folder are our own; all others are imported. */
  ownFolder?: string;
}

export interface Loaded {
  rules: Rule[];
  /** Mistakes, by place. A document with a mistake is not loaded. */
  problems: Problem[];
  /** Things that work but are probably not meant. */
  warnings: Problem[];
  /** Every rule that was found and is not in `rules`, with the reason. */
  refused: Refusal[];
}

/** A rule with what is needed until filters are joined. */
export interface Draft<R extends Rule = Rule> {
  rule: R;
  placeholders: Record<string, readonly (string | number)[]>;
}

/** `loadRules(['detections/rules', 'my/rule.yml'])`. Throws a usage error only when a path cannot be read at all. */
export function loadRules(paths: readonly string[], options: LoadOptions = {}): Loaded {
  const loaded: Loaded = { rules: [], problems: [], warnings: [], refused: [] };
  const drafts: Draft[] = [];
  const filters: Filter[] = [];
  const seen = new Set<string>();
  for (const { file, from } of paths.flatMap((path) => ruleFiles(path, options.ownFolder))) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    const { documents, doubtful, problems } = parseYaml(text, from.path);
    loaded.problems.push(...problems);
    // Read for their further mistakes only: an author mends all of them at once.
    const aside: Collected = {
      loaded: { rules: [], problems: loaded.problems, warnings: [], refused: [] },
      drafts: [],
      filters: [],
    };
    for (const document of doubtful)
      readDocument({ document, source: document, content: '' }, from, options, aside);
    if (problems.length > 0)
      loaded.refused.push({
        id: '',
        title: basename(file),
        path: from.path,
        reason: formatProblem(problems[0]!),
      });
    documents.forEach((document, index) => {
      // A rule that has the file to itself is its text: values would have to be written out again.
      const content = documents.length === 1 ? text : JSON.stringify(document.value);
      const source = new Rereadable(document, text, index);
      readDocument({ document, source, content }, from, options, { loaded, drafts, filters });
    });
  }
  refuseDuplicates(drafts, loaded);
  const filtered = joinFilters(drafts, filters, loaded);
  loaded.rules = withoutJudgedParts(resolveReferences(filtered, loaded), loaded);
  return loaded;
}

interface Collected {
  loaded: Loaded;
  drafts: Draft[];
  filters: Filter[];
}

/** Keeps the text instead of the values: checks ask for them, but matching never does, and thousands of rules stay loaded. */
class Rereadable implements YamlDocument {
  readonly path: string;
  readonly at: YamlDocument['at'];
  private readonly text: string;
  private readonly index: number;

  constructor({ path, at }: YamlDocument, text: string, index: number) {
    this.path = path;
    this.at = at;
    this.text = text;
    this.index = index;
  }
  get value(): unknown {
    return parseYaml(this.text, this.path).documents[this.index]?.value;
  }
}

function readDocument(
  { document, source, content }: { document: YamlDocument; source: YamlDocument; content: string },
  from: Origin,
  options: LoadOptions,
  to: Collected,
): void {
  const reading = startReading(document, options.placeholders);
  const value = document.value;
  const refuse = (reason: string) => {
    const title = isMap(value) && typeof value['title'] === 'string' ? value['title'] : basename(from.path);
    to.loaded.refused.push({
      id: isMap(value) && typeof value['id'] === 'string' ? value['id'] : '',
      title,
      path: from.path,
      reason,
    });
  };
  const kinds = isMap(value) ? ['detection', 'correlation', 'filter'].filter((kind) => kind in value) : [];
  if (!isMap(value) || kinds.length !== 1) {
    reading.wrong(
      [],
      kinds.length > 1
        ? `a document cannot have ${kinds.join(' and ')}`
        : 'no detection, correlation or filter section (Y-1)',
      'is this a Sigma rule?',
    );
    to.loaded.problems.push(...reading.problems);
    refuse(formatProblem(reading.problems[0]!));
    return;
  }
  const metadata = readMetadata(value, from, reading);
  let filter: Filter | undefined;
  let body: BodyOf<DetectionRule> | BodyOf<CorrelationRule> | undefined;
  if (kinds[0] === 'filter') filter = readFilter(value, { ...metadata, source, hash: '' }, reading);
  else if (kinds[0] === 'correlation')
    body = { kind: 'correlation', ...readCorrelation(value['correlation'], reading) };
  else {
    const condition: Condition = readDetection(value['detection'], ['detection'], reading);
    const taxonomy = typeof value['taxonomy'] === 'string' ? value['taxonomy'] : 'sigma';
    if (taxonomy !== 'sigma' && taxonomy !== 'ecs')
      reading.wrong(
        ['taxonomy'],
        `taxonomy ${JSON.stringify(taxonomy)} is not known (A-5)`,
        'known are sigma and ecs',
      );
    const logsource = readLogSource(value['logsource'], reading, true);
    body = { kind: 'rule', logsource, taxonomy, condition, filters: [], feedsOnly: false };
  }
  to.loaded.problems.push(...reading.problems);
  if (reading.problems.length > 0) refuse(formatProblem(reading.problems[0]!));
  else if (reading.missing.size > 0) {
    const names = [...reading.missing].map((name) => `%${name}%`).join(', ');
    refuse(`no value for placeholder ${names} (P-3); give one with --placeholders`);
  } else if (filter) to.filters.push(filter);
  else if (body) {
    const placeholders = usedPlaceholders(reading);
    const hash = sha256(JSON.stringify(placeholders) + content);
    to.drafts.push({ placeholders, rule: { ...metadata, ...body, source, hash } });
  }
}

/** What a kind of rule has besides the metadata. */
type BodyOf<R extends Rule> = Omit<R, keyof Metadata>;

const usedPlaceholders = (reading: Reading): Draft['placeholders'] =>
  Object.fromEntries([...reading.asked].sort().map((name) => [name, reading.placeholders[name] ?? []]));

function refuseDuplicates(drafts: Draft[], loaded: Loaded): void {
  const first = new Map<string, Rule>();
  for (let index = 0; index < drafts.length; index++) {
    const { rule } = drafts[index]!;
    const other = first.get(rule.id);
    if (other === undefined) {
      first.set(rule.id, rule);
      continue;
    }
    const message = `id ${rule.id} is taken by ${other.path} (${other.title})`;
    loaded.problems.push({
      path: rule.path,
      ...rule.source.at(['id']),
      message,
      hint: 'give each rule an id of its own',
    });
    loaded.refused.push({ id: rule.id, title: rule.title, path: rule.path, reason: message });
    drafts.splice(index--, 1);
  }
}

/** The rule files under a path, in a stable order; `x.test.yml` are cases, not rules. */
function ruleFiles(path: string, ownFolder: string | undefined): { file: string; from: Origin }[] {
  const root = resolve(path);
  let isFolder: boolean;
  try {
    isFolder = statSync(root).isDirectory();
  } catch (cause) {
    throw errors.usage(
      `cannot read rules from ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
  const own = ownFolder === undefined ? undefined : resolve(ownFolder) + sep;
  const found = (file: string, path: string): { file: string; from: Origin } => ({
    file,
    from: { path, origin: own !== undefined && file.startsWith(own) ? 'own' : 'imported' },
  });
  if (!isFolder) return [found(root, basename(root))];
  return [...namesUnder(root, '')].sort().map((name) => found(root + sep + name, name.replaceAll(sep, '/')));
}

/** Faster than the recursive reading of Node, which resolves each path anew. Links are followed, except to a folder they lie in. */
function* namesUnder(root: string, folder: string): Generator<string> {
  for (const entry of readdirSync(root + sep + folder, { withFileTypes: true })) {
    const name = folder + entry.name;
    if (entry.isDirectory() || (entry.isSymbolicLink() && leadsDown(root + sep + name)))
      yield* namesUnder(root, name + sep);
    else if (/\.ya?ml$/.test(name) && !/\.test\.ya?ml$/.test(name)) yield name;
  }
}

function leadsDown(link: string): boolean {
  const target = statSync(link, { throwIfNoEntry: false });
  return (
    target?.isDirectory() === true &&
    !(realpathSync(dirname(link)) + sep).startsWith(realpathSync(link) + sep)
  );
}
