/**
 * One audit event of Kubernetes (audit.k8s.io/v1) as an ECS event. Pure, so that the file collector and a webhook receiver
 * share it. Shape: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/
 */
import { isIP } from 'node:net';
import type { Draft } from '../../core/event.ts';
import { isoOf } from '../../core/iso-time.ts';
import { maskSecrets } from '../../core/secrets.ts';
import { type NormaliseContext, type Normalised, reject } from '../collector.ts';
import { isObject, type JsonObject, parseObject } from '../json/parse-object.ts';
import { isoTime } from '../syslog/time.ts';
import { bodyFacts } from './bodies.ts';

const TYPES: Readonly<Record<string, string>> = {
  create: 'creation',
  update: 'change',
  patch: 'change',
  delete: 'deletion',
  deletecollection: 'deletion',
};
const IAM = new Set([
  ...['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings', 'serviceaccounts', 'users', 'groups'],
  ...['certificatesigningrequests', 'tokenreviews', 'selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
]);
/** A program starts in a container, or a way into one opens. */
const SESSIONS = new Set(['exec', 'attach', 'portforward', 'proxy']);

/** The annotations that the API server itself writes and rules ask for. */
const ANNOTATIONS: Readonly<Record<string, string>> = {
  'authorization.k8s.io/decision': 'decision',
  'authorization.k8s.io/reason': 'decisionReason',
  'authentication.k8s.io/legacy-token': 'legacyToken',
  'pod-security.kubernetes.io/audit-violations': 'podSecurityViolations',
  'mutation.webhook.admission.k8s.io/round_0_index_0': 'mutation',
};
const MAX_TEXT = 4_096;
const MAX_ITEMS = 64;

const textAt = (object: unknown, ...path: string[]): string | undefined => {
  const value = path.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), object);
  return typeof value === 'string' && value !== '' ? maskSecrets(value).slice(0, MAX_TEXT) : undefined;
};
const textsAt = (object: JsonObject, key: string): string[] =>
  Array.isArray(object[key])
    ? object[key].filter((one): one is string => typeof one === 'string').slice(0, MAX_ITEMS)
    : [];
const known = <T extends object>(fields: T): T =>
  Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && !(isObject(value) && Object.keys(value).length === 0),
    ),
  ) as T;

/** Everything that is kept, under the names that the API server and Sigma's rules use. */
function factsOf(record: JsonObject): Record<string, unknown> {
  const { objectRef, user, impersonatedUser, responseStatus, annotations } = record;
  const resource = textAt(objectRef, 'resource') ?? '';
  const code = isObject(responseStatus) ? responseStatus['code'] : undefined;
  const texts = (object: unknown, ...names: string[]) =>
    known(Object.fromEntries(names.map((name) => [name, textAt(object, name)])));
  const groups = isObject(user) ? textsAt(user, 'groups') : [];
  return known({
    ...texts(record, 'level', 'auditID', 'stage', 'verb', 'requestURI', 'userAgent'),
    user: { ...texts(user, 'username', 'uid'), ...(groups.length > 0 ? { groups } : {}) },
    impersonatedUser: texts(impersonatedUser, 'username'),
    objectRef: texts(objectRef, 'resource', 'subresource', 'namespace', 'name', 'apiGroup', 'apiVersion'),
    responseStatus: {
      ...texts(responseStatus, 'status', 'reason', 'message'),
      ...(typeof code === 'number' ? { code } : {}),
    },
    ...Object.fromEntries(
      Object.entries(ANNOTATIONS).flatMap(([name, fact]) => {
        const value = textAt(annotations, name);
        return value === undefined ? [] : [[fact, value]];
      }),
    ),
    ...bodyFacts(resource, record['responseObject']),
    // What was asked for counts more than what came back, which may be a status only.
    ...bodyFacts(resource, record['requestObject']),
  });
}

function kindOf(verb: string, resource: string, subresource: string | undefined) {
  if (subresource !== undefined && SESSIONS.has(subresource))
    return { category: ['process'], type: ['start'] };
  const type = TYPES[verb];
  if (IAM.has(resource)) return { category: ['iam'], type: [type ?? 'info'] };
  return { category: ['configuration'], type: [type ?? 'access'] };
}

export function auditEvent(record: JsonObject, context: NormaliseContext): Normalised {
  if (record['kind'] !== 'Event' || !/^audit\.k8s\.io\/v1/.test(String(record['apiVersion'])))
    return reject('record is no Event of audit.k8s.io/v1');
  const written = textAt(record, 'stageTimestamp') ?? textAt(record, 'requestReceivedTimestamp');
  const time = written === undefined ? undefined : isoTime(written, context);
  const verb = textAt(record, 'verb');
  if (time === undefined) return reject('record has no stageTimestamp in ISO form');
  if (verb === undefined) return reject('record has no verb');
  const facts = factsOf(record);
  const { objectRef } = record;
  const [resource, subresource] = [textAt(objectRef, 'resource'), textAt(objectRef, 'subresource')];
  const what = [resource, subresource].filter((one) => one !== undefined).join('/');
  const [name, namespace] = [textAt(objectRef, 'name'), textAt(objectRef, 'namespace')];
  const uri = textAt(record, 'requestURI');
  const user = textAt(record, 'user', 'username');
  const effective = textAt(record, 'impersonatedUser', 'username');
  const sources = textsAt(record, 'sourceIPs').filter((one) => isIP(one) > 0);
  const code = (facts['responseStatus'] as { code?: number } | undefined)?.code;
  const reason = textAt(record, 'responseStatus', 'reason');
  const agent = textAt(record, 'userAgent');
  const isRefused = facts['decision'] === 'forbid' || (code !== undefined && code >= 400);
  const users = [...new Set([user, effective].filter((one) => one !== undefined))];
  const object = [namespace, name].filter((one) => one !== undefined).join('/');
  const event = known({
    '@timestamp': isoOf(time.ms),
    event: known({
      kind: 'event',
      module: 'kubernetes',
      dataset: 'kubernetes.audit',
      provider: 'kube-apiserver',
      ...kindOf(verb, resource ?? '', subresource),
      action: what === '' ? verb : `${verb}-${what}`,
      outcome: isRefused ? 'failure' : code === undefined ? undefined : 'success',
      reason,
      // The bodies are left out of it: what is kept of them is in the fields.
      original: JSON.stringify({
        kind: 'Event',
        apiVersion: record['apiVersion'],
        stageTimestamp: written,
        ...facts,
      }),
    }),
    message: [user ?? 'nobody', verb, what || (uri ?? ''), object, code].filter(Boolean).join(' '),
    host: context.host === undefined ? undefined : { name: context.host },
    user: known({
      name: user,
      id: textAt(record, 'user', 'uid'),
      roles: isObject(record['user']) ? textsAt(record['user'], 'groups') : undefined,
      effective: effective === undefined ? undefined : { name: effective },
    }),
    source: sources[0] === undefined ? undefined : { address: sources[0], ip: sources[0] },
    user_agent: agent === undefined ? undefined : { original: agent },
    url: uri === undefined ? undefined : { original: uri, path: uri.split('?', 1)[0]! },
    http: code === undefined ? undefined : { response: { status_code: code } },
    orchestrator: known({
      type: 'kubernetes',
      api_version: textAt(objectRef, 'apiVersion'),
      namespace,
      resource: known({ type: resource, name }),
    }),
    related: known({
      user: users.length > 0 ? users : undefined,
      ip: sources.length > 0 ? [...new Set(sources)] : undefined,
      hosts: context.host === undefined ? undefined : [context.host],
    }),
    vigia: {
      logsource: { product: 'kubernetes', category: 'application', service: 'audit' },
      kubernetes: facts,
    },
  });
  return { event: event as unknown as Draft }; // the fields are those of a draft; `known` only leaves some out
}

/** The audit events in what the API server posts to a webhook (an EventList), each as the line a log file would hold. */
export function auditLines(body: string): string[] | string {
  const list = parseObject(body);
  if (typeof list === 'string') return list;
  if (list['kind'] !== 'EventList' || !Array.isArray(list['items']))
    return 'body is no EventList of audit.k8s.io';
  const { apiVersion } = list;
  return list['items'].map((item: unknown) =>
    JSON.stringify(isObject(item) ? { kind: 'Event', apiVersion, ...item } : item),
  );
}
