/** Parses the XML of one Windows event into the tree that the EVTX reader makes, so that both are flattened alike. */
import { SaxesParser } from 'saxes';
import type { XmlElement } from '../evtx/xml.ts';

/** Events nest by a handful; more is hostile. */
const MAX_DEPTH = 48;

/** Leaves the parser at the first mistake: it would go on and find one at every character of hostile text. */
class Refused extends Error {}

/** The event, or a sentence that says why the text holds none. Document types are refused: nothing in them is ever expanded. */
export function eventXml(text: string): XmlElement | string {
  try {
    const root = parse(text);
    return root?.name === 'Event' ? root : 'XML, but no <Event>';
  } catch (cause) {
    if (cause instanceof Refused) return cause.message;
    throw cause;
  }
}

function parse(text: string): XmlElement | undefined {
  const parser = new SaxesParser();
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  const give = (value: string) => {
    if (value.trim() !== '') open.at(-1)?.children.push(value);
  };
  parser.on('error', (cause) => {
    throw new Refused(`not well-formed XML: ${cause.message.slice(0, 120)}`);
  });
  parser.on('doctype', () => {
    throw new Refused('a document type has no place in an event');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length >= MAX_DEPTH) throw new Refused(`nested deeper than ${MAX_DEPTH} elements`);
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
  return root;
}
