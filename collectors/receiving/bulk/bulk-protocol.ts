/**
 * Elasticsearch's `_bulk`, and single documents, from shippers that speak to Elasticsearch already. Each item is answered for
 * itself. A body sent again gives the same positions, so that the store knows its records: by the `_id` that the sender gave,
 * else by the hash of the whole body and the place in it.
 */
import { hashId, sha256 } from '../../../core/ids.ts';
import { type Answer, type Brought, type Call, json, type Protocol, type Taken } from '../protocol.ts';
import { type Action, type BulkOptions, bulkActions, recordOf } from './bulk-body.ts';
import { PRODUCT, startUpAnswer } from './start-up-calls.ts';

const BULK = /^\/(?:([^/_][^/]*)\/(?:[^/_][^/]*\/)?)?_bulk$/;
const SINGLE = /^\/([^/_][^/]*)\/_(doc|create)(?:\/([^/]+))?$/;
/** How much of a refused document is kept as evidence. */
const KEPT_BYTES = 65_536;

const decoded = (part: string | undefined): string => {
  try {
    return decodeURIComponent(part ?? '');
  } catch {
    return part ?? '';
  }
};

const failure = (status: number, type: string, reason: string): Answer =>
  json(
    status,
    { error: { root_cause: [{ type, reason }], type, reason }, status },
    status === 401 ? { ...PRODUCT, 'www-authenticate': 'Basic realm="vigia", ApiKey' } : PRODUCT,
  );

const FULL = 'es_rejected_execution_exception';
const TYPES: Readonly<Record<number, string>> = {
  401: 'security_exception',
  413: 'content_too_large',
  503: FULL,
};

export function bulkProtocol(options: BulkOptions): Protocol {
  return {
    name: '_bulk',
    brings: (method, path) =>
      (method === 'POST' || method === 'PUT') && (BULK.test(path) || SINGLE.test(path)),
    take(call) {
      const bulk = BULK.exec(call.path);
      return bulk ? takeBulk(call, decoded(bulk[1]), options) : takeOne(call, options);
    },
    greet: (call) => startUpAnswer(call),
    full: (call, reason) => full(call, reason, options),
    refuse: (status, reason, agent) =>
      isRsyslog(agent) && status !== 413
        ? undefined
        : failure(status, TYPES[status] ?? 'illegal_argument_exception', reason),
  };
}

/**
 * Said in the way after which the sender tries again, each observed with the real one: the client for Node reads the status of
 * every item and gives up when the whole call is refused, that for Python the other way round; syslog-ng drops what is refused
 * with 429; rsyslog drops what any answer refuses, and tries again only when there is none.
 */
function full(call: Call, reason: string, options: BulkOptions): Answer | undefined {
  if (isRsyslog(call.agent)) return undefined;
  if (call.agent.startsWith('syslog-ng')) return failure(503, FULL, reason);
  const readsItems = NODE_CLIENT.test(call.agent) && BULK.test(call.path);
  const actions = readsItems ? bulkActions(call.body, '', options) : '';
  if (typeof actions === 'string') return failure(429, FULL, reason);
  const error = { type: FULL, reason };
  const items = actions.map(({ operation, index, id }) => ({
    [operation]: { _index: index, ...(id === undefined ? {} : { _id: id }), status: 429, error },
  }));
  return json(200, { took: 0, errors: true, items }, PRODUCT);
}

const NODE_CLIENT = /^(?:elasticsearch|elastic-transport)-js\//;
/** `omelasticsearch` is the one that does not say who it is. */
const isRsyslog = (agent: string): boolean => agent === '';

function takeBulk({ body }: Call, index: string, options: BulkOptions): Taken | Answer {
  const actions = bulkActions(body, index, options);
  if (typeof actions === 'string') return failure(400, 'illegal_argument_exception', actions);
  const bodyHash = sha256(body).slice(0, 32);
  const keys = actions.map((action, place) => keyOf(action, `${bodyHash}:${place}`));
  return {
    records: actions.flatMap((action, place) => broughtBy(action, keys[place]!)),
    answer: json(
      200,
      {
        took: 0,
        errors: actions.some(({ refused }) => refused !== undefined),
        items: actions.map((action, place) => ({ [action.operation]: itemOf(action, keys[place]!) })),
      },
      PRODUCT,
    ),
  };
}

/** `POST /index/_doc`, `PUT /index/_create/id`. */
function takeOne({ path, body }: Call, options: BulkOptions): Taken | Answer {
  const [, index, operation, id] = SINGLE.exec(path) ?? [];
  const action: Action = {
    operation: operation === 'create' ? 'create' : 'index',
    index: decoded(index),
    ...(id === undefined ? {} : { id: decoded(id) }),
    document: body,
    ...recordOf(body, options),
  };
  const key = keyOf(action, `${sha256(body).slice(0, 32)}:0`);
  const answer =
    action.refused === undefined
      ? json(201, itemOf(action, key), PRODUCT)
      : failure(400, 'document_parsing_exception', action.refused);
  return { records: broughtBy(action, key), answer };
}

const keyOf = ({ index, id }: Action, place: string): string =>
  id === undefined ? place : hashId('document', index, id);

/** What is refused is kept as a dead letter; there is nothing of a `delete` to keep. */
function broughtBy({ document, bytes, refused }: Action, key: string): Brought[] {
  if (bytes !== undefined) return [{ bytes, key }];
  if (document === undefined) return [];
  const broken = `refused to its sender: ${refused}`;
  return [{ bytes: document.subarray(0, KEPT_BYTES), size: document.length, broken, key }];
}

function itemOf({ index, id, refused }: Action, key: string): object {
  const named = { _index: index, _id: id ?? key };
  if (refused !== undefined)
    return { ...named, status: 400, error: { type: 'document_parsing_exception', reason: refused } };
  return { ...named, _version: 1, result: 'created', _seq_no: 0, _primary_term: 1, ...WRITTEN, status: 201 };
}

const WRITTEN = { _shards: { total: 1, successful: 1, failed: 0 } };
