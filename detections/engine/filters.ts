/** Filters (section 11 of the language): a tuning document whose condition is joined to that of the rules it names. */
import type { Condition } from '../../core/conditions/tree.ts';
import { sha256 } from '../../core/ids.ts';
import { readDetection } from './detection.ts';
import type { Draft, Loaded } from './load.ts';
import { liesInside, readLogSource } from './log-source.ts';
import { isMap, type Reading } from './reading.ts';
import type { LogSource, Metadata } from './rule.ts';

export interface Filter {
  metadata: Metadata;
  logsource: LogSource;
  /** Ids or names; `any` stands for every rule whose log source lies inside the filter's. */
  rules: string[] | 'any';
  condition: Condition;
  /** The text has a `not`: an exclusion, as filters are meant. */
  isExclusion: boolean;
  value: unknown;
}

export function readFilter(value: Record<string, unknown>, metadata: Metadata, reading: Reading): Filter {
  const section = value['filter'];
  const wanted = isMap(section) ? section['rules'] : undefined;
  let rules: Filter['rules'] = [];
  if (wanted === 'any') rules = 'any';
  else {
    rules = [wanted ?? []].flat().filter((rule) => typeof rule === 'string');
    if (rules.length === 0)
      reading.wrong(
        ['filter', 'rules'],
        'the filter names no rule',
        'list ids or names of rules, or write any',
      );
  }
  const text = isMap(section) ? section['condition'] : undefined;
  return {
    metadata,
    logsource: readLogSource(value['logsource'], reading, true),
    rules,
    condition: readDetection(section, ['filter'], reading, ['rules']),
    isExclusion: /\bnot\b/i.test(String(text)),
    value,
  };
}

/** F-4: `(rule condition) and (filter condition)`, as the reference library joins them. */
export function joinFilters(drafts: readonly Draft[], filters: readonly Filter[], loaded: Loaded): Draft[] {
  const warn = (filter: Filter, message: string, hint: string, pointer: string[]) =>
    loaded.warnings.push({
      path: filter.metadata.path,
      ...filter.metadata.source.at(pointer),
      message,
      hint,
    });
  for (const filter of filters) {
    if (!filter.isExclusion) {
      warn(
        filter,
        'the filter has no "not": it keeps only events that satisfy it (F-4)',
        'to exclude events write condition: not selection',
        ['filter', 'condition'],
      );
    }
  }
  const used = new Set<Filter>();
  const joined = drafts.map((draft): Draft => {
    if (draft.rule.kind !== 'rule') return draft;
    const { rule } = draft;
    const mine = filters.filter(({ rules, logsource }) => {
      const isNamed =
        rules === 'any' || rules.includes(rule.id) || (rule.name !== undefined && rules.includes(rule.name));
      return isNamed && liesInside(rule.logsource, logsource);
    });
    if (mine.length === 0) return draft;
    for (const filter of mine) used.add(filter);
    const condition: Condition = {
      op: 'and',
      of: [rule.condition, ...mine.map((filter) => filter.condition)],
    };
    const hash = sha256(JSON.stringify([rule.hash, mine.map((filter) => filter.value)]));
    return {
      ...draft,
      rule: { ...rule, condition, hash, filters: mine.map((filter) => filter.metadata.id) },
    };
  });
  for (const filter of filters) {
    if (!used.has(filter))
      warn(
        filter,
        'the filter applies to no loaded rule',
        'check the rules it names and its logsource (F-2)',
        ['filter', 'rules'],
      );
  }
  return joined;
}
