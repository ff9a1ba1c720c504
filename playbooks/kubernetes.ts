/** Objects of a Kubernetes cluster: found by name, acted on by the identity that outlives it. */
import type { PlannedTarget } from '../core/documents.ts';
import { errors } from '../core/errors.ts';
import { type Http, type HttpRequest, pathOf } from '../targets/http.ts';
import type { Subject } from './action.ts';

export interface KubernetesObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [more: string]: unknown;
}

export const kubernetesName = {
  type: 'string',
  maxLength: 253,
  pattern: '^[a-z0-9](?:[a-z0-9.:-]*[a-z0-9])?$',
} as const;

export const namespaced = (kind: string, namespace: string, name: string): string =>
  kind === 'pods'
    ? pathOf`/api/v1/namespaces/${namespace}/pods/${name}`
    : pathOf`/apis/apps/v1/namespaces/${namespace}/${kind}/${name}`;

/** Undefined when it is not there. */
export async function readObject<T extends KubernetesObject>(
  http: Http,
  path: string,
): Promise<T | undefined> {
  const { status, json } = await http.read('reading the object', {
    method: 'GET',
    path,
    statuses: [200, 404],
  });
  return status === 404 ? undefined : (json as T);
}

export async function findObject<T extends KubernetesObject>(
  http: Http,
  path: string,
  name: string,
): Promise<T> {
  const found = await readObject<T>(http, path);
  if (found === undefined) throw errors.notFound('object of the cluster', name);
  return found;
}

/** Only what is named changes, and only on this very object: another one under the name has another uid. */
export const mergePatch = (path: string, uid: string, change: object): HttpRequest => ({
  method: 'PATCH',
  path,
  headers: { 'content-type': 'application/merge-patch+json' },
  body: { metadata: { uid }, ...change },
});

export const deletion = (path: string, uid: string): HttpRequest => ({
  method: 'DELETE',
  path,
  body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } },
  // Somebody else may have deleted it since.
  statuses: [200, 202, 404],
});

export const objectTarget = (system: string, { metadata }: KubernetesObject): PlannedTarget => ({
  system,
  identity: metadata.uid,
  name: nameOf(metadata),
});

export const objectSubject = (system: string, { metadata }: KubernetesObject): Subject => ({
  system,
  kind: 'named-asset',
  names: [nameOf(metadata), metadata.name],
});

const nameOf = ({ namespace, name }: KubernetesObject['metadata']): string =>
  namespace === undefined ? name : `${namespace}/${name}`;

/** Shown in the reference of each of these actions. */
export const UNTRIED =
  'Its tests answer from records of the documented Kubernetes API (1.30) and refuse any other call.';
