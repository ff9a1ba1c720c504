/** Indicators of MISP events: attributes meant for detection (`to_ids`), alone or in objects. Other types are refused by name. */
import type { IndicatorKind } from '../../core/documents.ts';
import { isMap } from '../engine/reading.ts';
import type { ReadIndicators, ReadOptions } from './read.ts';
import { spell } from './spelling.ts';
import { tlpOf } from './tlp.ts';

const TYPES: Readonly<Record<string, IndicatorKind>> = {
  'ip-src': 'ip',
  'ip-dst': 'ip',
  domain: 'domain',
  hostname: 'domain',
  url: 'url',
  md5: 'hash',
  sha1: 'hash',
  sha256: 'hash',
  sha384: 'hash',
  sha512: 'hash',
  'target-user': 'account',
};

const listOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isMap) : [];
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export function readMisp(content: Record<string, unknown>, options: ReadOptions): ReadIndicators {
  const read: ReadIndicators = { indicators: [], refused: [], skipped: 0 };
  const wrapped = 'response' in content ? listOf(content['response']) : [content];
  for (const { Event: event } of wrapped) if (isMap(event)) readEvent(event, options, read);
  return read;
}

function readEvent(event: Record<string, unknown>, options: ReadOptions, read: ReadIndicators): void {
  const organisation = isMap(event['Orgc']) ? textOf(event['Orgc']['name']) : '';
  const label = labelOf(event) ?? options.tlp;
  const note = textOf(event['info']);
  const attributes = [
    ...listOf(event['Attribute']),
    ...listOf(event['Object']).flatMap((object) => listOf(object['Attribute'])),
  ];
  for (const attribute of attributes) {
    if (attribute['to_ids'] !== true || attribute['deleted'] === true) {
      read.skipped++;
      continue;
    }
    const type = textOf(attribute['type']);
    const what = `attribute ${textOf(attribute['uuid']) || textOf(attribute['id'])} (${type})`;
    const parts = partsOf(type, textOf(attribute['value']));
    if (parts.length === 0) {
      read.refused.push({ what, why: 'attributes of this type are not compared with events' });
      continue;
    }
    const tlp = labelOf(attribute) ?? label;
    for (const { kind, value } of parts) {
      const spelt = spell(value, kind);
      if (spelt)
        read.indicators.push({
          ...spelt,
          source: organisation || options.source,
          ...(options.expires ? { expires: options.expires } : {}),
          ...(tlp ? { tlp } : {}),
          ...(note ? { note } : {}),
        });
      else read.refused.push({ what, why: `${JSON.stringify(value.slice(0, 100))} is no ${kind}` });
    }
  }
}

/** `ip-dst|port`, `domain|ip` and `filename|sha256` hold two values; those that are indicators by themselves count. */
function partsOf(type: string, value: string): { kind: IndicatorKind; value: string }[] {
  const single = (name: string): IndicatorKind | undefined =>
    name === 'ip' ? 'ip' : Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  const [types, values] = [type.split('|'), value.split('|')];
  return types.flatMap((name, index) => {
    const kind = single(name);
    return kind === undefined ? [] : [{ kind, value: values[index] ?? '' }];
  });
}

const labelOf = (holder: Record<string, unknown>): string | undefined =>
  listOf(holder['Tag'])
    .map((tag) => textOf(tag['name']))
    .filter((name) => /^tlp:/i.test(name))
    .map(tlpOf)
    .find((label) => label !== undefined);
