/** Which log sources a flat event belongs to (section 3 of the language), by the shared log source guide. */
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { corpusPath } from '../corpus.ts';
import type { Random } from './random.ts';
import type { ReferenceRule } from './rule.ts';

interface Row {
  channel?: string;
  event_id?: number[];
  also?: Record<string, string[]>;
  event_field_for?: Record<string, string>;
}
interface Guide {
  windows_categories: Record<string, Row[]>;
  windows_services: Record<string, { channels: string[] }>;
}

const guidePath = corpusPath('..', 'reference', 'sigma-logsources.yml');
let guide: Guide | undefined;
const readGuide = (): Guide => (guide ??= parse(readFileSync(guidePath, 'utf8')) as Guide);

/** Is the guide on this machine? Without it only events that declare their log source can be placed. */
export const hasGuide = (): boolean => existsSync(guidePath);

type FlatEvent = Record<string, unknown>;
type Attribute = keyof ReferenceRule['logsource'];

/** Undefined: nothing is declared, and nothing excluded. */
export type Origin = Record<Attribute, string[] | undefined>;

/** S-1, S-4: what the event declares; of a Windows record channel and event id tell the rest. */
export function originOf(event: FlatEvent): Origin {
  const [product, category, service] = [event['product'], event['category'], event['service']].map(declared);
  const channel = event['Channel'];
  if (typeof channel !== 'string' || (product !== undefined && product !== 'windows'))
    return { product: listed(product), category: listed(category), service: listed(service) };
  const { windows_services } = readGuide();
  const services = Object.entries(windows_services)
    .filter(([, { channels }]) => channels.some((one) => isSame(one, channel)))
    .map(([name]) => name);
  const categories = rowsOf(event).map(([name]) => name);
  return {
    product: ['windows'],
    category: category === undefined ? categories : [category, ...generalOf(category)],
    service: service === undefined ? services : [service],
  };
}

export function belongs(rule: ReferenceRule, origin: Origin): boolean {
  return (['product', 'category', 'service'] as const).every((name) => {
    const wanted = rule.logsource[name];
    return !wanted || origin[name] === undefined || origin[name].includes(wanted.toLowerCase());
  });
}

/** S-4: names under which records of the category may hold what rules call `field`. */
export const otherNamesOf = (field: string, category: string | undefined): string[] =>
  (readGuide().windows_categories[category ?? ''] ?? []).flatMap((row) => row.event_field_for?.[field] ?? []);

/** What a Windows record of the log source holds in its System part, and its own names of the fields (S-4). */
export function eventFieldsFor(
  { category, service }: ReferenceRule['logsource'],
  random: Random,
): { fields: FlatEvent; names: Record<string, string> } | undefined {
  const { windows_categories, windows_services } = readGuide();
  const rows = (windows_categories[category ?? ''] ?? []).filter((row) => row.channel !== undefined);
  if (rows.length > 0) {
    const { channel, event_id = [], also = {}, event_field_for = {} } = random.pick(rows);
    const told = Object.entries(also).map(([field, values]) => [field, random.pick(values)]);
    const fields = { Channel: channel, EventID: random.pick(event_id), ...Object.fromEntries(told) };
    return { fields, names: event_field_for };
  }
  const channels = windows_services[service ?? '']?.channels;
  return channels && { fields: { Channel: random.pick(channels) }, names: {} };
}

const rowsOf = (event: FlatEvent): [string, Row][] =>
  Object.entries(readGuide().windows_categories).flatMap(([name, rows]) =>
    rows.filter((row) => isFrom(event, row)).map((row): [string, Row] => [name, row]),
  );

function isFrom(event: FlatEvent, { channel, event_id = [], also = {} }: Row): boolean {
  return (
    isSame(channel, String(event['Channel'])) &&
    event_id.includes(Number(event['EventID'])) &&
    Object.entries(also).every(
      ([field, values]) => event[field] === undefined || values.includes(String(event[field])),
    )
  );
}

const isSame = (left: string | undefined, right: string): boolean =>
  left?.toLowerCase() === right.toLowerCase();
const listed = (name: string | undefined): string[] | undefined =>
  name === undefined ? undefined : [name, ...generalOf(name)];
const generalOf = (category: string): string[] =>
  /^registry_(set|add|delete|rename)$/.test(category) ? ['registry_event'] : [];
const declared = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value !== 'none' ? value.toLowerCase() : undefined;
