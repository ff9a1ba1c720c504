/** Reads what all kinds of rule documents have in common: title, id, level, tags and so on (section 2 of the language). */
import { LEVELS, type Level } from '../../core/documents.ts';
import { hashId } from '../../core/ids.ts';
import { didYouMean } from '../../core/suggest.ts';
import { readExtensions } from './extensions/index.ts';
import { isMap, type Reading } from './reading.ts';
import type { Metadata } from './rule.ts';

const STATUSES = ['stable', 'test', 'experimental', 'deprecated', 'unsupported'];
/** `correlation` is what the reference library adds. */
const RELATIONS = ['derived', 'obsolete', 'merged', 'renamed', 'similar', 'correlation'];
/** Sigma leaves the level optional; a rule without one is neither hidden nor pushed to the front. */
const LEVEL_WHEN_MISSING: Level = 'medium';

export interface Origin {
  path: string;
  origin: Metadata['origin'];
}

export function readMetadata(
  value: Record<string, unknown>,
  from: Origin,
  reading: Reading,
): Omit<Metadata, 'hash' | 'source'> {
  const title = text('title') ?? '';
  if (title === '') reading.wrong(['title'], 'the title is missing', 'add title: what the rule detects');
  if (title.length > 256)
    reading.wrong(
      ['title'],
      `the title has ${title.length} characters; at most 256 are allowed`,
      'shorten it',
    );
  const description = text('description') ?? '';
  if (description.length > 65_535)
    reading.wrong(
      ['description'],
      `the description has ${description.length} characters; at most 65535 are allowed (A-7)`,
      'move details behind a link in references',
    );
  checkRelated();
  const name = text('name');
  const status = choice('status', STATUSES);
  const author = text('author');
  if (value['action'] !== undefined) {
    reading.wrong(
      ['action'],
      `action: ${String(value['action'])} is Sigma 1 and not part of the language any more (Y-8)`,
      'write each rule as a document of its own',
    );
  }
  return {
    id: text('id') ?? `${hashId('rule', from.path, title)}`,
    title,
    level: (choice('level', LEVELS) as Level | undefined) ?? LEVEL_WHEN_MISSING,
    description,
    falsepositives: texts('falsepositives'),
    tags: texts('tags').map((tag) => tag.toLowerCase()),
    path: from.path,
    origin: from.origin,
    ...readExtensions(value, reading),
    ...(name ? { name } : {}),
    ...(status ? { status } : {}),
    ...(author ? { author } : {}),
  };

  /** */
  function checkRelated(): void {
    const related = value['related'];
    if (related === undefined || related === null) return;
    const isPair = (one: unknown) =>
      isMap(one) && typeof one['id'] === 'string' && RELATIONS.includes(String(one['type']));
    (Array.isArray(related) ? related : [related]).forEach((one, index) => {
      if (!Array.isArray(related) || !isPair(one))
        reading.wrong(
          Array.isArray(related) ? ['related', index] : ['related'],
          'related must be a list of {id, type} (A-4)',
          `types are ${RELATIONS.join(', ')}`,
        );
    });
  }
  function text(key: string): string | undefined {
    const found = value[key];
    if (found === undefined || found === null) return undefined;
    if (typeof found === 'string') return found.trim();
    if (typeof found === 'number') return String(found);
    reading.wrong([key], `${key} must be text`);
    return undefined;
  }
  function choice(key: string, allowed: readonly string[]): string | undefined {
    const found = text(key);
    if (found === undefined || allowed.includes(found)) return found;
    reading.wrong(
      [key],
      `${key} ${JSON.stringify(found.slice(0, 60))} is not known`,
      didYouMean(found, allowed) ?? `write one of: ${allowed.join(', ')}`,
    );
    return undefined;
  }
  function texts(key: string): string[] {
    const found = value[key];
    if (found === undefined || found === null) return [];
    const list = Array.isArray(found) ? found : [found];
    if (list.every((one) => typeof one === 'string' || typeof one === 'number')) return list.map(String);
    reading.wrong([key], `${key} must be a list of texts`);
    return [];
  }
}
