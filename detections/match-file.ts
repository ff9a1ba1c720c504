/** The pure part of `vigia match`: runs an engine over records and names each match by input, record and rule. */
import { jsonLine } from '../core/visible.ts';
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

/** What a piece of an input gives; records are numbered from 1 within the piece, rules by their place in the engine. */
export interface Piece {
  records: number;
  events: number;
  /** Record and rule by turns: numbers only, so that a worker thread hands over little. */
  found: number[];
  unreadable: { record: number; reason: string }[];
}

export interface MatchOptions {
  routing?: boolean;
}

const NEW_LINE = 10;

/** Whole lines of JSON, as bytes: each line one record; blank lines are no records, anything else that is no object is named. */
export function matchLines(engine: Engine, bytes: Buffer, options: MatchOptions = {}): Piece {
  const piece = newPiece();
  for (let start = 0; start < bytes.length; ) {
    const next = bytes.indexOf(NEW_LINE, start);
    const end = next === -1 ? bytes.length : next;
    if (end > start) {
      const json = bytes.toString('utf8', start, end);
      const item = readLine(json);
      if (item !== undefined) addRecord(piece, engine, item, { ...options, json });
    }
    start = end + 1;
  }
  return piece;
}

/** Records from any other reader. */
export function matchItems(engine: Engine, items: Iterable<InputRecord>, options: MatchOptions = {}): Piece {
  const piece = newPiece();
  for (const item of items) addRecord(piece, engine, item, options);
  return piece;
}

const newPiece = (): Piece => ({ records: 0, events: 0, found: [], unreadable: [] });

function addRecord(
  piece: Piece,
  engine: Engine,
  item: InputRecord,
  options: MatchOptions & { json?: string },
): void {
  const record = ++piece.records;
  if ('unreadable' in item) {
    piece.unreadable.push({ record, reason: item.unreadable });
    return;
  }
  piece.events++;
  const rules = engine.numbers(item.record, options);
  for (let index = 0; index < rules.length; index++) piece.found.push(record, rules[index]!);
}

/** `lineOf(record, rule)` as JSON; what does not change from match to match is written once. */
export function lineWriter(engine: Engine, input: string): (record: number, rule: number) => string {
  const start = `{"input":${jsonLine(input)},"record":`;
  const ends: string[] = [];
  return (record, rule) => {
    const { id, title, level } = engine.rules[rule]!;
    ends[rule] ??= `,${jsonLine({ rule: id, title, level }).slice(1)}`;
    return `${start}${record}${ends[rule]}`;
  };
}

/** Calls `write` for each match, in the order of the input. */
export async function matchRecords(
  engine: Engine,
  input: string,
  records: Iterable<InputRecord> | AsyncIterable<InputRecord>,
  write: (line: MatchLine) => void,
  options: MatchOptions = {},
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
    const item = readLine(line);
    if (item !== undefined) yield item;
  }
}

/** Undefined for a blank line. A byte order mark before the record is fine. */
export function readLine(line: string): InputRecord | undefined {
  try {
    const record: unknown = JSON.parse(line);
    if (typeof record === 'object' && record !== null && !Array.isArray(record)) return { record };
    return { unreadable: 'not a JSON object' };
  } catch (cause) {
    if (line.trim() === '') return undefined; // a byte order mark alone is blank, too
    if (line.charCodeAt(0) === 0xfeff) return readLine(line.slice(1));
    return {
      unreadable: `not valid JSON: ${cause instanceof Error ? cause.message.slice(0, 200) : String(cause)}`,
    };
  }
}
