/** What others shared about attacks. */

export type IndicatorKind = 'ip' | 'network' | 'domain' | 'url' | 'hash' | 'account';
export const INDICATOR_KINDS: readonly IndicatorKind[] = [
  'ip',
  'network',
  'domain',
  'url',
  'hash',
  'account',
];

/** Something that gives an attack away, as somebody shared it; rules name the list it is in. */
export interface Indicator {
  list: string;
  kind: IndicatorKind;
  /** In one spelling: lower case, no trailing dot, not defanged. */
  value: string;
  /** Who says so: a person, an organisation, a file. */
  source: string;
  added: string;
  /** An event at this time or later does not count. */
  expires?: string;
  /** `TLP:GREEN`: with whom it may be shared. */
  tlp?: string;
  note?: string;
}

/** Changes with every change of its indicators, so that whoever keeps them in memory knows when to read again. */
export interface IndicatorList {
  list: string;
  revision: number;
  changed: string;
  by: string;
}
