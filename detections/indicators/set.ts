/** A list of indicators in memory: every question costs a few set look-ups, however long the list is. */
import { isIPv4, isIPv6 } from 'node:net';
import type { Indicator } from '../../core/documents.ts';
import { bareName } from '../../core/grants.ts';
import { addressOf, urlOf } from './spelling.ts';

/** What is told of an indicator that was found. */
export interface Found {
  value: string;
  source: string;
  tlp: string | undefined;
}

export interface IndicatorSet {
  readonly size: number;
  /** The indicator that a value of an event is, at the time of the event; the most exact one. */
  find(value: string, atMs: number): Found | undefined;
}

/** The same for thousands of indicators, so it is kept once. */
interface Origin {
  source: string;
  tlp: string | undefined;
  untilMs: number;
}

/** More labels than a domain name can have are not looked at. */
const MAX_LABELS = 127;
const HEX = /[0-9a-f]{32,128}/g;
/** Fields with several hashes (`SHA1=…,MD5=…`) are short; longer texts are no hashes. */
const MAX_HASH_TEXT = 1_024;

export function indicatorSet(indicators: Iterable<Indicator>): IndicatorSet {
  const origins = new Map<string, Origin>();
  const exact = new Map<string, Origin>();
  const domains = new Map<string, Origin>();
  const accounts = new Map<string, Origin>();
  const networks = { 4: new Map<number, Map<string, Origin>>(), 6: new Map<number, Map<string, Origin>>() };
  let size = 0;

  const originOf = ({ source, tlp, expires }: Indicator): Origin => {
    const key = JSON.stringify([source, tlp, expires]);
    const known = origins.get(key);
    if (known) return known;
    const made = { source, tlp, untilMs: expires === undefined ? Infinity : Date.parse(expires) };
    origins.set(key, made);
    return made;
  };
  for (const indicator of indicators) {
    size++;
    const { kind, value } = indicator;
    const origin = originOf(indicator);
    if (kind === 'domain') domains.set(value, origin);
    else if (kind === 'account') accounts.set(value, origin);
    else if (kind === 'network') addNetwork(value, origin);
    else exact.set(value, origin);
  }

  function addNetwork(network: string, origin: Origin): void {
    const [address = '', bits = '0'] = network.split('/');
    const family = isIPv4(address) ? 4 : 6;
    const length = Number(bits);
    const byLength = networks[family];
    const known = byLength.get(length) ?? new Map<string, Origin>();
    byLength.set(length, known.set(bitsOf(address, family).slice(0, length), origin));
  }

  const told = (value: string, origin: Origin | undefined, atMs: number): Found | undefined =>
    origin !== undefined && !(atMs >= origin.untilMs)
      ? { value, source: origin.source, tlp: origin.tlp }
      : undefined;

  function ofAddress(address: string, atMs: number): Found | undefined {
    const found = told(address, exact.get(address), atMs);
    const family = isIPv4(address) ? 4 : 6;
    if (found || networks[family].size === 0) return found;
    const bits = bitsOf(address, family);
    for (const [length, known] of networks[family]) {
      const inside = told(address, known.get(bits.slice(0, length)), atMs);
      if (inside) return inside;
    }
    return undefined;
  }

  /** The name itself, then each name above it: `a.b.evil.example` is part of `evil.example`. */
  function ofDomain(name: string, atMs: number): Found | undefined {
    let rest = name.endsWith('.') ? name.slice(0, -1) : name;
    for (let labels = 0; labels < MAX_LABELS; labels++) {
      const found = told(rest, domains.get(rest), atMs);
      if (found) return found;
      const dot = rest.indexOf('.');
      if (dot === -1) return undefined;
      rest = rest.slice(dot + 1);
    }
    return undefined;
  }

  function ofHashes(lower: string, atMs: number): Found | undefined {
    if (lower.length > MAX_HASH_TEXT) return undefined;
    for (const [hash] of lower.matchAll(HEX)) {
      const found = told(hash, exact.get(hash), atMs);
      if (found) return found;
    }
    return undefined;
  }

  function ofUrl(text: string, atMs: number): Found | undefined {
    const url = urlOf(text);
    if (url === undefined) return undefined;
    const found = told(url, exact.get(url), atMs);
    return found ?? ofHost(new URL(url).hostname.replace(/^\[|\]$/g, ''), atMs);
  }

  const ofHost = (host: string, atMs: number): Found | undefined =>
    isIPv4(host) || isIPv6(host.split('%')[0]!)
      ? ofAddress(addressOf(host), atMs)
      : domains.size > 0
        ? ofDomain(host, atMs)
        : undefined;

  return {
    size,
    find(value, atMs) {
      if (size === 0 || value === '') return undefined;
      const lower = value.toLowerCase();
      const account = accounts.size > 0 ? ofAccount(lower, atMs) : undefined;
      if (account) return account;
      if (lower.includes('://')) return ofUrl(value, atMs);
      return ofHost(lower, atMs) ?? ofHashes(lower, atMs);
    },
  };

  function ofAccount(lower: string, atMs: number): Found | undefined {
    const found = told(lower, accounts.get(lower), atMs);
    if (found) return found;
    const bare = bareName(lower);
    return told(bare, accounts.get(bare), atMs);
  }
}

/** An address as text of 32 or 128 ones and zeros, so that a network is a beginning of it. */
function bitsOf(address: string, family: 4 | 6): string {
  if (family === 4)
    return address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  const [head = '', tail] = addressOf(address.toLowerCase()).split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [left, right] = [groups(head), groups(tail ?? '')];
  const middle = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...Array<string>(middle).fill('0'), ...right]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}
