/** Takes rights in a cluster from everybody whom one binding gives them. Undo makes the binding again as it was. */
import { type Http, pathOf } from '../../targets/http.ts';
import { action, said } from '../action.ts';
import { system } from '../inputs.ts';
import {
  deletion,
  findObject,
  type KubernetesObject,
  kubernetesName,
  objectSubject,
  objectTarget,
  readObject,
  UNTRIED,
} from '../kubernetes.ts';

interface Input {
  readonly system: string;
  readonly namespace?: string;
  readonly binding: string;
}

interface Binding extends KubernetesObject {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
  }[];
}

type Before = Pick<Binding, 'metadata' | 'roleRef' | 'subjects'>;

const API = '/apis/rbac.authorization.k8s.io/v1';
const listOf = ({ namespace }: Input): string =>
  namespace === undefined
    ? `${API}/clusterrolebindings`
    : `${API}${pathOf`/namespaces/${namespace}/rolebindings`}`;
const pathTo = (input: Input): string => `${listOf(input)}${pathOf`/${input.binding}`}`;

export const kubernetesRevokeBinding = action<Input, Before, { status: number }>({
  id: 'kubernetes.revoke-binding',
  title: 'Revoke a role binding of a cluster',
  untried: UNTRIED,
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['binding'],
    additionalProperties: false,
    properties: {
      system: system('kubernetes'),
      namespace: {
        ...kubernetesName,
        description: 'Namespace; without it the binding is one of the whole cluster.',
      },
      binding: { ...kubernetesName, description: 'Name of the binding.' },
    },
  },
  plan: (input, ctx) =>
    ctx.http(input.system, async (http) => {
      const binding = await findObject<Binding>(http, pathTo(input), input.binding);
      const { roleRef, subjects = [] } = binding;
      return {
        plan: {
          targets: [objectTarget(input.system, binding)],
          changes: subjects.map(
            ({ kind, name }) => `- ${kind} ${said(name)} loses ${roleRef.kind} ${said(roleRef.name)}`,
          ),
          stays: ['other bindings of the same subjects; tokens and certificates, which then open less'],
          undo: 'makes the binding again with the same role, subjects, labels and annotations; its identity is a new one',
          proof: 'reads whether the binding is there',
          bounds: { subjects: subjects.length },
          observed: { subjects: subjects.length },
        },
        subjects: [
          objectSubject(input.system, binding),
          ...subjects.map(({ name }) => ({
            system: input.system,
            kind: 'named-asset' as const,
            names: [name],
          })),
        ],
        before: { metadata: kept(binding), roleRef, subjects },
      };
    }),
  act: ({ input, before: { metadata } }, ctx) =>
    ctx.http(input.system, async (http) => {
      const request = deletion(pathTo(input), metadata.uid);
      return { status: (await http.change('deleting the binding', request)).status };
    }),
  verify: ({ input }, ctx) =>
    ctx.http(input.system, async (http) =>
      (await readObject(http, pathTo(input))) === undefined
        ? { outcome: 'proven', detail: 'the binding is gone' }
        : { outcome: 'not-proven', detail: 'there is a binding of that name; plan a new run' },
    ),
  undo: ({ input, before }, ctx) =>
    ctx.http(input.system, async (http) => {
      if ((await readObject(http, pathTo(input))) === undefined) await create(http, input, before);
      const now = await readObject<Binding>(http, pathTo(input));
      return now !== undefined && same(now, before)
        ? { outcome: 'proven', detail: 'the binding gives the same rights to the same subjects again' }
        : { outcome: 'not-proven', detail: 'the binding is not as before; compare it with the journal' };
    }),
});

const kept = ({ metadata: { name, namespace, uid, labels, annotations } }: Binding): Binding['metadata'] => ({
  name,
  uid,
  ...(namespace === undefined ? {} : { namespace }),
  ...(labels === undefined ? {} : { labels }),
  ...(annotations === undefined ? {} : { annotations }),
});

async function create(
  http: Http,
  input: Input,
  { metadata: { uid: _, ...metadata }, roleRef, subjects }: Before,
) {
  const kind = input.namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding';
  const body = { apiVersion: 'rbac.authorization.k8s.io/v1', kind, metadata, roleRef, subjects };
  await http.change('making the binding again', { method: 'POST', path: listOf(input), body });
}

const same = (now: Binding, before: Before): boolean =>
  JSON.stringify([now.roleRef, now.subjects ?? []]) ===
  JSON.stringify([before.roleRef, before.subjects ?? []]);
