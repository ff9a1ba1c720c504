/** Fills the numbered fields of all rules from one event in one walk: an event meets only the names it has itself. */
import type { View } from '../../core/conditions/matcher.ts';
import { messageOf, messageText } from '../../core/conditions/message.ts';
import { type Held, hold, makeValue, type Value } from '../../core/conditions/values.ts';
import { type Candidates, withoutBlanks } from './fields.ts';

/** A place in a document that some slot reads. */
interface Node {
  children: Map<string, Node>;
  /** Slots that read here, with the rank of this place among the slot's candidates. */
  slots: { slot: number; rank: number }[];
  held: Held | undefined;
  /** Keys walked to get here: a key that holds the dots itself comes before a path (N-5). */
  steps: number;
  event: number;
}

const newNode = (): Node => ({ children: new Map(), slots: [], held: undefined, steps: 0, event: 0 });

/** The values of the current event, by slot; valid until the next `gather`. */
export interface Gathered extends View {
  readonly held: (Held | undefined)[];
  /** Slots that hold something. */
  readonly filled: number[];
  /** The whole message as one value, for a first look. */
  messageText(): Value;
}

/** Hostile nesting ends here; no known record is deeper. */
const MAX_DEPTH = 64;

/**
 * `slots` lists where each slot's values may lie, `wanted` the slots that are read at all (all, when left out). The
 * result is one object that is filled anew for each event.
 */
export function makeGather(
  slots: readonly Candidates[],
  wanted: Iterable<number> = slots.keys(),
): (document: object) => Gathered {
  const root = newNode();
  for (const slot of wanted) {
    slots[slot]!.forEach((group, rank) => {
      // Names with blanks are for stores, which know no other; here such a key is read under the name without them.
      for (const path of group) if (!path.includes(' ')) nodeAt(root, path).slots.push({ slot, rank });
    });
  }
  const ranks = new Int32Array(slots.length);
  const filled: number[] = [];
  let event = 0;
  let current: object = {};
  let message: readonly Value[] | undefined;
  const gathered: Gathered = {
    held: new Array<Held | undefined>(slots.length).fill(undefined),
    filled,
    message: () => (message ??= messageOf(current, isRouting)),
    messageText: () => makeValue(messageText(current, isRouting)),
  };

  function visit(node: Node, value: unknown, steps: number, depth: number): void {
    if (node.slots.length > 0) take(node, value, steps);
    if (node.children.size > 0 && typeof value === 'object' && value !== null && depth < MAX_DEPTH)
      descend(node, value, steps, depth + 1);
  }
  function take(node: Node, value: unknown, steps: number): void {
    const isFirst = node.event !== event || steps < node.steps;
    const replaced = node.event === event ? node.held : undefined;
    if (isFirst) {
      node.held = { values: [], hasObject: false };
      node.steps = steps;
      node.event = event;
    } else if (steps > node.steps) return;
    hold(node.held!, value);
    if (!isFirst) return;
    for (const { slot, rank } of node.slots) {
      const known = gathered.held[slot];
      if (known === undefined) {
        filled.push(slot);
        ranks[slot] = rank;
        gathered.held[slot] = node.held;
      } else if (rank < ranks[slot]! || known === replaced) {
        ranks[slot] = rank;
        gathered.held[slot] = node.held;
      } else if (rank === ranks[slot]) {
        gathered.held[slot] = {
          values: [...known.values, ...node.held!.values],
          hasObject: known.hasObject || node.held!.hasObject,
        };
      }
    }
  }
  function descend(node: Node, value: object, steps: number, depth: number): void {
    if (Array.isArray(value)) {
      if (depth < MAX_DEPTH)
        for (const element of value)
          if (typeof element === 'object' && element !== null) descend(node, element, steps, depth + 1);
      return;
    }
    const record = value as Record<string, unknown>;
    for (const key of Object.keys(record)) {
      const child = node.children.get(key) ?? indirect(node, key);
      if (child !== unread) visit(child, record[key], steps + 1, depth);
    }
  }

  return (document) => {
    for (const slot of filled) gathered.held[slot] = undefined;
    filled.length = 0;
    event++;
    current = document;
    message = undefined;
    descend(root, document, 0, 0);
    return gathered;
  };
}

function nodeAt(root: Node, path: string): Node {
  let node = root;
  for (const segment of path.split('.')) {
    let child = node.children.get(segment);
    if (!child) node.children.set(segment, (child = newNode()));
    node = child;
  }
  return node;
}

/** Stands for keys that no slot reads. */
const unread = newNode();
/** Keys known to be read by no slot are remembered, so that they cost one look-up; events name what they like, so few and short ones. */
const MAX_REMEMBERED = 500;
const MAX_KEY = 100;

/** A key that holds the dots itself, or blanks that Sigma's names leave out (N-2). */
function indirect(node: Node, key: string): Node {
  let found: Node | undefined;
  if (key.includes('.')) {
    found = node;
    for (const segment of key.split('.')) found = found?.children.get(segment);
  } else if (key.includes(' ')) found = node.children.get(withoutBlanks(key));
  if (found === undefined && key.length <= MAX_KEY && node.children.size < MAX_REMEMBERED)
    node.children.set(key, unread);
  return found ?? unread;
}

/** What says where the event comes from is no part of its message. */
const isRouting = (key: string, value: unknown): boolean =>
  key === 'product' ||
  key === 'category' ||
  key === 'vigia' ||
  (key === 'service' && typeof value === 'string');
