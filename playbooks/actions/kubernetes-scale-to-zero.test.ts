import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KubernetesRecord, kubernetesRecord } from '../../tests/proofs/kubernetes-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { kubernetesScaleToZero } from './kubernetes-scale-to-zero.ts';

const SCALE = '/apis/apps/v1/namespaces/pay/deployments/api/scale';

describe('kubernetes.scale-to-zero against a record of the API', () => {
  let cluster: KubernetesRecord;
  const scale = (replicas: number, running: number) => ({
    metadata: { name: 'api', namespace: 'pay', uid: 'd1' },
    spec: { replicas },
    status: { replicas: running },
  });
  beforeEach(async () => {
    cluster = await kubernetesRecord({ [SCALE]: scale(3, 3) });
  });
  afterEach(async () => {
    expect(cluster.refused).toEqual([]);
    await cluster.close();
  });
  const input = { namespace: 'pay', name: 'api' };

  it('is proven when no replica runs any more, and undo asks for as many as before', async () => {
    const stop = verbs(kubernetesScaleToZero, cluster);
    await stop.plan(input);
    expect(await stop.verify()).toMatchObject({ outcome: 'not-proven' });
    await stop.act();
    expect(await stop.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/3 .*still ending/),
    });
    cluster.objects.set(SCALE, scale(0, 0));
    expect(await stop.verify()).toMatchObject({ outcome: 'proven' });
    expect(await stop.undo()).toMatchObject({ outcome: 'proven' });
    expect(cluster.objects.get(SCALE)).toMatchObject({ spec: { replicas: 3 } });
  });

  it.each(['Upper', '../kube-system', 'a/b'])('refuses the name %s', async (name) => {
    await expect(verbs(kubernetesScaleToZero, cluster).plan({ ...input, name })).rejects.toMatchObject({
      exitCode: 2,
    });
  });
});
