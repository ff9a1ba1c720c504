/** Finds the data files that lie beside the sources, also when the code runs from `dist`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { errors } from '../../core/errors.ts';
import { parseYaml, type YamlDocument } from '../../core/yaml.ts';

/** A folder under `detections/`: `dataFolder('fields')`. */
export function dataFolder(name: string): string {
  const places = [
    resolve(import.meta.dirname, '..', name),
    resolve(import.meta.dirname, '../../../detections', name),
  ];
  return (
    places.find((place) => existsSync(place) && readdirSync(place).some((file) => !file.endsWith('.js'))) ??
    places[0]!
  );
}

/** All YAML documents of a folder; a mistake in our own data stops the program. */
export function readData(folder: string): YamlDocument[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.yml'))
    .sort();
  return files.flatMap((file) => {
    const { documents, problems } = parseYaml(readFileSync(join(folder, file), 'utf8'), file);
    if (problems.length > 0) throw errors.invalid(folder, problems);
    return documents;
  });
}

/** One file of `log-sources/`. */
export const logSourceData = (file: string): unknown =>
  readData(dataFolder('log-sources')).find(({ path }) => path === file)!.value;
