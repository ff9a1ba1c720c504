/** Are two readers' XML of one record the same, after what their authors chose to write differently? */
import { SaxesParser } from 'saxes';
import type { XmlElement } from '../../collectors/evtx/reader.ts';

/** A place in the tree, and its text. */
type Leaf = readonly [place: string, value: string];

/** Text and attributes of a tree in order. What is empty is left out: one reader writes what the record lacks, another does not. */
export function leavesOf(root: XmlElement): Leaf[] {
  const found: Leaf[] = [];
  const add = (place: string, value: string) => value.trim() !== '' && found.push([place, value]);
  const walk = (element: XmlElement, above: string) => {
    const place = `${above}/${element.name}`;
    for (const [name, value] of element.attributes) add(`${place}@${name}`, String(value));
    add(place, element.children.filter((child) => typeof child !== 'object').join(''));
    for (const child of element.children) if (typeof child === 'object') walk(child, place);
  };
  walk(root, '');
  return found;
}

/** python-evtx writes an array of texts as text, `<string>…</string>` for each; it becomes one element for each. */
export function withArrays(root: XmlElement): XmlElement {
  const children = root.children.flatMap((child): XmlElement['children'] => {
    if (typeof child !== 'object') return [child];
    const text = child.children.join('');
    if (!/^(?:<string>[\s\S]*?<\/string>\s*)+$/.test(text)) return [withArrays(child)];
    return [...text.matchAll(/<string>([\s\S]*?)<\/string>/g)].map(([, one]) => ({
      ...child,
      children: [one!],
    }));
  });
  return { ...root, children };
}

/** The tree of XML text; undefined where it is none. */
export function parseXml(xml: string): XmlElement | undefined {
  const root: XmlElement = { name: '', attributes: [], children: [] };
  const open = [root];
  const parser = new SaxesParser();
  let isWrong = false;
  parser.on('error', () => {
    isWrong = true;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: XmlElement = { name, attributes: Object.entries(attributes), children: [] };
    open.at(-1)!.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => void open.pop());
  parser.on('text', (text) => void open.at(-1)?.children.push(text));
  parser.write(xml).close();
  const [only] = root.children.filter((child) => typeof child === 'object');
  return isWrong ? undefined : only;
}

/**
 * Ours is what Event Viewer shows; theirs is python-evtx's, which pads hexadecimal numbers, keeps microseconds of a time (rounded through a
 * fraction), writes bytes as Base64, and truth with a capital letter.
 */
export function isSame(ours: string, theirs: string): boolean {
  if (plain(ours) === plain(theirs)) return true;
  if (/^0x[0-9a-f]+$/i.test(ours) && /^0x[0-9a-f]+$/i.test(theirs)) return BigInt(ours) === BigInt(theirs);
  const [mine, other] = [microsecondsOf(ours), microsecondsOf(theirs)];
  if (mine !== undefined && other !== undefined) return Math.abs(mine - other) <= 2;
  if (/^(?:[0-9A-F]{2})+$/.test(ours))
    return ours === Buffer.from(theirs, 'base64').toString('hex').toUpperCase();
  return /^(?:true|false)$/i.test(theirs) && ours === theirs.toLowerCase();
}

/** Ends of lines, and blanks around the text, are not told apart by XML; characters that it cannot hold are left out there. */
const plain = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .trim();

function microsecondsOf(text: string): number | undefined {
  const [, second, fraction = ''] =
    /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d{1,7}))?Z?$/.exec(text) ?? [];
  if (second === undefined) return undefined;
  return Date.parse(`${second.replace(' ', 'T')}Z`) * 1_000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}
