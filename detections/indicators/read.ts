/** Reads indicators as others share them: CSV or plain lines, STIX 2.1 bundles, MISP events. What cannot be used is named, never dropped. */
import type { Indicator } from '../../core/documents.ts';
import { errors } from '../../core/errors.ts';
import { isMap } from '../engine/reading.ts';
import { readMisp } from './misp.ts';
import { readStix } from './stix.ts';
import { readText } from './text.ts';

export type ReadIndicator = Omit<Indicator, 'list' | 'added'>;

export interface ReadIndicators {
  indicators: ReadIndicator[];
  /** What is no indicator that an event could name: where and why. */
  refused: { what: string; why: string }[];
  /** Left out because the file itself says so: revoked, not for detection. */
  skipped: number;
}

export interface ReadOptions {
  /** Who shared it, where the file does not say. */
  source: string;
  /** Of indicators that name no end. */
  expires?: string;
  /** Of indicators that name no sharing label. */
  tlp?: string;
}

/** Throws a usage error when the whole is unreadable. */
export function readIndicators(content: string, options: ReadOptions): ReadIndicators {
  if (!/^\s*[[{]/.test(content)) return readText(content, options);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw errors.usage(`the file begins like JSON and is none: ${(cause as Error).message}`);
  }
  if (isMap(value) && value['type'] === 'bundle') return readStix(value, options);
  if (isMap(value) && ('Event' in value || 'response' in value)) return readMisp(value, options);
  if (Array.isArray(value) && value.every((one) => isMap(one) && 'Event' in one))
    return readMisp({ response: value }, options);
  throw errors.usage(
    'the JSON is neither a STIX bundle nor a MISP event',
    'a bundle has "type": "bundle", an event has "Event"',
  );
}
