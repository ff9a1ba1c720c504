/** Decides which log sources an event belongs to; rules of other log sources are not evaluated on it (section 3 of the language). */
import { readField } from '../../core/conditions/values.ts';
import { logSourceData } from './data.ts';
import { isMap } from './reading.ts';
import type { LogSource } from './rule.ts';

/** What is known of an event's source. Undefined is undeclared and conflicts with no rule; an empty list is known to be none. */
export interface Origin {
  readonly products: readonly string[] | undefined;
  readonly categories: readonly string[] | undefined;
  readonly services: readonly string[] | undefined;
}

interface WindowsTable {
  categories: { category: string; channel: string; event_ids: number[]; also?: Record<string, string[]> }[];
  services: Record<string, string[]>;
  also_of: Record<string, string>;
}
interface Windows {
  byEvent: Map<string, WindowsTable['categories']>;
  byChannel: Map<string, string[]>;
  alsoOf: Record<string, string>;
}

/** What rules of several products may be about: every Java application runs on a JVM, and so on. */
let alsoProducts: ReadonlyMap<string, readonly string[]> | undefined;
function productsOf(product: string | undefined): readonly string[] | undefined {
  if (product === undefined) return undefined;
  alsoProducts ??= new Map(
    Object.entries((logSourceData('products.yml') as { also: Record<string, string[]> }).also),
  );
  return [product, ...(alsoProducts.get(product) ?? [])];
}

let windows: Windows | undefined;
function windowsTable(): Windows {
  if (windows) return windows;
  const table = logSourceData('windows.yml') as WindowsTable;
  const byEvent = new Map<string, WindowsTable['categories']>();
  for (const row of table.categories) {
    for (const id of row.event_ids) {
      const key = `${row.channel.toLowerCase()}|${id}`;
      byEvent.set(key, [...(byEvent.get(key) ?? []), row]);
    }
  }
  const byChannel = new Map<string, string[]>();
  for (const [service, channels] of Object.entries(table.services)) {
    for (const channel of channels)
      byChannel.set(channel.toLowerCase(), [...(byChannel.get(channel.toLowerCase()) ?? []), service]);
  }
  windows = { byEvent, byChannel, alsoOf: table.also_of };
  return windows;
}

/**
 * From `vigia.logsource` or top-level `product`, `category`, `service` (`none` is undeclared). For a Windows record
 * channel and event id tell the rest, and tell it completely: a record of the Security log is no database query.
 */
export function originOf(document: object): Origin {
  const record = document as Record<string, unknown>;
  const own = isMap(record['vigia']) ? record['vigia']['logsource'] : undefined;
  const declared = isMap(own) ? own : record;
  const product = declaredAs(declared['product']);
  const category = declaredAs(declared['category']);
  const service = declaredAs(declared['service']);
  const listed = (name: string | undefined) => (name === undefined ? undefined : [name]);
  const channel = product === undefined || product === 'windows' ? windowsChannel(record) : undefined;
  if (channel === undefined) {
    return {
      products: productsOf(product ?? (looksLikeWindows(record) ? 'windows' : undefined)),
      categories: category === undefined ? undefined : withGeneral([category]),
      services: listed(service),
    };
  }
  const table = windowsTable();
  return {
    products: ['windows'],
    categories: withGeneral(category ? [category] : derivedCategories(record, channel, table)),
    services: listed(service) ?? table.byChannel.get(channel) ?? [],
  };
}

/**
 * Events with the same key have the same origin; much cheaper than the origin itself, which is found once for each key.
 * Undefined when a name holds the separator: nobody may make two different events look alike.
 */
export function originKey(document: object): string | undefined {
  const record = document as Record<string, unknown>;
  const own = isMap(record['vigia']) ? record['vigia']['logsource'] : undefined;
  const declared = isMap(own) ? own : record;
  const product = declaredAs(declared['product']) ?? '';
  const category = declaredAs(declared['category']) ?? '';
  const service = declaredAs(declared['service']) ?? '';
  const asks = category === '' || service === '' || product === '';
  const channel = asks && (product === '' || product === 'windows') ? windowsChannel(record) : undefined;
  const source = channel ?? (asks && product === '' && looksLikeWindows(record) ? '*' : '');
  if (
    holdsSeparator(product) ||
    holdsSeparator(category) ||
    holdsSeparator(service) ||
    holdsSeparator(source)
  )
    return undefined;
  const key = product + SEPARATOR + category + SEPARATOR + service + SEPARATOR + source;
  return channel !== undefined && category === '' ? withEvent(key, record, channel) : key;
}

/** Adds what tells the categories of a Windows record. */
function withEvent(key: string, record: Record<string, unknown>, channel: string): string | undefined {
  const id = firstText(record, eventIdPaths) ?? '';
  let told = key + SEPARATOR + id;
  for (const row of windowsTable().byEvent.get(`${channel}|${id}`) ?? []) {
    for (const field of Object.keys(row.also ?? {})) {
      const text = alsoText(record, field);
      if (text !== undefined && holdsSeparator(text)) return undefined;
      // The mark keeps an empty value apart from none at all.
      told += SEPARATOR + (text === undefined ? '' : `${text}=`);
    }
  }
  return holdsSeparator(id) ? undefined : told;
}

const holdsSeparator = (text: string): boolean => text.includes(SEPARATOR);

const SEPARATOR = '\n';

const declaredAs = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' && value.toLowerCase() !== 'none'
    ? value.toLowerCase()
    : undefined;

/** Every `registry_set` is a `registry_event`, and so on. */
function withGeneral(categories: string[]): string[] {
  const { alsoOf } = windowsTable();
  for (const category of [...categories]) {
    const general = Object.hasOwn(alsoOf, category) ? alsoOf[category]! : undefined;
    if (general !== undefined && !categories.includes(general)) categories.push(general);
  }
  return categories;
}

function windowsChannel(record: Record<string, unknown>): string | undefined {
  const winlog = isMap(record['winlog']) ? record['winlog']['channel'] : undefined;
  const channel = winlog ?? record['Channel'] ?? record['winlog.channel'];
  return typeof channel === 'string' && channel !== '' ? channel.toLowerCase() : undefined;
}

/** Records of event traces have no channel. */
const looksLikeWindows = (record: Record<string, unknown>): boolean =>
  isMap(record['winlog']) ||
  (record['EventID'] !== undefined && (record['Provider_Name'] ?? record['Computer']) !== undefined);

const eventIdPaths: [string, ...string[]][] = [['EventID'], ['winlog', 'event_id'], ['event', 'code']];

function derivedCategories(record: Record<string, unknown>, channel: string, table: Windows): string[] {
  const id = firstText(record, eventIdPaths);
  const rows = table.byEvent.get(`${channel}|${id}`) ?? [];
  const fits = (also: Record<string, string[]> | undefined) =>
    Object.entries(also ?? {}).every(([field, values]) => {
      const value = alsoText(record, field);
      return value === undefined || values.includes(value);
    });
  return [...new Set(rows.filter((row) => fits(row.also)).map((row) => row.category))];
}

const alsoText = (record: Record<string, unknown>, field: string): string | undefined =>
  firstText(record, [[field], ['winlog', 'event_data', field]]);

function firstText(
  record: Record<string, unknown>,
  paths: readonly (readonly [string, ...string[]])[],
): string | undefined {
  for (const path of paths) {
    // What readers of logs give: a text under the name itself.
    const plain = path.length === 1 && Object.hasOwn(record, path[0]) ? record[path[0]] : undefined;
    if (typeof plain === 'string' || typeof plain === 'number') return String(plain);
    const value = readField(record, path)?.values[0];
    if (value !== undefined) return value.text;
  }
  return undefined;
}

/** S-1: every attribute that the rule names agrees with the event, or the event does not declare it. */
export const accepts = (rule: LogSource, origin: Origin): boolean =>
  agrees(rule.product, origin.products) &&
  agrees(rule.category, origin.categories) &&
  agrees(rule.service, origin.services);

const agrees = (wanted: string | undefined, known: readonly string[] | undefined): boolean =>
  wanted === undefined || known === undefined || known.includes(wanted);
