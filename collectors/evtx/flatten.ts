/** A record's XML tree becomes flat fields: by the names of Sigma's Windows rules, and as Winlogbeat writes them. */

import { levelName } from './shared-names.ts';
import { type SigmaFields, sigmaFields } from './sigma-fields.ts';
import { type Winlog, winlogFields } from './winlog.ts';
import { elementsOf, textOf, type Value, type XmlElement } from './xml.ts';

export type { FieldValue, SigmaFields } from './sigma-fields.ts';
export type { Winlog, WinlogData } from './winlog.ts';

/** One record, flat. */
export interface FlatEvent {
  /** Sigma's names: `EventID`, `Provider_Name`, `Execution_ProcessID`, `CommandLine`, `Data`. */
  fields: SigmaFields;
  /** The `winlog` object of an ECS event. */
  winlog: Winlog;
  /** ECS `log.level`: critical, error, warning, information, verbose. */
  level?: string;
  /** The text that people read; only forwarded records bring it along. */
  message?: string;
}

/** Flattens an event: `flatten(item.event).fields['CommandLine']`. */
export function flatten(event: XmlElement): FlatEvent {
  const level = levelName(child(event, 'System', 'Level'));
  const message = child(event, 'RenderingInfo', 'Message');
  return {
    fields: sigmaFields(event),
    winlog: winlogFields(event),
    ...(level === undefined ? {} : { level }),
    ...(message === undefined ? {} : { message: String(message) }),
  };
}

function child(event: XmlElement, section: string, name: string): Value | undefined {
  const parent = elementsOf(event).find((element) => element.name === section);
  const found = parent && elementsOf(parent).find((element) => element.name === name);
  return found && textOf(found);
}
