import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment, type Person } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { directoryBlockDelegation } from './directory-block-delegation.ts';

const samba = await need('samba');
const postgres = await need('postgres');

samba.describe('directory.block-delegation', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'deleg');
  });
  afterAll(() => bed?.close());
  const delegationOf = async ({ dn }: Person) => {
    const attributes = ['userAccountControl', 'msDS-AllowedToDelegateTo'];
    return (await bed.ldap.search(dn, { scope: 'base', attributes })).searchEntries[0];
  };
  it('takes every way of delegating, and undo restores each as it was', async () => {
    const ada = await bed.person('deleg-ada');
    await bed.setControl(ada, 0x200 | 0x8_0000 | 0x100_0000);
    const services = new Attribute({
      type: 'msDS-AllowedToDelegateTo',
      values: ['cifs/files.example.test', 'http/web.example.test'],
    });
    await bed.ldap.modify(ada.dn, [new Change({ operation: 'add', modification: services })]);
    const before = await delegationOf(ada);
    const block = verbs(directoryBlockDelegation, bed);
    const { plan } = await block.plan({ account: ada.name });
    expect(plan.changes).toHaveLength(4);
    expect(await block.verify()).toMatchObject({ outcome: 'not-proven' });
    await block.act();
    expect(block.calls).toHaveLength(1);
    expect(await block.verify()).toMatchObject({ outcome: 'proven' });
    expect(await delegationOf(ada)).toMatchObject({
      userAccountControl: String(0x200 | 0x10_0000),
      'msDS-AllowedToDelegateTo': [],
    });
    expect(await block.undo()).toMatchObject({ outcome: 'proven' });
    expect(await delegationOf(ada)).toEqual(before);
  });

  it('sends nothing when it is blocked already, and undo of that keeps it so', async () => {
    const bo = await bed.person('deleg-bo');
    await bed.setControl(bo, 0x200 | 0x10_0000);
    const block = verbs(directoryBlockDelegation, bed);
    await block.plan({ account: bo.name });
    await block.act();
    expect(await block.undo()).toMatchObject({ outcome: 'proven' });
    expect(block.calls).toEqual([]);
  });
});
