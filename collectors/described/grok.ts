/** Turns `%{IPORHOST:client} %{WORD:verb}` into one linear-time pattern with a named group for each field. */
import { didYouMean } from '../../core/suggest.ts';
import { grokPatterns } from './grok-patterns.ts';
import { type LinearRegex, linearRegex } from './linear-regex.ts';

/** Patterns may use patterns; deeper is a circle. */
const MAX_DEPTH = 20;
/** What all expansions together may grow to. */
const MAX_LENGTH = 20_000;
const REFERENCE = /%\{(\w{1,64})(?::([\w.@[\]-]{1,128}))?\}/g;

/** Reads fields under the names that the description gives them, which may hold dots. */
export interface GrokPattern {
  fields: readonly string[];
  groups(text: string): Record<string, string> | undefined;
}

export function grok(source: string, own: Readonly<Record<string, string>> = {}): GrokPattern | string {
  const fields: string[] = [];
  const mistakes: string[] = [];
  const known = { ...grokPatterns, ...own };
  const expand = (text: string, depth: number): string =>
    text.replace(REFERENCE, (_whole, name: string, field: string | undefined) => {
      const pattern = Object.hasOwn(known, name) ? known[name]! : undefined;
      if (pattern === undefined) {
        const hint = didYouMean(name, Object.keys(known));
        mistakes.push(`there is no pattern ${name}${hint === undefined ? '' : `; ${hint}`}`);
        return '';
      }
      if (depth >= MAX_DEPTH) {
        mistakes.push(`pattern ${name} uses itself`);
        return '';
      }
      const inner = expand(pattern, depth + 1);
      if (inner.length > MAX_LENGTH) {
        mistakes.push(`pattern ${name} grows beyond ${MAX_LENGTH} characters`);
        return '';
      }
      if (field === undefined) return `(?:${inner})`;
      fields.push(field);
      return `(?P<f${fields.length - 1}>${inner})`;
    });
  const expanded = expand(source, 0);
  if (mistakes.length > 0) return [...new Set(mistakes)].join('; ');
  const compiled: LinearRegex | string = linearRegex(expanded);
  if (typeof compiled === 'string') return compiled;
  return {
    fields,
    groups(text) {
      const found = compiled.groups(text);
      if (found === undefined) return undefined;
      const named: Record<string, string> = {};
      for (const [group, value] of Object.entries(found)) {
        const name = /^f\d+$/.test(group) ? fields[Number(group.slice(1))]! : group;
        // Alternatives may name one field twice; the branch that took part counts.
        if (!Object.hasOwn(named, name)) named[name] = value;
      }
      return named;
    },
  };
}
