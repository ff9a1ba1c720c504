/** Takes the body of a `_bulk` call apart: an action line, then the document it brings. Pure; never throws. */
import { isUtf8 } from 'node:buffer';
import { isObject, text } from '../../ecs/json.ts';

export type Operation = 'index' | 'create' | 'update' | 'delete';

/** One action of a body, in its place among the others. */
export interface Action {
  operation: Operation;
  index: string;
  /** As the sender names the document, if it does. */
  id?: string;
  /** Missing for `delete`. */
  document?: Buffer;
  /** What becomes the record; missing when it is refused. */
  bytes?: Uint8Array;
  /** Why it is not taken. */
  refused?: string;
}

export interface BulkOptions {
  maxRecordBytes: number;
  /** Field whose text is the record; the whole document when left out. */
  field?: string;
}

const OPERATIONS: readonly string[] = ['index', 'create', 'update', 'delete'] satisfies Operation[];
const LF = 10;
const MOST_ACTION_BYTES = 16_384;
const MOST_ID_BYTES = 512;

/** The actions, or why the whole body is refused, as Elasticsearch does: an action line that cannot be read, no line end. */
export function bulkActions(body: Buffer, defaultIndex: string, options: BulkOptions): Action[] | string {
  if (body.length === 0) return 'request body is required';
  if (body.at(-1) !== LF) return 'The bulk request must be terminated by a newline [\\n]';
  const actions: Action[] = [];
  let line = 0;
  let at = 0;
  const next = (): Buffer | undefined => {
    if (at >= body.length) return undefined;
    const end = body.indexOf(LF, at);
    const found = body.subarray(at, body[end - 1] === 13 ? end - 1 : end);
    at = end + 1;
    line += 1;
    return found;
  };
  for (let head = next(); head !== undefined; head = next()) {
    if (isBlank(head)) continue;
    const action = actionOf(head, defaultIndex);
    if (typeof action === 'string') return `Malformed action/metadata line [${line}], ${action}`;
    if (action.operation !== 'delete') {
      const document = next();
      if (document === undefined) return `Malformed content, the action on line [${line}] has no source`;
      action.document = document;
      if (action.refused === undefined) Object.assign(action, recordOf(document, options));
    }
    actions.push(action);
  }
  return actions;
}

const isBlank = (bytes: Uint8Array) => bytes.every((byte) => byte === 32 || byte === 9);

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function actionOf(head: Buffer, defaultIndex: string): Action | string {
  const found = head.length > MOST_ACTION_BYTES ? undefined : parsed(head);
  if (!isObject(found)) return 'expected a JSON object';
  const [[operation = '', meta] = [], more] = Object.entries(found);
  if (!OPERATIONS.includes(operation) || more !== undefined || !isObject(meta))
    return 'expected one of index, create, update or delete';
  const index = typeof meta['_index'] === 'string' ? meta['_index'] : defaultIndex;
  const { _id: id } = meta;
  return {
    // Compared just now.
    operation: operation as Operation,
    index,
    ...(typeof id === 'string' || typeof id === 'number' ? { id: String(id) } : {}),
    ...refusal(operation, index, id),
  };
}

function refusal(operation: string, index: string, id: unknown): { refused?: string } {
  if (operation === 'update' || operation === 'delete')
    return { refused: `${operation} is not taken: what was received is never changed` };
  if (index === '') return { refused: 'an index is missing' };
  if (id === '') return { refused: 'if _id is specified it must not be empty' };
  return typeof id === 'string' && Buffer.byteLength(id) > MOST_ID_BYTES
    ? { refused: `_id is over ${MOST_ID_BYTES} bytes` }
    : {};
}

/** What of a document becomes the record, or what is wrong with it. */
export function recordOf(
  document: Buffer,
  { maxRecordBytes, field }: BulkOptions,
): { bytes: Uint8Array } | { refused: string } {
  if (document.length > maxRecordBytes)
    return { refused: `document of ${document.length} bytes is over the limit of ${maxRecordBytes}` };
  if (!isUtf8(document)) return { refused: 'document is not valid UTF-8' };
  const found = parsed(document);
  if (!isObject(found)) return { refused: 'document is no JSON object' };
  if (field === undefined) return { bytes: document };
  const inside = text(found, field) ?? text(found, ...field.split('.'));
  return inside === undefined
    ? { refused: `document has no text in the field ${field}` }
    : { bytes: Buffer.from(inside) };
}
