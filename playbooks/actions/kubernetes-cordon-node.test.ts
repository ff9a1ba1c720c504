import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KubernetesRecord, kubernetesRecord } from '../../tests/proofs/kubernetes-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { kubernetesCordonNode } from './kubernetes-cordon-node.ts';

const NODE = '/api/v1/nodes/worker-1';

describe('kubernetes.cordon-node against a record of the API', () => {
  let cluster: KubernetesRecord;
  beforeEach(async () => {
    cluster = await kubernetesRecord({
      [NODE]: { metadata: { name: 'worker-1', uid: 'n1' }, spec: { podCIDR: 'x' } },
    });
  });
  afterEach(async () => {
    expect(cluster.refused).toEqual([]);
    await cluster.close();
  });

  it('keeps new pods off, changes nothing else, and undo lets them come again', async () => {
    const cordon = verbs(kubernetesCordonNode, cluster);
    await cordon.plan({ node: 'worker-1' });
    expect(await cordon.verify()).toMatchObject({ outcome: 'not-proven' });
    await cordon.act();
    expect(await cordon.verify()).toMatchObject({ outcome: 'proven' });
    expect(cluster.objects.get(NODE)).toMatchObject({ spec: { podCIDR: 'x', unschedulable: true } });
    expect(await cordon.undo()).toMatchObject({ outcome: 'proven' });
    expect(cluster.objects.get(NODE)).toMatchObject({ spec: { unschedulable: false } });
  });

  it('does not touch another node that took the name', async () => {
    const cordon = verbs(kubernetesCordonNode, cluster);
    await cordon.plan({ node: 'worker-1' });
    cluster.objects.set(NODE, { metadata: { name: 'worker-1', uid: 'n2' }, spec: {} });
    await expect(cordon.act()).rejects.toThrow(/it answered 409/);
    expect(cluster.objects.get(NODE)).toMatchObject({ spec: {} });
  });
});
