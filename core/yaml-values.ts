/** Reads YAML without a mistake in it quickly, as values only; anything else is left to the slower reader that names places. */
import { CORE_SCHEMA, floatCoreTag, intCoreTag, loadAll, mapTag, type ScalarTagDefinition } from 'js-yaml';

/** Y-5: `00000429` is an account or an error code, not the number 429. */
const keepLeadingZeros = (tag: ScalarTagDefinition<number>): ScalarTagDefinition<unknown> => ({
  ...tag,
  resolve: (source, isExplicit, name) =>
    /^[+-]?0\d/.test(source) && !isExplicit && typeof tag.resolve(source, false, name) === 'number'
      ? source
      : tag.resolve(source, isExplicit, name),
});

const schema = CORE_SCHEMA.withTags(keepLeadingZeros(intCoreTag), keepLeadingZeros(floatCoreTag), {
  ...mapTag,
  addPair: (map: Record<string, unknown>, key: unknown, value: unknown) =>
    key === null ? 'a key is missing' : mapTag.addPair(map, key, value),
});

/**
 * The documents of a text; undefined when there is a mistake or anything unusual in it (aliases, merges, tags, empty
 * documents, nesting beyond `maxDepth`), so that the slower reader decides and explains.
 */
export function yamlValues(text: string, maxDepth: number): unknown[] | undefined {
  if (text.includes('<<')) return undefined;
  let values: unknown[];
  try {
    values = loadAll(text, { schema, maxDepth, maxAliases: 0 });
  } catch {
    return undefined; // the slower reader says what is wrong, and where
  }
  return values.length > 0 && values.every((value) => value !== null) ? values : undefined;
}
