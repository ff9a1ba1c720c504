/** The index templates: files under `templates/`, found by walking the folder, put into the cluster when their version grew. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface Mapping {
  type?: string;
  index?: boolean;
  properties?: Record<string, Mapping>;
}

interface DynamicTemplate {
  path_match?: string[];
  mapping: Mapping;
}

export interface Template {
  index_patterns: string[];
  priority: number;
  _meta: { version: number; description: string };
  template: {
    settings: Record<string, unknown>;
    mappings: {
      dynamic: boolean;
      dynamic_templates?: Record<string, DynamicTemplate>[];
      properties?: Record<string, Mapping>;
    };
  };
}

/** Beside this file in a checkout; the built program under `dist/` reads the same files. */
function folder(): string {
  const beside = join(import.meta.dirname, 'templates');
  return existsSync(beside) ? beside : resolve(import.meta.dirname, '../../../store/elasticsearch/templates');
}

/** By name of the file without its ending, sorted. */
export function loadTemplates(): Map<string, Template> {
  const names = readdirSync(folder())
    .filter((name) => name.endsWith('.json'))
    .sort();
  // The files are ours and tested against a real node.
  return new Map(
    names.map((name) => [
      name.slice(0, -'.json'.length),
      JSON.parse(readFileSync(join(folder(), name), 'utf8')) as Template,
    ]),
  );
}

/**
 * How a field is indexed. `none`: not at all, or not in a way that a query could rely on. `within:…`: somewhere in a
 * free-form object, of which only its presence is sure.
 */
export type FieldType =
  | 'keyword'
  | 'date'
  | 'ip'
  | 'long'
  | 'double'
  | 'boolean'
  | 'none'
  | `within:${string}`;
export type TypeOf = (field: string) => FieldType;

const QUERYABLE = new Set<string>(['keyword', 'date', 'ip', 'long', 'double', 'boolean']);

/** The type that a template gives to a field, the fields below free-form objects included. */
export function fieldTypes({ template: { mappings } }: Template): TypeOf {
  const known = new Map<string, FieldType>();
  const freeForm: string[] = [];
  const add = (field: string, mapping: Mapping): void => {
    if (mapping.type === undefined) return;
    const type: FieldType = QUERYABLE.has(mapping.type)
      ? (mapping.type as FieldType)
      : mapping.type === 'flattened'
        ? `within:${field}`
        : 'none';
    known.set(field, mapping.index === false ? 'none' : type);
    if (!QUERYABLE.has(mapping.type)) freeForm.push(field);
  };
  const walk = (properties: Record<string, Mapping>, prefix: string): void => {
    for (const [name, mapping] of Object.entries(properties)) {
      add(prefix + name, mapping);
      if (mapping.properties) walk(mapping.properties, `${prefix}${name}.`);
    }
  };
  for (const entry of mappings.dynamic_templates ?? []) {
    for (const { path_match = [], mapping } of Object.values(entry))
      for (const field of path_match) add(field, mapping);
  }
  walk(mappings.properties ?? {}, '');
  const other: FieldType = mappings.dynamic ? 'keyword' : 'none';
  return (field) => {
    const outer = freeForm.find((name) => field.startsWith(`${name}.`));
    return known.get(field) ?? (outer === undefined ? other : known.get(outer)!);
  };
}
