/** The tree that a record becomes, and its text as Event Viewer's XML view would show it. */

/** Text as Event Viewer shows it; numbers stay numbers where they are exact. */
export type Value = string | number;

/** One element. Adjacent values among the children are one text. */
export interface XmlElement {
  name: string;
  attributes: [string, Value][];
  children: (XmlElement | Value)[];
}

/** The element's own text: its values joined, child elements left out. A single value keeps its type. */
export function textOf(element: XmlElement): Value {
  const { children } = element;
  if (children.length === 0) return '';
  if (children.length === 1) {
    const only = children[0]!;
    return typeof only === 'object' ? '' : only;
  }
  let text = '';
  for (const child of children) if (typeof child !== 'object') text += child;
  return text;
}

/** A count or id as a number: records that were rendered before they were forwarded hold such values as text. */
export function wholeNumber(value: Value | undefined): number | undefined {
  if (typeof value === 'string') return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** The value of an attribute. */
export function attributeOf(element: XmlElement, name: string): Value | undefined {
  return element.attributes.find(([key]) => key === name)?.[1];
}

/** The child elements, values left out. */
export function elementsOf(element: XmlElement): XmlElement[] {
  return element.children.filter((child) => typeof child === 'object');
}

/** XML text on one line. Characters that XML cannot hold become U+FFFD; names that XML cannot hold too. */
export function toXml(element: XmlElement): string {
  const name = safeName(element.name);
  let text = `<${name}`;
  for (const [key, value] of element.attributes) text += ` ${safeName(key)}="${escapeXml(String(value))}"`;
  if (element.children.length === 0) return `${text}/>`;
  text += '>';
  for (const child of element.children) {
    text += typeof child === 'object' ? toXml(child) : escapeXml(String(child));
  }
  return `${text}</${name}>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
};

function escapeXml(text: string): string {
  return text.replace(
    /[&<>"\r\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g,
    (character) => entities[character] ?? '\ufffd',
  );
}

function safeName(name: string): string {
  return name.replace(/[^\p{L}\p{N}:._-]/gu, '\ufffd');
}
