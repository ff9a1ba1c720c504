/**
 * Windows events that something else forwards: JSON lines of Winlogbeat or NXLog, XML of Windows Event Forwarding. They become the
 * same events that `windows-evtx` makes of the log files. The formats are cited in `windows/`; XML is that of the Event schema
 * (Microsoft, "Windows Event Log: Event schema"). Samples follow these documents: not exercised against live shippers.
 */
import type { Draft } from '../core/event.ts';
import { collector, type NormaliseContext, type Normalised, reject } from './collector.ts';
import { jsonObject } from './ecs/json.ts';
import { flatten } from './evtx/flatten.ts';
import { utcTime } from './microsoft/time.ts';
import { channelName, ecsOf } from './windows/ecs.ts';
import { type WindowsEvent, windowsJson } from './windows/event-json.ts';
import { eventXml } from './windows/event-xml.ts';

const utf8 = new TextDecoder('utf-8');
const BEGINS = /^\s*(?:\{|(?:<\?xml[^>]{0,100}\?>\s*)?<Event[\s>])/;
const isWhole = (line: string): boolean =>
  /^\s*\{/.test(line) || /^\s*<Event[\s>].*<\/Event>\s*$/s.test(line);

function fromXml(text: string): WindowsEvent | string {
  const tree = eventXml(text);
  if (typeof tree === 'string') return tree;
  const { fields, winlog, level, message } = flatten(tree);
  const time = utcTime(winlog.time_created);
  const numbers = { level: fields['Level'], keywords_mask: fields['Keywords'], task_id: fields['Task'] };
  return {
    assumed: [],
    ...(time === undefined ? {} : { at: time }),
    ...(level === undefined ? {} : { level }),
    ...(message === undefined ? {} : { message }),
    winlog: { ...winlog, ...numbers },
  };
}

function toEvent({ at, assumed, winlog, level, message }: WindowsEvent): Draft {
  const ecs = ecsOf(winlog, channelName(winlog.channel));
  return {
    ...(at === undefined ? {} : { '@timestamp': at }),
    ...(message ? { message } : {}),
    ...(level ? { log: { level } } : {}),
    ...ecs,
    vigia: { ...ecs.vigia, ...(assumed.length > 0 ? { clock: assumed } : {}) },
    winlog,
  };
}

function normalise(raw: Uint8Array, context: NormaliseContext): Normalised {
  const record = utf8.decode(raw);
  if (/^\s*</.test(record)) {
    const event = fromXml(record.trim());
    return typeof event === 'string' ? reject(event) : { event: toEvent(event) };
  }
  const parsed = jsonObject(raw);
  if (typeof parsed === 'string') return reject(`${parsed}; XML begins with <Event>`);
  const event = windowsJson(parsed, context);
  return typeof event === 'string' ? reject(event) : { event: toEvent(event) };
}

const text = (line: Uint8Array) => utf8.decode(line);

export const windowsForwarded = collector({
  id: 'windows-forwarded',
  title: 'Forwarded Windows events',
  summary:
    'Windows events as JSON lines of Winlogbeat or NXLog, or as XML of Windows Event Forwarding (one event a line, or over several lines). ' +
    'Written after the documentation of each; not exercised against live shippers.',
  guarantee:
    'Files: nothing lost, nothing doubled; what a shipper sends twice is two events. Times of NXLog carry no zone unless it is told to: the ' +
    'source’s zone is assumed and flagged.',
  datasets: [
    'windows.security',
    'windows.system',
    'windows.application',
    'windows.sysmon',
    'windows.powershell',
    'windows.other',
  ],
  framing: {
    kind: 'lines',
    continues: (line: Uint8Array) => !BEGINS.test(text(line)),
    stands: (line: Uint8Array) => isWhole(text(line)),
  },
  normalise,
});
