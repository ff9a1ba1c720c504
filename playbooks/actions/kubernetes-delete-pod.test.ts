import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KubernetesRecord, kubernetesRecord } from '../../tests/proofs/kubernetes-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { kubernetesDeletePod } from './kubernetes-delete-pod.ts';

const POD = '/api/v1/namespaces/pay/pods/api-0';

describe('kubernetes.delete-pod against a record of the API', () => {
  let cluster: KubernetesRecord;
  const pod = (uid: string) => ({ metadata: { name: 'api-0', namespace: 'pay', uid } });
  beforeEach(async () => {
    cluster = await kubernetesRecord({ [POD]: pod('p1') });
  });
  afterEach(async () => {
    expect(cluster.refused).toEqual([]);
    await cluster.close();
  });
  const input = { namespace: 'pay', pod: 'api-0' };

  it('deletes the planned pod, also when the answer was lost, and counts a successor as gone', async () => {
    const remove = verbs(kubernetesDeletePod, cluster);
    await remove.plan(input);
    expect(await remove.verify()).toMatchObject({ outcome: 'not-proven' });
    remove.loseNextAnswer();
    await expect(remove.act()).rejects.toThrow(/answer was lost/);
    expect(await remove.verify()).toMatchObject({ outcome: 'proven', detail: 'the pod is gone' });
    cluster.objects.set(POD, pod('p2'));
    expect(await remove.verify()).toMatchObject({
      outcome: 'proven',
      detail: expect.stringContaining('another one'),
    });
  });

  it('does not delete the successor that took the name in between', async () => {
    const remove = verbs(kubernetesDeletePod, cluster);
    await remove.plan(input);
    cluster.objects.set(POD, pod('p2'));
    await expect(remove.act()).rejects.toThrow(/it answered 409/);
    expect(cluster.objects.has(POD)).toBe(true);
  });
});
