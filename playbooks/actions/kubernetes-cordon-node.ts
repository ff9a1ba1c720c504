/** Keeps new pods off a node of a cluster. What runs there goes on, and can be looked at. */
import { type Http, pathOf } from '../../targets/http.ts';
import { action, said } from '../action.ts';
import { system } from '../inputs.ts';
import {
  findObject,
  type KubernetesObject,
  kubernetesName,
  mergePatch,
  objectSubject,
  objectTarget,
  readObject,
  UNTRIED,
} from '../kubernetes.ts';

interface Input {
  readonly system: string;
  readonly node: string;
}

interface Node extends KubernetesObject {
  readonly spec: { readonly unschedulable?: boolean };
}

interface Before {
  readonly uid: string;
  readonly cordoned: boolean;
}

export const kubernetesCordonNode = action<Input, Before, { changed: boolean }>({
  id: 'kubernetes.cordon-node',
  title: 'Cordon a node of a cluster',
  untried: UNTRIED,
  risk: 'reversible',
  input: {
    type: 'object',
    required: ['node'],
    additionalProperties: false,
    properties: {
      system: system('kubernetes'),
      node: { ...kubernetesName, description: 'Name of the node.' },
    },
  },
  plan: (input, ctx) =>
    ctx.http(input.system, async (http) => {
      const node = await findObject<Node>(http, pathOf`/api/v1/nodes/${input.node}`, input.node);
      const cordoned = node.spec.unschedulable === true;
      return {
        plan: {
          targets: [objectTarget(input.system, node)],
          changes: cordoned ? [] : [`~ no new pod is placed on node ${said(input.node)}`],
          stays: ['pods that run there; daemon sets are placed there all the same'],
          undo: cordoned ? 'nothing: it was cordoned before' : 'takes the cordon off',
          proof: 'reads the node again',
          bounds: { nodes: 1 },
          observed: { nodes: 1 },
        },
        subjects: [objectSubject(input.system, node)],
        before: { uid: node.metadata.uid, cordoned },
      };
    }),
  act: ({ input, before }, ctx) =>
    ctx.http(input.system, async (http) => ({ changed: await bring(http, input, before, true) })),
  verify: ({ input }, ctx) =>
    ctx.http(input.system, async (http) => {
      const node = await readObject<Node>(http, pathOf`/api/v1/nodes/${input.node}`);
      if (node === undefined) return { outcome: 'proven', detail: 'the node is gone' };
      return node.spec.unschedulable === true
        ? { outcome: 'proven', detail: 'the node takes no new pods' }
        : { outcome: 'not-proven', detail: 'the node takes new pods; plan a new run' };
    }),
  undo: ({ input, before }, ctx) =>
    ctx.http(input.system, async (http) => {
      await bring(http, input, before, before.cordoned);
      const node = await readObject<Node>(http, pathOf`/api/v1/nodes/${input.node}`);
      return node !== undefined && (node.spec.unschedulable === true) === before.cordoned
        ? { outcome: 'proven', detail: 'the node is as before' }
        : { outcome: 'not-proven', detail: 'the node is not as before; look at it by hand' };
    }),
});

async function bring(
  http: Http,
  { node: name }: Input,
  { uid }: Before,
  cordoned: boolean,
): Promise<boolean> {
  const path = pathOf`/api/v1/nodes/${name}`;
  const node = await findObject<Node>(http, path, name);
  if ((node.spec.unschedulable === true) === cordoned) return false;
  await http.change('cordoning', mergePatch(path, uid, { spec: { unschedulable: cordoned } }));
  return true;
}
