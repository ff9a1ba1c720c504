/** Indicators of a STIX 2.1 bundle: patterns that compare a property with a value, alone or joined by OR. Others are refused by name. */
import { isMap } from '../engine/reading.ts';
import type { ReadIndicators, ReadOptions } from './read.ts';
import { type Spelt, spell } from './spelling.ts';
import { comparisonsOf } from './stix-pattern.ts';
import { tlpOf } from './tlp.ts';

/** The marking definitions that STIX itself gives for TLP 1 and the OASIS extension for TLP 2. */
const MARKINGS: Readonly<Record<string, string>> = {
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'TLP:CLEAR',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'TLP:GREEN',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'TLP:AMBER',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'TLP:RED',
  'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487': 'TLP:CLEAR',
  'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb': 'TLP:GREEN',
  'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421': 'TLP:AMBER',
  'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003': 'TLP:AMBER+STRICT',
  'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1': 'TLP:RED',
};

const textOf = (object: Record<string, unknown>, key: string): string | undefined =>
  typeof object[key] === 'string' && object[key] !== '' ? (object[key] as string) : undefined;
const timeOf = (text: string | undefined): string | undefined =>
  text === undefined || Number.isNaN(Date.parse(text)) ? undefined : new Date(text).toISOString();

export function readStix(bundle: Record<string, unknown>, options: ReadOptions): ReadIndicators {
  const read: ReadIndicators = { indicators: [], refused: [], skipped: 0 };
  const objects = Array.isArray(bundle['objects']) ? bundle['objects'].filter(isMap) : [];
  const names = new Map(
    objects.flatMap((one) => (one['type'] === 'identity' ? [[one['id'], textOf(one, 'name')]] : [])),
  );
  const labels = new Map<unknown, string | undefined>(Object.entries(MARKINGS));
  for (const one of objects) {
    if (one['type'] !== 'marking-definition') continue;
    const definition = isMap(one['definition']) ? textOf(one['definition'], 'tlp') : undefined;
    const label = tlpOf(definition ?? textOf(one, 'name') ?? '');
    if (label) labels.set(one['id'], label);
  }
  for (const one of objects) {
    if (one['type'] !== 'indicator') continue;
    const what = textOf(one, 'id') ?? 'an indicator without id';
    if (one['revoked'] === true) {
      read.skipped++;
      continue;
    }
    const found = valuesOf(one);
    if (typeof found === 'string') {
      read.refused.push({ what, why: found });
      continue;
    }
    const markings = Array.isArray(one['object_marking_refs']) ? one['object_marking_refs'] : [];
    const tlp = markings.map((marking) => labels.get(marking)).find(Boolean) ?? options.tlp;
    const expires = timeOf(textOf(one, 'valid_until')) ?? options.expires;
    const note = textOf(one, 'name');
    for (const spelt of found)
      read.indicators.push({
        ...spelt,
        source: names.get(one['created_by_ref']) ?? options.source,
        ...(expires ? { expires } : {}),
        ...(tlp ? { tlp } : {}),
        ...(note ? { note } : {}),
      });
  }
  return read;
}

/** What events may hold; or why the pattern cannot be used. */
function valuesOf(indicator: Record<string, unknown>): Spelt[] | string {
  const language = textOf(indicator, 'pattern_type') ?? 'stix';
  if (language !== 'stix') return `patterns in the language ${JSON.stringify(language)} are not read`;
  const pattern = textOf(indicator, 'pattern');
  if (pattern === undefined) return 'it has no pattern';
  const comparisons = comparisonsOf(pattern);
  if (typeof comparisons === 'string') return comparisons;
  const spelt: Spelt[] = [];
  for (const { path, value } of comparisons) {
    const one = speltOf(path, value);
    if (typeof one === 'string') return one;
    spelt.push(one);
  }
  return spelt;
}

function speltOf(path: string, value: string): Spelt | string {
  const kind = kindOf(path);
  if (kind === undefined) return `the property ${path} is not compared with events`;
  return spell(value, kind) ?? `${JSON.stringify(value.slice(0, 100))} is no ${kind}`;
}

function kindOf(path: string) {
  if (path === 'ipv4-addr:value' || path === 'ipv6-addr:value') return 'ip';
  if (path === 'domain-name:value') return 'domain';
  if (path === 'url:value') return 'url';
  if (/^file:hashes\.'?(md5|sha-?1|sha-?256|sha-?512)'?$/i.test(path)) return 'hash';
  if (path === 'user-account:user_id' || path === 'user-account:account_login') return 'account';
  return undefined;
}
