import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type KubernetesRecord, kubernetesRecord } from '../../tests/proofs/kubernetes-record.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { kubernetesRevokeBinding } from './kubernetes-revoke-binding.ts';

const LIST = '/apis/rbac.authorization.k8s.io/v1/namespaces/pay/rolebindings';
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' };
const subjects = [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'anna@example.test' }];

describe('kubernetes.revoke-binding against a record of the API', () => {
  let cluster: KubernetesRecord;
  beforeEach(async () => {
    const metadata = {
      name: 'admins',
      namespace: 'pay',
      uid: 'b1',
      labels: { team: 'pay' },
      resourceVersion: '7',
    };
    cluster = await kubernetesRecord({ [`${LIST}/admins`]: { metadata, roleRef, subjects } }, [LIST]);
  });
  afterEach(async () => {
    expect(cluster.refused).toEqual([]);
    await cluster.close();
  });
  const input = { namespace: 'pay', binding: 'admins' };

  it('takes the rights away, and undo makes the binding again with everything that counts', async () => {
    const revoke = verbs(kubernetesRevokeBinding, cluster);
    const { plan } = await revoke.plan(input);
    expect(plan.changes).toEqual(['- User "anna@example.test" loses ClusterRole "admin"']);
    expect(await revoke.verify()).toMatchObject({ outcome: 'not-proven' });
    await revoke.act();
    expect(await revoke.verify()).toMatchObject({ outcome: 'proven' });
    expect(await revoke.undo()).toMatchObject({ outcome: 'proven' });
    expect(cluster.objects.get(`${LIST}/admins`)).toEqual({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'admins', namespace: 'pay', labels: { team: 'pay' }, uid: 'new' },
      roleRef,
      subjects,
    });
  });

  it('says that undo did not give back the same when somebody made another binding under the name', async () => {
    const revoke = verbs(kubernetesRevokeBinding, cluster);
    await revoke.plan(input);
    await revoke.act();
    cluster.objects.set(`${LIST}/admins`, { metadata: { name: 'admins', uid: 'b9' }, roleRef, subjects: [] });
    expect(await revoke.undo()).toMatchObject({ outcome: 'not-proven' });
  });
});
