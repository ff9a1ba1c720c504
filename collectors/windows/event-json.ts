/**
 * Windows events as shippers write them in JSON. Sources of the formats: Winlogbeat reference, "Winlogbeat fields"; NXLog User
 * Guide, im_msvistalog fields written by to_json().
 */
import type { Winlog } from '../../core/event.ts';
import { isoOf } from '../../core/iso-time.ts';
import { at, isObject, type Json, text, texts } from '../ecs/json.ts';
import { utcTime } from '../microsoft/time.ts';
import { isoTime, type TimeContext } from '../syslog/time.ts';

export interface WindowsEvent {
  at?: string;
  assumed: string[];
  winlog: Winlog;
  level?: string;
  message?: string;
}

/** Values of event data are texts, or lists of texts, whatever a shipper made of them. */
function dataOf(value: unknown): Record<string, string | string[]> {
  const data: Record<string, string | string[]> = {};
  for (const [name, inner] of Object.entries(isObject(value) ? value : {})) {
    if (name === '__proto__') continue;
    if (Array.isArray(inner)) data[name] = [...texts(inner)];
    else if (inner !== null && inner !== undefined)
      data[name] = isObject(inner) ? JSON.stringify(inner) : String(inner);
  }
  return data;
}

/** Winlogbeat's own shape: `winlog` is kept as it is. */
function fromWinlogbeat(record: Json, winlog: Json): WindowsEvent {
  const { event_data: data, user_data: user, ...rest } = winlog;
  const time = utcTime(text(record, '@timestamp')) ?? utcTime(text(winlog, 'time_created'));
  const id = text(winlog, 'event_id') ?? text(record, 'event', 'code');
  const message = text(record, 'message');
  const level = text(record, 'log', 'level');
  return {
    assumed: [],
    ...(time === undefined ? {} : { at: time }),
    ...(message === undefined ? {} : { message }),
    ...(level === undefined ? {} : { level }),
    winlog: {
      ...rest,
      ...(id === undefined ? {} : { event_id: id }),
      ...(text(winlog, 'record_id') === undefined ? {} : { record_id: text(winlog, 'record_id')! }),
      ...(isObject(data) ? { event_data: dataOf(data) } : {}),
      ...(isObject(user) ? { user_data: dataOf(user) } : {}),
    },
  };
}

/** Names under which NXLog writes system data, and where it belongs. */
const SYSTEM: Readonly<Record<string, string>> = {
  ...{ SourceName: 'provider_name', ProviderGuid: 'provider_guid', EventID: 'event_id', Channel: 'channel' },
  ...{
    Hostname: 'computer_name',
    RecordNumber: 'record_id',
    Category: 'task',
    Opcode: 'opcode',
    ActivityID: 'activity_id',
  },
};
/** NXLog's own, and what stands elsewhere in the event. */
const OTHERS = new Set([
  ...[
    'EventTime',
    'EventReceivedTime',
    'SourceModuleName',
    'SourceModuleType',
    'Message',
    'EventType',
    'Severity',
  ],
  ...['SeverityValue', 'Keywords', 'Version', 'Task', 'TaskValue', 'OpcodeValue', 'ProcessID', 'ThreadID'],
  ...['ExecutionProcessID', 'ExecutionThreadID', 'AccountType', 'Domain', 'AccountName', 'UserID'],
]);
const AUDITED: Readonly<Record<string, string>> = {
  AUDIT_SUCCESS: 'Audit Success',
  AUDIT_FAILURE: 'Audit Failure',
};

function fromNxlog(record: Json, context: TimeContext): WindowsEvent {
  const time = isoTime(text(record, 'EventTime') ?? '', context);
  const system = Object.entries(SYSTEM)
    .map(([theirs, ours]): [string, string | undefined] => [ours, text(record, theirs)])
    .filter(([, value]) => value !== undefined);
  const data = Object.entries(record).filter(([name]) => !OTHERS.has(name) && !Object.hasOwn(SYSTEM, name));
  const audited = AUDITED[text(record, 'EventType') ?? ''];
  const pid = Number(text(record, 'ExecutionProcessID') ?? text(record, 'ProcessID'));
  const message = text(record, 'Message');
  const level = text(record, 'Severity')?.toLowerCase();
  const user = text(record, 'UserID');
  return {
    assumed: time?.assumed ?? [],
    ...(time === undefined ? {} : { at: isoOf(time.ms) }),
    ...(message === undefined ? {} : { message }),
    ...(level === undefined ? {} : { level }),
    winlog: {
      ...Object.fromEntries(system),
      ...(audited === undefined ? {} : { keywords: [audited] }),
      ...(Number.isInteger(pid) ? { process: { pid } } : {}),
      ...(user === undefined ? {} : { user: { identifier: user } }),
      ...(data.length === 0 ? {} : { event_data: dataOf(Object.fromEntries(data)) }),
    },
  };
}

/** The event, or a sentence that says why the record is none. */
export function windowsJson(record: Json, context: TimeContext): WindowsEvent | string {
  const winlog = at(record, 'winlog');
  if (isObject(winlog)) return fromWinlogbeat(record, winlog);
  if (text(record, 'EventID') !== undefined && text(record, 'SourceName') !== undefined)
    return fromNxlog(record, context);
  return 'JSON, but neither of Winlogbeat (winlog) nor of NXLog (EventID and SourceName)';
}
