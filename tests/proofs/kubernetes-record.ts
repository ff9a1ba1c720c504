/** Objects of a cluster, answered as the Kubernetes API documents it: merge patches, preconditions on the uid, 404, 409. */
import type { HttpSettings } from '../../targets/settings.ts';
import { type Answer, type RecordedServer, recordedServer } from './recorded-server.ts';

const TOKEN = 'Va1-kube-token';

type Json = Readonly<Record<string, unknown>>;

export interface KubernetesRecord extends RecordedServer {
  /** By path. */
  readonly objects: Map<string, Json>;
  /** What may appear nowhere else. */
  readonly secrets: readonly string[];
  readonly targets: { readonly kubernetes: HttpSettings };
}

/** `lists` are paths under which objects may be made. */
export async function kubernetesRecord(
  objects: Readonly<Record<string, Json>>,
  lists: readonly string[] = [],
): Promise<KubernetesRecord> {
  process.env['VIGIA_TEST_KUBE'] = TOKEN;
  const found = new Map(Object.entries(objects));
  const uidOf = (object: Json | undefined) => (object?.['metadata'] as { uid?: string } | undefined)?.uid;
  const server = await recordedServer(
    Object.fromEntries([
      ...Object.keys(objects).flatMap((path): [string, Answer][] => [
        [
          `GET ${path}`,
          () => (found.has(path) ? [200, found.get(path)] : [404, { kind: 'Status', code: 404 }]),
        ],
        [
          `PATCH ${path}`,
          ({ json, headers }) => {
            if (headers['content-type'] !== 'application/merge-patch+json') return 415;
            const patch = json as Json;
            const object = found.get(path);
            if (uidOf(patch) !== uidOf(object)) return [409, { kind: 'Status', code: 409 }];
            found.set(path, merged(object, { ...patch, metadata: {} }) as Json);
            return [200, found.get(path)];
          },
        ],
        [
          `DELETE ${path}`,
          ({ json }) => {
            const { preconditions } = json as { preconditions: { uid: string } };
            if (!found.has(path)) return [404, { kind: 'Status', code: 404 }];
            if (preconditions.uid !== uidOf(found.get(path))) return [409, { kind: 'Status', code: 409 }];
            found.delete(path);
            return [200, { kind: 'Status', status: 'Success' }];
          },
        ],
      ]),
      ...lists.map((list): [string, Answer] => [
        `POST ${list}`,
        ({ json }) => {
          const { metadata, ...rest } = json as { metadata: { name: string; uid?: string } };
          if (metadata.uid !== undefined) return 422;
          found.set(`${list}/${metadata.name}`, { ...rest, metadata: { ...metadata, uid: 'new' } });
          return [201, found.get(`${list}/${metadata.name}`)];
        },
      ]),
    ]),
  );
  return {
    ...server,
    objects: found,
    secrets: [TOKEN],
    targets: {
      kubernetes: { kind: 'http', url: server.url, auth: 'bearer', passwordEnv: 'VIGIA_TEST_KUBE' },
    },
    async close() {
      delete process.env['VIGIA_TEST_KUBE'];
      await server.close();
    },
  };
}

/** RFC 7386. */
function merged(into: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = { ...(into as object) };
  for (const [key, value] of Object.entries(patch))
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  return result;
}
