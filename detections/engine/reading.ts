/** Collects the mistakes of one document while it is read, so that an author sees all of them at once. */
import type { Problem } from '../../core/errors.ts';
import type { YamlDocument } from '../../core/yaml.ts';

export type Pointer = readonly (string | number)[];

export interface Reading {
  readonly document: YamlDocument;
  readonly problems: Problem[];
  /** Values of placeholders by name. */
  readonly placeholders: Readonly<Record<string, readonly (string | number)[]>>;
  /** Placeholders that the rule asks for, and those among them that have no value. */
  readonly asked: Set<string>;
  readonly missing: Set<string>;
  wrong(pointer: Pointer, message: string, hint?: string): void;
}

export function startReading(document: YamlDocument, placeholders: Reading['placeholders'] = {}): Reading {
  const problems: Problem[] = [];
  return {
    document,
    problems,
    placeholders,
    asked: new Set(),
    missing: new Set(),
    wrong(pointer, message, hint) {
      problems.push({ path: document.path, ...document.at(pointer), message, ...(hint ? { hint } : {}) });
    },
  };
}

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
