/** Which datasets could feed a rule, by its log source. */
import { dataFolder, readData } from '../engine/data.ts';
import { liesInside } from '../engine/log-source.ts';
import type { DetectionRule, LogSource } from '../engine/rule.ts';
import { type Feed, feeds } from './feeds.ts';

export interface Option {
  feed: Feed;
  /** Windows: the event ids that make a record one of the rule's category. */
  eventIds: readonly number[];
}

interface WindowsTable {
  categories: { category: string; channel: string; event_ids: number[] }[];
  services: Record<string, string[]>;
}
let windows: WindowsTable | undefined;
const windowsTable = (): WindowsTable =>
  (windows ??= readData(dataFolder('log-sources')).find(({ path }) => path === 'windows.yml')!
    .value as WindowsTable);

export function optionsOf({ logsource }: DetectionRule): Option[] {
  const declared = feeds()
    .filter((feed) => feed.logsources.some((own) => liesInside(own, logsource)))
    .map((feed) => ({ feed, eventIds: [] }));
  return logsource.product === undefined || logsource.product === 'windows'
    ? [...declared, ...windowsOptions(logsource)]
    : declared;
}

function windowsOptions({ product, category, service }: LogSource): Option[] {
  const { categories, services } = windowsTable();
  const rows = categories.filter((row) => row.category === category);
  const ofService = service === undefined ? undefined : (services[service] ?? []);
  // A rule that names no product and no Windows service is not about Windows, unless its category says so.
  if (product === undefined && ofService === undefined && rows.length === 0) return [];
  const ofCategory = category === undefined ? undefined : rows.map(({ channel }) => channel);
  const channels = (ofCategory ?? ofService)?.filter((channel) => ofService?.includes(channel) ?? true);
  const all = feeds().filter((feed) => feed.channels.length > 0);
  if (channels === undefined) return all.map((feed) => ({ feed, eventIds: [] }));
  const named = new Set(all.flatMap((feed) => feed.channels));
  return all.flatMap((feed) => {
    const mine = channels.filter((channel) => feed.channels.includes(named.has(channel) ? channel : '*'));
    const eventIds = rows.filter(({ channel }) => mine.includes(channel)).flatMap((row) => row.event_ids);
    return mine.length > 0 ? [{ feed, eventIds }] : [];
  });
}
