/**
 * What is kept of the objects in an audit event: only what decides about rights and isolation. Everything else of a body
 * (data of secrets and config maps, tokens, variables, annotations with the last applied object) is never stored.
 */

import { maskSecrets } from '../../core/secrets.ts';
import { isObject, type JsonObject } from '../json/parse-object.ts';

const MAX_ITEMS = 64;
const MAX_TEXT = 1_024;

const itemsOf = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject).slice(0, MAX_ITEMS) : [];
const textsOf = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.filter((one): one is string => typeof one === 'string').slice(0, MAX_ITEMS)
    : [];
const unique = (values: readonly string[]): string[] => [
  ...new Set(values.map((one) => one.slice(0, MAX_TEXT))),
];
const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), value);

/** The pod of a workload: its own spec, its template, or the template of its jobs. */
const podSpecOf = (object: JsonObject): unknown =>
  at(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec') ??
  at(object, 'spec', 'template', 'spec') ??
  object['spec'];

function podFacts(spec: unknown): Record<string, unknown> {
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((kind) =>
    itemsOf(at(spec, kind)),
  );
  const contexts = containers.map((one) => one['securityContext']);
  const account = at(spec, 'serviceAccountName');
  return {
    images: unique(containers.flatMap(({ image }) => (typeof image === 'string' ? [image] : []))),
    commands: unique(
      containers
        .map(({ command, args }) => maskSecrets([...textsOf(command), ...textsOf(args)].join(' ')))
        .filter((one) => one !== ''),
    ),
    capabilities: unique(contexts.flatMap((one) => textsOf(at(one, 'capabilities', 'add')))),
    hostPath: unique(
      itemsOf(at(spec, 'volumes')).flatMap((volume) => {
        const path = at(volume, 'hostPath', 'path');
        return typeof path === 'string' ? [path] : [];
      }),
    ),
    privileged: contexts.some((one) => at(one, 'privileged') === true),
    hostNetwork: at(spec, 'hostNetwork') === true,
    hostPID: at(spec, 'hostPID') === true,
    hostIPC: at(spec, 'hostIPC') === true,
    ...(typeof account === 'string' ? { serviceAccountName: account } : {}),
  };
}

function roleFacts(object: JsonObject): Record<string, unknown> {
  const rules = itemsOf(object['rules']);
  const role = object['roleRef'];
  return {
    subjects: unique(
      itemsOf(object['subjects']).flatMap(({ name }) => (typeof name === 'string' ? [name] : [])),
    ),
    verbs: unique(rules.flatMap(({ verbs }) => textsOf(verbs))),
    resources: unique(rules.flatMap(({ resources }) => textsOf(resources))),
    ...(isObject(role) && typeof role['name'] === 'string' ? { role: role['name'] } : {}),
  };
}

/** Resources whose objects say something about rights. */
const READERS: Readonly<Record<string, (object: JsonObject) => Record<string, unknown>>> = {
  ...Object.fromEntries(
    [
      ...['pods', 'deployments', 'daemonsets', 'statefulsets', 'replicasets', 'replicationcontrollers'],
      ...['jobs', 'cronjobs'],
    ].map((resource) => [resource, (object: JsonObject) => podFacts(podSpecOf(object))]),
  ),
  ...Object.fromEntries(
    ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map((resource) => [resource, roleFacts]),
  ),
};

const isTold = (value: unknown) => value !== false && !(Array.isArray(value) && value.length === 0);

/** The facts of an object, by the names that Sigma's rules use for them (`hostPath`, `capabilities`, `privileged`). */
export function bodyFacts(resource: string, object: unknown): Record<string, unknown> {
  const read = Object.hasOwn(READERS, resource) ? READERS[resource] : undefined;
  if (read === undefined || !isObject(object)) return {};
  return Object.fromEntries(Object.entries(read(object)).filter(([, value]) => isTold(value)));
}
