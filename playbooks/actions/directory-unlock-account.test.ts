import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { directoryUnlockAccount } from './directory-unlock-account.ts';

const samba = await need('samba');
const postgres = await need('postgres');

samba.describe('directory.unlock-account', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'unlock');
  });
  afterAll(() => bed?.close());

  it('lets the owner of a locked account log on again, and sends nothing for one that is not locked', async () => {
    const ada = await bed.person('unlock-ada');
    await bed.lockOut(ada);
    await expect(bed.logon(ada)).rejects.toThrow(/775/);
    const unlock = verbs(directoryUnlockAccount, bed);
    await unlock.plan({ account: ada.name });
    expect(await unlock.verify()).toMatchObject({ outcome: 'not-proven' });
    await unlock.act();
    expect(await unlock.verify()).toMatchObject({ outcome: 'proven' });
    await (await bed.logon(ada)).unbind();
    const again = verbs(directoryUnlockAccount, bed);
    const { plan } = await again.plan({ account: ada.name });
    expect(plan.changes).toEqual([]);
    await again.act();
    expect(again.calls).toEqual([]);
  });
});
