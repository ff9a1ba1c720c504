/**
 * The calls that shippers make before they send: who are you, which licence, are my templates there. As those of Winlogbeat,
 * Filebeat, Elastic Agent, Logstash and Fluent Bit are commonly known; checked neither against their documents nor with them.
 * Templates, life-cycle policies and pipelines are said to be there, so that nobody puts them, and acknowledged when put; none
 * of them is kept or run.
 */
import { type Answer, type Call, json } from '../protocol.ts';

/** Official clients refuse to talk to what does not say this. */
export const PRODUCT = { 'x-elastic-product': 'Elasticsearch' };
/** Shippers refuse servers that are older than they are. */
const VERSION = '9.4.0';
const UID = '76696769-6100-4000-8000-000000000001';
const LICENCE = { uid: UID, type: 'basic', mode: 'basic', status: 'active' };
const FEATURE = { available: true, enabled: true };

const says = (body: unknown): Answer => json(200, body, PRODUCT);
const acknowledged = says({ acknowledged: true });

const info = says({
  name: 'vigia',
  cluster_name: 'vigia',
  cluster_uuid: UID,
  version: {
    number: VERSION,
    build_flavor: 'default',
    build_type: 'tar',
    build_hash: 'vigia',
    build_date: '2026-01-01T00:00:00.000Z',
    build_snapshot: false,
    lucene_version: '10.3.0',
    minimum_wire_compatibility_version: '8.19.0',
    minimum_index_compatibility_version: '8.0.0',
  },
  tagline: 'You Know, for Search',
});

const health = says({
  ...{ cluster_name: 'vigia', status: 'green', timed_out: false, number_of_nodes: 1 },
  ...{ number_of_data_nodes: 1, active_primary_shards: 1, active_shards: 1, relocating_shards: 0 },
  ...{ initializing_shards: 0, unassigned_shards: 0, delayed_unassigned_shards: 0 },
  ...{ number_of_pending_tasks: 0, number_of_in_flight_fetch: 0, task_max_waiting_in_queue_millis: 0 },
  active_shards_percent_as_number: 100,
});

/** Things that are asked for by name. */
const there: Readonly<Record<string, (name: string) => unknown>> = {
  _index_template: (name) => ({
    index_templates: [
      { name, index_template: { index_patterns: [`${name}*`], composed_of: [], priority: 1 } },
    ],
  }),
  _component_template: (name) => ({ component_templates: [{ name, component_template: { template: {} } }] }),
  _template: (name) => ({
    [name]: { order: 0, index_patterns: [`${name}*`], settings: {}, mappings: {}, aliases: {} },
  }),
  '_ilm/policy': (name) => ({
    [name]: { version: 1, modified_date: '2026-01-01T00:00:00.000Z', policy: { phases: {} } },
  }),
  '_ingest/pipeline': (name) => ({
    [name]: { description: 'kept by nobody: Vigia runs no pipelines', processors: [] },
  }),
  _data_stream: (name) => ({
    data_streams: [
      { name, timestamp_field: { name: '@timestamp' }, indices: [], generation: 1, status: 'GREEN' },
    ],
  }),
  _alias: (name) => ({ [name]: { aliases: { [name]: { is_write_index: true } } } }),
};
const NAMED =
  /^\/(_index_template|_component_template|_template|_ilm\/policy|_ingest\/pipeline|_data_stream|_alias)\/([^/]+)$/;
const INDEX = /^\/([^/_][^/]*)$/;

const exact: Readonly<Record<string, Answer>> = {
  '/': info,
  '/_license': says({ license: { ...LICENCE, issued_to: 'vigia', issuer: 'vigia' } }),
  '/_xpack': says({
    build: { hash: 'vigia', date: '2026-01-01T00:00:00.000Z' },
    license: LICENCE,
    features: {
      ilm: FEATURE,
      security: FEATURE,
      data_streams: FEATURE,
      monitoring: { ...FEATURE, enabled: false },
    },
    tagline: 'You know, for X',
  }),
  '/_cluster/health': health,
  '/_cat/health': says([{ cluster: 'vigia', status: 'green' }]),
  '/_nodes': says({ _nodes: { total: 0, successful: 0, failed: 0 }, cluster_name: 'vigia', nodes: {} }),
  '/_nodes/http': says({ _nodes: { total: 0, successful: 0, failed: 0 }, cluster_name: 'vigia', nodes: {} }),
  '/_ilm/status': says({ operation_mode: 'RUNNING' }),
  '/_security/_authenticate': says({ username: 'shipper', roles: [], enabled: true, metadata: {} }),
};

/** The answer to a call that brings no records. */
export function startUpAnswer({ method, path }: Call): Answer {
  const isRead = method === 'GET' || method === 'HEAD';
  const isPut = method === 'PUT' || method === 'POST';
  const known = Object.hasOwn(exact, path) ? exact[path] : undefined;
  if (isRead && known) return known;
  const [, kind, name] = NAMED.exec(path) ?? [];
  const [, index] = INDEX.exec(path) ?? [];
  if (isPut && (kind ?? index) !== undefined) return acknowledged;
  if (isRead && kind !== undefined && name !== undefined) return json(200, there[kind]!(name), PRODUCT);
  if (isRead && index !== undefined) return json(200, { [index]: {} }, PRODUCT);
  // What Elasticsearch says to a route it does not have.
  const reason = `no handler found for uri [${path.slice(0, 200)}] and method [${method}]: Vigia takes documents only`;
  return json(400, { error: reason, status: 400 }, PRODUCT);
}
