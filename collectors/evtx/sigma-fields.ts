/** The field names that Sigma's Windows rules use, with values as Event Viewer's XML shows them. */
import { attributeOf, elementsOf, textOf, type Value, wholeNumber, type XmlElement } from './xml.ts';

/** One value, or several under one name. */
export type FieldValue = Value | Value[];

/** Fields by Sigma name; without a prototype, since names come from outside. */
export type SigmaFields = Record<string, FieldValue>;

/** System fields that are numbers, also in records that hold them as text. */
const numbers = /^(EventID|EventID_Qualifiers|Version|Level|Task|Opcode|EventRecordID|Execution_\w+)$/;

/** Where event data has a field of this name too, rules mean the data. No other system field can be replaced. */
const replaceable = new Set(['Version', 'Level', 'Task', 'Opcode', 'Keywords']);

/**
 * Flattens by Sigma's rules: system children by name, their attributes as `Provider_Name`; event data by the
 * `Name` attribute without blanks; unnamed event data as `Data`; user data by element name.
 */
export function sigmaFields(event: XmlElement): SigmaFields {
  const system: SigmaFields = Object.create(null);
  const data: SigmaFields = Object.create(null);
  for (const section of elementsOf(event)) {
    if (section.name === 'System') addSystem(system, section);
    else if (section.name === 'EventData') addEventData(data, section);
    // What Windows rendered for people is no data; any other section is the publisher's own.
    else if (section.name !== 'RenderingInfo') addLeaves(data, section);
  }
  for (const name in data) {
    if (system[name] === undefined || replaceable.has(name)) system[name] = data[name]!;
  }
  return system;
}

function addSystem(fields: SigmaFields, system: XmlElement): void {
  for (const child of elementsOf(system)) {
    for (const [name, value] of child.attributes) addTyped(fields, `${child.name}_${name}`, value);
    if (child.children.length > 0) addTyped(fields, child.name, textOf(child));
  }
}

function addTyped(fields: SigmaFields, name: string, value: Value): void {
  add(fields, name, (numbers.test(name) ? wholeNumber(value) : undefined) ?? value);
}

function addEventData(fields: SigmaFields, section: XmlElement): void {
  for (const [name, value] of section.attributes) {
    if (name !== 'xmlns') add(fields, `EventData_${name}`, value);
  }
  for (const child of elementsOf(section)) {
    if (child.name === 'Data') add(fields, dataName(child) ?? 'Data', textOf(child));
    else if (hasElements(child)) addLeaves(fields, child);
    else add(fields, child.name, textOf(child));
  }
}

/** Elements of user data that hold text and no elements; their attributes are namespaces. */
function addLeaves(fields: SigmaFields, section: XmlElement): void {
  for (const child of elementsOf(section)) {
    if (hasElements(child)) addLeaves(fields, child);
    else add(fields, dataName(child) ?? child.name, textOf(child));
  }
}

function hasElements(element: XmlElement): boolean {
  return element.children.some((child) => typeof child === 'object');
}

function dataName(element: XmlElement): string | undefined {
  const name = attributeOf(element, 'Name');
  return name === undefined ? undefined : String(name).replaceAll(' ', '') || undefined;
}

function add(fields: SigmaFields, name: string, value: Value): void {
  const known = fields[name];
  if (known === undefined) fields[name] = value;
  else if (Array.isArray(known)) known.push(value);
  else fields[name] = [known, value];
}
