/** The `winlog` object of an ECS event, in the shape that Winlogbeat writes. */

import { keywordNames, opcodeName } from './shared-names.ts';
import { attributeOf, elementsOf, textOf, wholeNumber, type XmlElement } from './xml.ts';

/** Text fields by name; a list where the record has the name more than once. */
export type WinlogData = Record<string, string | string[]>;

/**
 * A field that the record lacks is absent. Publishers keep their own names of tasks and opcodes in DLLs; such a
 * name is missing here and only the numbers and bits that all of Windows shares are named.
 *
 * Unlike Winlogbeat, empty event data is kept (rules may ask for an empty field), line endings stay as recorded,
 * and a name that comes twice keeps both values.
 */
export interface Winlog {
  provider_name?: string;
  provider_guid?: string;
  event_id?: string;
  version?: number;
  task?: string;
  opcode?: string;
  keywords?: string[];
  time_created?: string;
  record_id?: string;
  activity_id?: string;
  related_activity_id?: string;
  process?: { pid?: number; thread?: { id: number } };
  processor_id?: number;
  session_id?: number;
  kernel_time?: number;
  user_time?: number;
  processor_time?: number;
  channel?: string;
  computer_name?: string;
  user?: { identifier: string };
  event_data?: WinlogData;
  user_data?: WinlogData;
}

/** Builds the `winlog` object of an event. */
export function winlogFields(event: XmlElement): Winlog {
  const winlog: Winlog = {};
  for (const section of elementsOf(event)) {
    if (section.name === 'System') addSystem(winlog, section);
    else if (section.name === 'EventData') addEventData(winlog, section);
    else if (section.name === 'UserData') addUserData(winlog, section);
    else if (section.name === 'RenderingInfo') addRendered(winlog, section);
  }
  return winlog;
}

/** How each child of `System` is written; a child that is not here has no field in Winlogbeat. */
const readers: Readonly<Record<string, (winlog: Winlog, child: XmlElement) => void>> = {
  Provider(winlog, child) {
    set(winlog, 'provider_name', text(child, 'Name') ?? text(child, 'EventSourceName'));
    set(winlog, 'provider_guid', text(child, 'Guid'));
  },
  EventID: (winlog, child) => set(winlog, 'event_id', String(textOf(child))),
  Version: (winlog, child) => set(winlog, 'version', wholeNumber(textOf(child))),
  Task(winlog, child) {
    if (wholeNumber(textOf(child)) === 0) winlog.task = 'None';
  },
  Opcode: (winlog, child) => set(winlog, 'opcode', opcodeName(textOf(child))),
  Keywords: (winlog, child) => set(winlog, 'keywords', keywordNames(textOf(child))),
  TimeCreated: (winlog, child) => set(winlog, 'time_created', text(child, 'SystemTime')),
  EventRecordID: (winlog, child) => set(winlog, 'record_id', String(textOf(child))),
  Correlation(winlog, child) {
    set(winlog, 'activity_id', text(child, 'ActivityID'));
    set(winlog, 'related_activity_id', text(child, 'RelatedActivityID'));
  },
  Execution(winlog, child) {
    const pid = wholeNumber(attributeOf(child, 'ProcessID'));
    const id = wholeNumber(attributeOf(child, 'ThreadID'));
    const process = {
      ...(pid === undefined ? {} : { pid }),
      ...(id === undefined ? {} : { thread: { id } }),
    };
    if (pid !== undefined || id !== undefined) winlog.process = process;
    set(winlog, 'processor_id', wholeNumber(attributeOf(child, 'ProcessorID')));
    set(winlog, 'session_id', wholeNumber(attributeOf(child, 'SessionID')));
    set(winlog, 'kernel_time', wholeNumber(attributeOf(child, 'KernelTime')));
    set(winlog, 'user_time', wholeNumber(attributeOf(child, 'UserTime')));
    set(winlog, 'processor_time', wholeNumber(attributeOf(child, 'ProcessorTime')));
  },
  Channel: (winlog, child) => set(winlog, 'channel', String(textOf(child))),
  Computer: (winlog, child) => set(winlog, 'computer_name', String(textOf(child))),
  Security(winlog, child) {
    const identifier = text(child, 'UserID');
    if (identifier) winlog.user = { identifier };
  },
};

function addSystem(winlog: Winlog, system: XmlElement): void {
  for (const child of elementsOf(system)) {
    if (Object.hasOwn(readers, child.name)) readers[child.name]!(winlog, child);
  }
}

/** A forwarded record brings the publisher's own names along; they win over those all of Windows shares. */
function addRendered(winlog: Winlog, section: XmlElement): void {
  for (const child of elementsOf(section)) {
    const value = String(textOf(child));
    if (child.name === 'Task') set(winlog, 'task', value);
    else if (child.name === 'Opcode') set(winlog, 'opcode', value);
    else if (child.name === 'Keywords' && child.children.length > 0) {
      winlog.keywords = elementsOf(child).map((keyword) => String(textOf(keyword)));
    }
  }
}

/** Event data without a name is `param1`, `param2` … by its place, as Winlogbeat numbers it. */
function addEventData(winlog: Winlog, section: XmlElement): void {
  const data: WinlogData = Object.create(null);
  elementsOf(section).forEach((child, index) => {
    const name = child.name === 'Data' ? text(child, 'Name') : child.name;
    if (elementsOf(child).length > 0) addLeaves(data, child);
    else add(data, name || `param${index + 1}`, child);
  });
  if (Object.keys(data).length > 0) winlog.event_data = data;
}

/** User data has one element of the publisher's own; its name is kept as `xml_name`. */
function addUserData(winlog: Winlog, section: XmlElement): void {
  const data: WinlogData = Object.create(null);
  for (const own of elementsOf(section)) {
    if (data['xml_name'] === undefined) data['xml_name'] = own.name;
    addLeaves(data, own);
  }
  if (Object.keys(data).length > 0) winlog.user_data = data;
}

function addLeaves(data: WinlogData, element: XmlElement): void {
  for (const child of elementsOf(element)) {
    if (elementsOf(child).length > 0) addLeaves(data, child);
    else add(data, text(child, 'Name') || child.name, child);
  }
}

function add(data: WinlogData, name: string, element: XmlElement): void {
  const value = String(textOf(element));
  const known = data[name];
  if (known === undefined) data[name] = value;
  else if (Array.isArray(known)) known.push(value);
  else data[name] = [known, value];
}

function text(element: XmlElement, name: string): string | undefined {
  const value = attributeOf(element, name);
  return value === undefined ? undefined : String(value);
}

function set<Key extends keyof Winlog>(winlog: Winlog, key: Key, value: Winlog[Key] | undefined): void {
  if (value !== undefined && value !== '') winlog[key] = value;
}
