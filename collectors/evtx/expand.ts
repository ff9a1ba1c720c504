/** Nodes and values become the record's XML tree, by the rules Windows renders with. */
import { items } from './array.ts';
import { readFragment } from './binxml.ts';
import { checkDepth, spend } from './budget.ts';
import { cursorAt, Malformed } from './cursor.ts';
import { type Chunk, type ElementNode, type Hole, independent, type Node } from './node.ts';
import { arrayFlag, binXmlType, decode, nullType, type ValueAt } from './value.ts';
import type { Value, XmlElement } from './xml.ts';

type Values = readonly ValueAt[];
type Child = XmlElement | Value;

/** Fills the holes of nodes with values; a missing value leaves nothing behind. */
export function expand(nodes: readonly Node[], values: Values, chunk: Chunk, depth: number): Child[] {
  const out: Child[] = [];
  expandInto(out, nodes, values, chunk, depth);
  return out;
}

function expandInto(out: Child[], nodes: readonly Node[], values: Values, chunk: Chunk, depth: number): void {
  checkDepth(depth, 0);
  spend(chunk.budget, nodes.length, 0);
  for (const node of nodes) {
    if (typeof node === 'string') pushValue(out, node, chunk);
    else if (node.kind === 'hole') expandHole(out, valueIn(values, node.index), chunk, depth);
    else if (node.kind === 'instance') expandInto(out, node.body, node.values, chunk, depth + 1);
    else expandElement(out, node, values, chunk, depth);
  }
}

function pushValue(out: Child[], value: Value, chunk: Chunk): void {
  if (value === '') return;
  spend(chunk.budget, typeof value === 'string' ? value.length : 1, 0);
  out.push(value);
}

function expandHole(out: Child[], value: ValueAt, chunk: Chunk, depth: number): void {
  if (value.type === nullType || value.size === 0) return;
  spend(chunk.budget, 1 + value.size, value.start);
  if (value.type === binXmlType) {
    const nodes = readFragment(cursorAt(chunk.bytes, value.start, value.size), chunk, false, depth + 1);
    expandInto(out, nodes, [], chunk, depth + 1);
  } else if (value.type & arrayFlag) {
    for (const item of items(chunk.bytes, value)) expandHole(out, item, chunk, depth + 1);
  } else {
    pushValue(out, decode(chunk.bytes, value), chunk);
  }
}

function expandElement(out: Child[], node: ElementNode, values: Values, chunk: Chunk, depth: number): void {
  if (node.dependsOn !== independent && isMissing(valueIn(values, node.dependsOn))) return;
  const array = node.children.find((child): child is Hole => isArray(child, values));
  if (array === undefined) {
    out.push(element(node, values, chunk, depth));
    return;
  }
  // An array repeats the element that holds it: <Data>a</Data><Data>b</Data>.
  for (const item of items(chunk.bytes, valueIn(values, array.index))) {
    const one = values.with(array.index, item);
    spend(chunk.budget, values.length, item.start);
    out.push(element(node, one, chunk, depth));
  }
}

/** A template that asks for more values than the record brings is not the one it was written with. */
function valueIn(values: Values, index: number): ValueAt {
  const value = values[index];
  if (value === undefined) throw new Malformed(`value ${index} of ${values.length} is asked for`, 0);
  return value;
}

function isMissing(value: ValueAt): boolean {
  return value.type === nullType;
}

function isArray(node: Node, values: Values): boolean {
  if (typeof node === 'string' || node.kind !== 'hole') return false;
  const value = valueIn(values, node.index);
  return (value.type & arrayFlag) !== 0 && value.size > 0;
}

function element(node: ElementNode, values: Values, chunk: Chunk, depth: number): XmlElement {
  spend(chunk.budget, 1 + node.attributes.length, 0);
  const attributes: [string, Value][] = [];
  for (const [name, content] of node.attributes) {
    const value = attributeValue(content, values, chunk, depth);
    if (value !== undefined) attributes.push([name, value]);
  }
  const children: Child[] = [];
  expandInto(children, node.children, values, chunk, depth + 1);
  return { name: node.name, attributes, children };
}

function attributeValue(
  content: readonly Node[],
  values: Values,
  chunk: Chunk,
  depth: number,
): Value | undefined {
  const only = content.length === 1 ? content[0] : undefined;
  if (typeof only === 'string') return only;
  if (only?.kind === 'hole' && only.optional && isMissing(valueIn(values, only.index))) return undefined;
  const parts = expand(content, values, chunk, depth + 1);
  if (parts.length === 1 && typeof parts[0] !== 'object') return parts[0];
  return parts.filter((part) => typeof part !== 'object').join('');
}
