/** Resolves the field names of a rule to where the values lie: in flat records and in our ECS events. */
import { dataFolder, readData } from './data.ts';
import type { LogSource } from './rule.ts';

/** Places by preference; places in one group are taken together. */
export type Candidates = readonly (readonly string[])[];

type Places = Record<string, (string | string[])[]>;
interface Table {
  applies: LogSource;
  prefixes?: string[];
  /** Names under the prefixes that sources write with blanks, which rules leave out (N-2). */
  spaced?: string[];
  system?: Places;
  fields: Places;
  by?: (LogSource & { fields: Places })[];
}

/** With the spaced names by the name that rules use. */
type Known = Table & { written: ReadonlyMap<string, string> };

let tables: Known[] | undefined;
const loadTables = (): Known[] =>
  (tables ??= readData(dataFolder('fields')).map((document) => {
    const table = document.value as Table;
    return { ...table, written: new Map(table.spaced?.map((name) => [withoutBlanks(name), name])) };
  }));

/** N-2: rules name a field without the blanks that its source writes. */
export const withoutBlanks = (name: string): string => name.replaceAll(' ', '');

/** `resolver({product: 'windows'}, 'sigma')('Image')` → `Image`, `winlog.event_data.Image`, …, `process.executable`. */
export function fieldResolver(logsource: LogSource, taxonomy: string): (field: string) => Candidates {
  if (taxonomy === 'ecs') return (field) => [[field]];
  const mine = loadTables().filter((table) => applies(table.applies, logsource));
  return (field) => {
    const found: string[][] = [[field]];
    const add = (places: Places | undefined) => {
      if (places && Object.hasOwn(places, field))
        found.push(...places[field]!.map((place) => [place].flat()));
    };
    for (const table of mine) {
      if (table.system && Object.hasOwn(table.system, field)) {
        add(table.system);
        continue;
      }
      const written = table.written.get(field);
      for (const prefix of table.prefixes ?? []) {
        found.push([`${prefix}.${field}`]);
        if (written !== undefined) found.push([`${prefix}.${written}`]);
      }
      for (const { fields, ...when } of table.by ?? []) if (applies(when, logsource)) add(fields);
      add(table.fields);
    }
    const seen = new Set<string>();
    return found.filter((group) => !seen.has(group.join()) && seen.add(group.join()));
  };
}

const applies = (wanted: LogSource, rule: LogSource): boolean =>
  (['product', 'category', 'service'] as const).every(
    (name) => wanted[name] === undefined || wanted[name] === rule[name],
  );
