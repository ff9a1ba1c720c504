/** Parses the XML of one Windows event into the tree that the EVTX reader makes, so that both are flattened alike. */
import { SaxesParser } from 'saxes';
import type { XmlElement } from '../evtx/xml.ts';

/** Events nest by a handful; more is hostile. */
const MAX_DEPTH = 48;

/** The event, or a sentence that says why the text holds none. Document types are refused: nothing in them is ever expanded. */
export function eventXml(text: string): XmlElement | string {
  const parser = new SaxesParser();
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let trouble: string | undefined;
  const give = (value: string) => {
    if (value.trim() !== '') open.at(-1)?.children.push(value);
  };
  parser.on('error', (cause) => {
    trouble ??= `not well-formed XML: ${cause.message.slice(0, 120)}`;
  });
  parser.on('doctype', () => {
    trouble ??= 'a document type has no place in an event';
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length >= MAX_DEPTH) trouble ??= `nested deeper than ${MAX_DEPTH} elements`;
    if (trouble !== undefined) return;
    const plainName = name.slice(name.indexOf(':') + 1);
    const element: XmlElement = { name: plainName, attributes: Object.entries(attributes), children: [] };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  parser.on('text', give);
  parser.on('cdata', give);
  parser.write(text).close();
  if (trouble !== undefined) return trouble;
  return root?.name === 'Event' ? root : 'XML, but no <Event>';
}
