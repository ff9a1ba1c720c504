/** The pure part of `vigia match`: runs an engine over records and names each match by input, record and rule. */
import type { Engine } from './engine/match.ts';

/** One line of output (design section 12); `record` counts from 1 in its input. */
export interface MatchLine {
  input: string;
  record: number;
  rule: string;
  title: string;
  level: string;
}

/** A record that could not be read is passed on as the reason. */
export type InputRecord = { record: object } | { unreadable: string };

export interface MatchTotals {
  events: number;
  matches: number;
  /** Records that could not be read, with their number and the reason. */
  unreadable: { input: string; record: number; reason: string }[];
}

/** Calls `write` for each match, in the order of the input. */
export async function matchRecords(
  engine: Engine,
  input: string,
  records: Iterable<InputRecord> | AsyncIterable<InputRecord>,
  write: (line: MatchLine) => void,
  options: { routing?: boolean } = {},
): Promise<MatchTotals> {
  const totals: MatchTotals = { events: 0, matches: 0, unreadable: [] };
  let number = 0;
  for await (const item of records) {
    number++;
    if ('unreadable' in item) {
      totals.unreadable.push({ input, record: number, reason: item.unreadable });
      continue;
    }
    totals.events++;
    for (const { rule } of engine.match(item.record, options)) {
      totals.matches++;
      write({ input, record: number, rule: rule.id, title: rule.title, level: rule.level });
    }
  }
  return totals;
}

/** Reads JSON Lines: each line one record; blank lines are no records, but anything else that is no object is named. */
export async function* jsonLines(
  lines: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<InputRecord> {
  for await (const line of lines) {
    const text = line.charCodeAt(0) === 0xfeff ? line.slice(1) : line;
    if (text.trim() === '') continue;
    yield parseRecord(text);
  }
}

function parseRecord(text: string): InputRecord {
  try {
    const record: unknown = JSON.parse(text);
    if (typeof record === 'object' && record !== null && !Array.isArray(record)) return { record };
    return { unreadable: 'not a JSON object' };
  } catch (cause) {
    return {
      unreadable: `not valid JSON: ${cause instanceof Error ? cause.message.slice(0, 200) : String(cause)}`,
    };
  }
}
