/** Deletes one pod of a cluster, and no other that takes its name. A workload starts another one: stop that when it must not. */
import { action, said } from '../action.ts';
import { system } from '../inputs.ts';
import {
  deletion,
  findObject,
  kubernetesName,
  namespaced,
  objectSubject,
  objectTarget,
  readObject,
  UNTRIED,
} from '../kubernetes.ts';

interface Input {
  readonly system: string;
  readonly namespace: string;
  readonly pod: string;
}

export const kubernetesDeletePod = action<Input, { uid: string }, { status: number }>({
  id: 'kubernetes.delete-pod',
  title: 'Delete a pod of a cluster',
  untried: UNTRIED,
  risk: 'destructive',
  input: {
    type: 'object',
    required: ['namespace', 'pod'],
    additionalProperties: false,
    properties: {
      system: system('kubernetes'),
      namespace: { ...kubernetesName, description: 'Namespace.' },
      pod: { ...kubernetesName, description: 'Name of the pod.' },
    },
  },
  plan: (input, ctx) =>
    ctx.http(input.system, async (http) => {
      const pod = await findObject(http, namespaced('pods', input.namespace, input.pod), input.pod);
      return {
        plan: {
          targets: [objectTarget(input.system, pod)],
          changes: [`- pod ${said(input.pod)} ends; what is in its memory and its own disk is lost`],
          stays: ['its volumes and its logs elsewhere; the workload that may start another one'],
          undo: 'impossible: a pod does not come back; its workload starts another one',
          proof: 'reads whether a pod of that identity is there',
          bounds: { pods: 1 },
          observed: { pods: 1 },
        },
        subjects: [objectSubject(input.system, pod)],
        before: { uid: pod.metadata.uid },
      };
    }),
  act: ({ input, before: { uid } }, ctx) =>
    ctx.http(input.system, async (http) => {
      const request = deletion(namespaced('pods', input.namespace, input.pod), uid);
      return { status: (await http.change('deleting the pod', request)).status };
    }),
  verify: ({ input, before: { uid } }, ctx) =>
    ctx.http(input.system, async (http) => {
      const pod = await readObject(http, namespaced('pods', input.namespace, input.pod));
      return pod?.metadata.uid === uid
        ? {
            outcome: 'not-proven',
            detail: 'the pod is still there; it may be ending: resume the run to ask again',
          }
        : {
            outcome: 'proven',
            detail: pod === undefined ? 'the pod is gone' : 'the pod is gone; another one has its name',
          };
    }),
  undo: 'a pod does not come back; its workload starts another one',
});
