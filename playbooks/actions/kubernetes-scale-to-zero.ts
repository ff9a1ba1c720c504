/** Stops a workload of a cluster by asking for no replica. Its definition, volumes and settings stay. */
import type { Http } from '../../targets/http.ts';
import { action, said } from '../action.ts';
import { system } from '../inputs.ts';
import {
  findObject,
  type KubernetesObject,
  kubernetesName,
  mergePatch,
  namespaced,
  objectSubject,
  objectTarget,
  readObject,
  UNTRIED,
} from '../kubernetes.ts';

interface Input {
  readonly system: string;
  readonly namespace: string;
  readonly kind: 'deployments' | 'statefulsets';
  readonly name: string;
}

interface Scale extends KubernetesObject {
  readonly spec: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

interface Before {
  readonly uid: string;
  readonly replicas: number;
}

const scaleOf = ({ namespace, kind, name }: Input): string => `${namespaced(kind, namespace, name)}/scale`;

export const kubernetesScaleToZero = action<Input, Before, { changed: boolean }>({
  id: 'kubernetes.scale-to-zero',
  title: 'Stop a workload of a cluster',
  untried: UNTRIED,
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['namespace', 'name'],
    additionalProperties: false,
    properties: {
      system: system('kubernetes'),
      namespace: { ...kubernetesName, description: 'Namespace.' },
      kind: {
        enum: ['deployments', 'statefulsets'],
        default: 'deployments',
        description: 'Kind of the workload.',
      },
      name: { ...kubernetesName, description: 'Name of the workload.' },
    },
  },
  plan: (input, ctx) =>
    ctx.http(input.system, async (http) => {
      const scale = await findObject<Scale>(http, scaleOf(input), input.name);
      const replicas = scale.spec.replicas ?? 0;
      return {
        plan: {
          targets: [objectTarget(input.system, scale)],
          changes:
            replicas === 0 ? [] : [`~ ${said(input.name)}: replicas ${replicas} → 0; its service stops`],
          stays: [
            'volumes, settings and the definition; an autoscaler or an operator may raise the number again',
          ],
          undo: replicas === 0 ? 'nothing: it had none before' : `asks for ${replicas} replicas again`,
          proof: 'reads how many are asked for and how many still run',
          bounds: { workloads: 1 },
          observed: { workloads: 1, replicas, running: scale.status?.replicas ?? 0 },
        },
        subjects: [objectSubject(input.system, scale)],
        before: { uid: scale.metadata.uid, replicas },
      };
    }),
  act: ({ input, before: { uid } }, ctx) =>
    ctx.http(input.system, async (http) => ({ changed: await bring(http, input, uid, 0) })),
  verify: ({ input }, ctx) =>
    ctx.http(input.system, async (http) => {
      const scale = await readObject<Scale>(http, scaleOf(input));
      if (scale === undefined) return { outcome: 'proven', detail: 'the workload is gone' };
      const [asked, running] = [scale.spec.replicas ?? 0, scale.status?.replicas ?? 0];
      if (asked > 0)
        return { outcome: 'not-proven', detail: `${asked} replicas are asked for; plan a new run` };
      return running === 0
        ? { outcome: 'proven', detail: 'no replica is asked for and none runs' }
        : {
            outcome: 'not-proven',
            detail: `${running} replicas are still ending; resume the run to ask again`,
          };
    }),
  undo: ({ input, before: { uid, replicas } }, ctx) =>
    ctx.http(input.system, async (http) => {
      await bring(http, input, uid, replicas);
      return (await readObject<Scale>(http, scaleOf(input)))?.spec.replicas === replicas
        ? { outcome: 'proven', detail: `${replicas} replicas are asked for, as before` }
        : { outcome: 'not-proven', detail: 'the number of replicas is not as before; set it by hand' };
    }),
});

async function bring(http: Http, input: Input, uid: string, replicas: number): Promise<boolean> {
  const scale = await findObject<Scale>(http, scaleOf(input), input.name);
  if ((scale.spec.replicas ?? 0) === replicas) return false;
  await http.change('scaling', mergePatch(scaleOf(input), uid, { spec: { replicas } }));
  return true;
}
