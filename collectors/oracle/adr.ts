/**
 * Messages of Oracle's diagnostic repository: `log.xml` (`<msg time='…' level='…'><txt>…</txt></msg>`), and the text files
 * beside it, where a line with the time stands before the message ("Database Administrator's Guide", "Monitoring Errors and Alerts").
 */
import { isoTime, type TimeContext } from '../syslog/time.ts';
import { unescapeXml } from './xml.ts';

export interface AdrMessage {
  ms?: number;
  assumed: readonly string[];
  text: string;
  /** Attributes of an XML message: `type`, `level`, `host_id`, `host_addr`, `pid`, `module`, `msg_id`. */
  attributes: Readonly<Record<string, string>>;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const monthOf = (name: string) =>
  String(MONTHS.findIndex((month) => month.toLowerCase() === name.toLowerCase()) + 1).padStart(2, '0');
/** `2026-11-21T19:58:20.687000+00:00`, alone on its line. */
const ISO_LINE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{1,9}(?:Z|[+-]\d{2}:\d{2})$/;
/** `Sat Nov 21 19:58:20 2026`, before version 12.2. */
const OLD_LINE = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}:\d{2}:\d{2}) (\d{4})$/;
export const beginsAdr = (line: string): boolean =>
  line.startsWith('<msg ') || ISO_LINE.test(line) || OLD_LINE.test(line);

/** `21-NOV-2026 19:58:20` of the listener. */
export const listenerTime = (text: string, context: TimeContext) => {
  const [, day, month, year, clock] = /^(\d{2})-([A-Z]{3})-(\d{4}) (\d{2}:\d{2}:\d{2})/i.exec(text) ?? [];
  return day === undefined ? undefined : isoTime(`${year}-${monthOf(month!)}-${day} ${clock}`, context);
};

function xmlMessage(record: string, context: TimeContext): AdrMessage | string {
  const end = record.indexOf('>');
  const from = record.indexOf('<txt>');
  const to = record.indexOf('</txt>', from);
  if (from < 0 || to < 0) return '<msg> without <txt>…</txt>: the record is cut off';
  const attributes: Record<string, string> = {};
  for (const [, name, value] of record.slice(0, Math.min(end, 4_096)).matchAll(/([a-z_]{2,20})='([^']*)'/g))
    attributes[name!] = unescapeXml(value!);
  const time = isoTime(attributes['time'] ?? '', context);
  if (time === undefined) return '<msg> has no time';
  return {
    ms: time.ms,
    assumed: time.assumed,
    text: unescapeXml(record.slice(from + 5, to)).trim(),
    attributes,
  };
}

/** The message of a record that begins with its time, or a sentence that says what is wrong. */
export function adrMessage(record: string, context: TimeContext): AdrMessage | string {
  if (record.startsWith('<msg ')) return xmlMessage(record, context);
  const [first = '', ...rest] = record.split('\n');
  const [, month, day, clock, year] = OLD_LINE.exec(first.trim()) ?? [];
  const written =
    month === undefined ? first.trim() : `${year}-${monthOf(month)}-${day!.replace(' ', '0')} ${clock}`;
  const time = isoTime(written, context);
  if (time === undefined) return 'record does not begin with a time such as 2026-11-21T19:58:20.687000+00:00';
  return { ms: time.ms, assumed: time.assumed, text: rest.join('\n').trim(), attributes: {} };
}
