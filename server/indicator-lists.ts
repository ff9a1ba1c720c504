/** Lists of indicators in the store: importing, ending and removing indicators; each change tells whoever keeps the list in memory. */
import { and, equals } from '../core/conditions/tree.ts';
import type { Indicator, IndicatorKind } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { everyDocument } from '../core/find-all.ts';
import { hashId } from '../core/ids.ts';
import type { DocumentStore, Stored } from '../core/store.ts';
import { wrote } from '../core/wrote.ts';

export type NewIndicator = Omit<Indicator, 'list' | 'added'>;

export interface ImportCounts {
  added: number;
  changed: number;
  same: number;
}

export interface ListSummary {
  list: string;
  revision: number;
  changed: string;
  by: string;
  active: number;
  expired: number;
  byKind: Partial<Record<IndicatorKind, number>>;
}

export interface IndicatorLists {
  /** Importing again changes nothing; another source, end or sharing label replaces what was said before. */
  add(list: string, indicators: readonly NewIndicator[], by: string): Promise<ImportCounts>;
  summaries(): Promise<ListSummary[]>;
  indicators(
    list: string,
    page: { size: number; after?: string },
  ): Promise<{ indicators: Indicator[]; next?: string }>;
  /** They do not count for events from that time on. Without values, all of the list. */
  expire(list: string, at: string, by: string, values?: readonly string[]): Promise<number>;
  /** As if they had never been there. Without values, the whole list. */
  remove(list: string, by: string, values?: readonly string[]): Promise<number>;
}

const AT_ONCE = 20;
const idOf = ({ list, kind, value }: Pick<Indicator, 'list' | 'kind' | 'value'>): string =>
  hashId('indicator', list, kind, value);

export async function* indicatorsOf(documents: DocumentStore, list: string): AsyncGenerator<Indicator> {
  for await (const { body } of everyDocument(documents, 'indicator', { where: equals('list', list) }))
    if (body.list === list) yield body;
}

export function indicatorLists(documents: DocumentStore, now: () => number): IndicatorLists {
  const isoNow = () => new Date(now()).toISOString();

  /** Written after the indicators: whoever reads at the new revision reads all of them. */
  async function announce(list: string, by: string): Promise<void> {
    for (;;) {
      const stored = await documents.get('indicator-list', list);
      // Never one that a removed list of the same name had.
      const revision = Math.max(now(), (stored?.body.revision ?? 0) + 1);
      const body = { list, revision, changed: isoNow(), by };
      if (!stored) {
        if ((await documents.create('indicator-list', list, body)) === 'created') return;
      } else if (await wrote(() => documents.update('indicator-list', list, body, stored.version))) return;
    }
  }

  async function change(indicator: Indicator): Promise<boolean> {
    const id = idOf(indicator);
    for (;;) {
      const stored = await documents.get('indicator', id);
      if (!stored) {
        if ((await documents.create('indicator', id, indicator)) === 'created') return true;
        continue;
      }
      const next: Indicator = { ...indicator, added: stored.body.added };
      if (isSame(stored.body, next)) return false;
      if (await wrote(() => documents.update('indicator', id, next, stored.version))) return true;
    }
  }

  async function named(list: string, values: readonly string[] | undefined): Promise<Stored<Indicator>[]> {
    if (!(await documents.get('indicator-list', list))) throw errors.notFound('indicator list', list);
    const wanted = values && new Set(values.map((value) => value.trim().toLowerCase()));
    const found: Stored<Indicator>[] = [];
    for await (const one of everyDocument(documents, 'indicator', { where: and(equals('list', list)) }))
      if (one.body.list === list && (!wanted || wanted.has(one.body.value.toLowerCase()))) found.push(one);
    if (wanted && found.length === 0) throw errors.notFound('indicator', [...wanted].join(', '));
    return found;
  }

  return {
    async add(list, indicators, by) {
      const added = isoNow();
      const whole = new Map(
        indicators.map((one): [string, Indicator] => {
          const indicator: Indicator = { ...one, list, added };
          return [idOf(indicator), indicator];
        }),
      );
      const items = [...whole].map(([id, body]) => ({ id, body }));
      const outcomes = await documents.createMany('indicator', items);
      const there = items.filter((_, index) => outcomes[index] === 'exists').map(({ body }) => body);
      let changed = 0;
      for (let start = 0; start < there.length; start += AT_ONCE) {
        const results = await Promise.all(there.slice(start, start + AT_ONCE).map(change));
        changed += results.filter(Boolean).length;
      }
      const counts = { added: items.length - there.length, changed, same: there.length - changed };
      if (counts.added + changed > 0 || !(await documents.get('indicator-list', list)))
        await announce(list, by);
      return counts;
    },
    async summaries() {
      const summaries: ListSummary[] = [];
      const at = isoNow();
      for await (const { body } of everyDocument(documents, 'indicator-list')) {
        const summary: ListSummary = { ...body, active: 0, expired: 0, byKind: {} };
        for await (const { kind, expires } of indicatorsOf(documents, body.list)) {
          if (expires !== undefined && expires <= at) summary.expired++;
          else {
            summary.active++;
            summary.byKind[kind] = (summary.byKind[kind] ?? 0) + 1;
          }
        }
        summaries.push(summary);
      }
      return summaries;
    },
    async indicators(list, page) {
      if (!(await documents.get('indicator-list', list))) throw errors.notFound('indicator list', list);
      const { found, next } = await documents.find('indicator', { where: equals('list', list), ...page });
      return { indicators: found.map(({ body }) => body), ...(next ? { next } : {}) };
    },
    async expire(list, at, by, values) {
      const found = await named(list, values);
      await eachOf(found, ({ body }) => change({ ...body, expires: at }));
      if (found.length > 0) await announce(list, by);
      return found.length;
    },
    async remove(list, by, values) {
      const found = await named(list, values);
      await eachOf(found, ({ id, version }) => wrote(() => documents.delete('indicator', id, version)));
      await announce(list, by);
      if (values === undefined) {
        const stored = await documents.get('indicator-list', list);
        if (stored) await wrote(() => documents.delete('indicator-list', list, stored.version));
      }
      return found.length;
    },
  };
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < items.length; start += AT_ONCE)
    await Promise.all(items.slice(start, start + AT_ONCE).map(work));
}

const isSame = (left: Indicator, right: Indicator): boolean =>
  (['source', 'expires', 'tlp', 'note'] as const).every((field) => left[field] === right[field]);
