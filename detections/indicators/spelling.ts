/** One spelling for every indicator: what people paste (defanged, upper case, trailing dots) and what events hold must meet. */
import { isIP, isIPv4 } from 'node:net';
import { domainToASCII } from 'node:url';
import { networkMistake } from '../../core/conditions/network.ts';
import type { IndicatorKind } from '../../core/documents.ts';

export interface Spelt {
  kind: IndicatorKind;
  value: string;
}

/** Longer texts are nothing that a field would hold. */
const MAX_LENGTH = 2_048;
const HASH = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})$/;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** `hxxp://evil[.]example` → `http://evil.example` */
const refanged = (text: string): string =>
  text
    .replace(/^hxxp/i, 'http')
    .replace(/\[\.\]|\(\.\)|\[dot\]/gi, '.')
    .replace(/\[:\]/g, ':');

/** Undefined when the text is none of the kinds (or not of the kind that it is said to be). */
export function spell(written: string, kind?: IndicatorKind): Spelt | undefined {
  const text = written.trim();
  if (text === '' || text.length > MAX_LENGTH) return undefined;
  if (kind === 'account') return { kind, value: text.toLowerCase() };
  const value = kindOf(refanged(text));
  return value !== undefined && (kind === undefined || kind === value.kind || isWider(kind, value.kind))
    ? value
    : undefined;
}

/** A list of addresses may hold networks, and the other way round. */
const isWider = (said: IndicatorKind, found: IndicatorKind): boolean =>
  (said === 'network' && found === 'ip') || (said === 'ip' && found === 'network');

function kindOf(text: string): Spelt | undefined {
  const lower = text.toLowerCase();
  if (HASH.test(lower)) return { kind: 'hash', value: lower };
  if (isIP(lower) !== 0) return { kind: 'ip', value: addressOf(lower) };
  if (/^[0-9a-f.:]+\/\d+$/.test(lower) && networkMistake(lower) === undefined)
    return { kind: 'network', value: lower };
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(lower)) {
    const url = urlOf(text);
    return url === undefined ? undefined : { kind: 'url', value: url };
  }
  const domain = domainOf(lower);
  return domain === undefined ? undefined : { kind: 'domain', value: domain };
}

/** An address in the shortest of its spellings; IPv4 written as `::ffff:…` counts as IPv4. */
export function addressOf(lower: string): string {
  const bare = lower.split('%')[0]!;
  if (isIPv4(bare)) return bare;
  const mapped = /^(?:0*:)*:?ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  // The platform writes the one spelling of RFC 5952.
  return URL.canParse(`http://[${bare}]`) ? new URL(`http://[${bare}]`).hostname.slice(1, -1) : bare;
}

/** Scheme and host in lower case, no fragment; undefined when it is no address. */
export function urlOf(text: string): string | undefined {
  if (text.length > MAX_LENGTH || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.hash = '';
  return url.hostname === '' ? undefined : url.href;
}

/** At least two labels: a single word would be found everywhere. `*.evil.example` is `evil.example`. */
export function domainOf(lower: string): string | undefined {
  const ascii = domainToASCII(lower.replace(/^\*\./, '').replace(/\.$/, ''));
  const labels = ascii.split('.');
  if (ascii === '' || ascii.length > 253 || labels.length < 2 || isIP(ascii) !== 0) return undefined;
  return labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(labels.at(-1)!) ? ascii : undefined;
}
