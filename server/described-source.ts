/** Finds the description that a source names: a file, or one that ships by its name. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Collector } from '../collectors/collector.ts';
import { needDescription } from '../collectors/described/read.ts';
import { described, describedAs } from '../collectors/described.ts';
import { errors } from '../core/errors.ts';
import { didYouMean } from '../core/suggest.ts';
import { shipped } from './settings.ts';

const FOLDER = shipped('collectors', 'descriptions');

/** `apache-access`, without folder and ending: one that ships. */
export const isShippedDescription = (name: string): boolean => /^[a-z0-9-]+$/.test(name);

/** The collector of a description; throws with all its mistakes. */
export function describedCollector(name: string): Collector {
  const path = isShippedDescription(name) ? join(FOLDER, `${name}.yml`) : name;
  if (isShippedDescription(name) && !existsSync(path)) {
    const known = readdirSync(FOLDER).map((file) => file.replace(/\.yml$/, ''));
    const hint =
      didYouMean(name, known) ?? `shipped are ${known.join(', ')}; a file needs a path, ./mine.yml`;
    throw errors.usage(`no description ${JSON.stringify(name)} ships with Vigia`, hint);
  }
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw errors.usage(`the description ${path} cannot be read: ${(cause as Error).message}`);
  }
  return describedAs(needDescription(text, path));
}

/** The collector that a source asks for, by its id and, for `described`, its description. */
export function collectorWith(collector: Collector, description: string | undefined): Collector {
  if (collector.id !== described.id) return collector;
  if (description === undefined)
    throw errors.usage('collector described needs a description', 'name one: description: apache-access');
  return describedCollector(description);
}
