/** BinXML bytes become nodes: the skeleton of a record or template, with holes where values go. */
import { checkDepth, spend } from './budget.ts';
import { type Cursor, cursorAt, Malformed, skip, u8, u16, u32, utf16 } from './cursor.ts';
import { readName } from './name.ts';
import {
  type Chunk,
  type ElementNode,
  type Instance,
  independent,
  type Node,
  type Template,
} from './node.ts';
import type { ValueAt } from './value.ts';

const moreFlag = 0x40;
const fragmentEnd = 0x00;
const elementEnd = 0x04;
const predefined = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Reads the nodes of a fragment: the content of a record, a template or an embedded value. */
export function readFragment(cursor: Cursor, chunk: Chunk, inTemplate: boolean, depth: number): Node[] {
  return readNodes(cursor, chunk, inTemplate, depth, fragmentEnd);
}

function readNodes(cursor: Cursor, chunk: Chunk, inTemplate: boolean, depth: number, last: number): Node[] {
  checkDepth(depth, cursor.pos);
  const nodes: Node[] = [];
  while (cursor.pos < cursor.end) {
    const at = cursor.pos;
    const token = u8(cursor);
    const kind = token & ~moreFlag;
    if (kind === last) return nodes;
    spend(chunk.budget, 1, at);
    if (kind === 0x01) nodes.push(readElement(cursor, chunk, token !== kind, inTemplate, depth));
    else if (kind === 0x0c) nodes.push(readInstance(cursor, chunk, depth));
    else if (kind === 0x0f) skip(cursor, 3);
    else if (kind === 0x0a) readName(cursor, chunk);
    else if (kind === 0x0b) readText(cursor, chunk);
    else nodes.push(readInline(cursor, chunk, kind, at));
  }
  if (last === elementEnd) throw new Malformed('an element does not end', cursor.pos);
  return nodes;
}

/** The tokens that may also stand in an attribute: text, references and holes. */
function readInline(cursor: Cursor, chunk: Chunk, kind: number, at: number): Node {
  switch (kind) {
    case 0x05: {
      const type = u8(cursor);
      if (type !== 0x01) throw new Malformed(`text of value type 0x${type.toString(16)}`, at);
      return readText(cursor, chunk);
    }
    case 0x07:
      return readText(cursor, chunk);
    case 0x08:
      return String.fromCharCode(u16(cursor)).toWellFormed();
    case 0x09: {
      const name = readName(cursor, chunk);
      return predefined.get(name) ?? `&${name};`;
    }
    case 0x0d:
    case 0x0e: {
      const index = u16(cursor);
      skip(cursor, 1); // the type that the template's author expected; the value says its own
      return { kind: 'hole', index, optional: kind === 0x0e };
    }
    default:
      throw new Malformed(`unknown BinXML token 0x${kind.toString(16)}`, at);
  }
}

function readText(cursor: Cursor, chunk: Chunk): string {
  const size = u16(cursor) * 2;
  const start = skip(cursor, size);
  spend(chunk.budget, size, start);
  return utf16(cursor.bytes, start, start + size);
}

function readElement(
  cursor: Cursor,
  chunk: Chunk,
  hasAttributes: boolean,
  inTemplate: boolean,
  depth: number,
): ElementNode {
  const at = cursor.pos;
  const dependsOn = inTemplate ? u16(cursor) : independent; // only templates have values to depend on
  const size = u32(cursor);
  if (cursor.pos + size > cursor.end)
    throw new Malformed(`an element of ${size} bytes leaves its parent`, at);
  const name = readName(cursor, chunk);
  const attributes = hasAttributes ? readAttributes(cursor, chunk) : [];
  const close = u8(cursor);
  if (close === 0x03) return { kind: 'element', name, dependsOn, attributes, children: [] };
  if (close !== 0x02) throw new Malformed('an element is not closed', cursor.pos - 1);
  return {
    kind: 'element',
    name,
    dependsOn,
    attributes,
    children: readNodes(cursor, chunk, inTemplate, depth + 1, elementEnd),
  };
}

function readAttributes(cursor: Cursor, chunk: Chunk): [string, Node[]][] {
  skip(cursor, 4); // size of the list; the tokens say where it ends
  const attributes: [string, Node[]][] = [];
  for (;;) {
    const token = cursor.bytes[cursor.pos];
    if (cursor.pos >= cursor.end || (token !== 0x06 && token !== 0x46)) return attributes;
    spend(chunk.budget, 1, cursor.pos);
    cursor.pos++;
    attributes.push([readName(cursor, chunk), readAttributeValue(cursor, chunk)]);
  }
}

function readAttributeValue(cursor: Cursor, chunk: Chunk): Node[] {
  const nodes: Node[] = [];
  for (;;) {
    const at = cursor.pos;
    const kind = cursor.bytes[at]! & ~moreFlag;
    if (
      at >= cursor.end ||
      !(kind === 0x05 || (kind >= 0x07 && kind <= 0x09) || kind === 0x0d || kind === 0x0e)
    ) {
      return nodes;
    }
    spend(chunk.budget, 1, at);
    cursor.pos++;
    nodes.push(readInline(cursor, chunk, kind, at));
  }
}

function readInstance(cursor: Cursor, chunk: Chunk, depth: number): Instance {
  const at = cursor.pos;
  skip(cursor, 1);
  const id = u32(cursor);
  const offset = u32(cursor);
  const template = templateAt(chunk, offset, depth);
  if (template.id !== id) throw new Malformed(`template ${id} was replaced by ${template.id}`, at);
  if (offset === cursor.pos) skip(cursor, 24 + chunk.bytes.readUInt32LE(offset + 20));
  return { kind: 'instance', body: template.body, values: readValues(cursor, chunk) };
}

/** Templates are read once per chunk; one that failed fails again at no cost. */
function templateAt(chunk: Chunk, offset: number, depth: number): Template {
  const known = chunk.templates.get(offset);
  if (known instanceof Malformed) throw known;
  if (known) return known;
  if (chunk.templates.has(offset)) throw new Malformed('a template contains itself', offset);
  chunk.templates.set(offset, undefined);
  try {
    const template = readTemplate(chunk, offset, depth);
    chunk.templates.set(offset, template);
    return template;
  } catch (error) {
    // A record's spent budget or depth is no fault of the template: the next record may try again.
    if (error instanceof Malformed && depth === 0 && chunk.budget.record >= 0)
      chunk.templates.set(offset, error);
    else chunk.templates.delete(offset);
    throw error;
  }
}

function readTemplate(chunk: Chunk, offset: number, depth: number): Template {
  const header = cursorAt(chunk.bytes, offset, 24);
  skip(header, 4);
  const id = u32(header);
  skip(header, 12);
  const size = u32(header);
  return { id, body: readFragment(cursorAt(chunk.bytes, offset + 24, size), chunk, true, depth + 1) };
}

function readValues(cursor: Cursor, chunk: Chunk): ValueAt[] {
  const count = u32(cursor);
  const list = skip(cursor, count * 4);
  spend(chunk.budget, count, list);
  const values: ValueAt[] = [];
  for (let at = list; at < list + count * 4; at += 4) {
    const size = cursor.bytes.readUInt16LE(at);
    values.push({ type: cursor.bytes[at + 2]!, start: skip(cursor, size), size });
  }
  return values;
}
