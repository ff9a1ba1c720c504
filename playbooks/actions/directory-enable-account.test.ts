import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { directoryEnableAccount } from './directory-enable-account.ts';

const samba = await need('samba');
const postgres = await need('postgres');

samba.describe('directory.enable-account', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'enable');
  });
  afterAll(() => bed?.close());

  it('lets the owner log on again, and undo shuts the account again', async () => {
    const ada = await bed.person('enable-ada');
    await bed.setControl(ada, 514);
    const enable = verbs(directoryEnableAccount, bed);
    await enable.plan({ account: ada.name });
    expect(await enable.verify()).toMatchObject({ outcome: 'not-proven' });
    await enable.act();
    expect(await enable.verify()).toMatchObject({ outcome: 'proven' });
    await (await bed.logon(ada)).unbind();
    expect(await enable.undo()).toMatchObject({ outcome: 'proven' });
    await expect(bed.logon(ada)).rejects.toThrow();
  });

  it('sends nothing for one that is enabled, and undo of that does not disable it', async () => {
    const bo = await bed.person('enable-bo');
    const enable = verbs(directoryEnableAccount, bed);
    await enable.plan({ account: bo.name });
    await enable.act();
    expect(await enable.undo()).toMatchObject({ outcome: 'proven' });
    expect(enable.calls).toEqual([]);
    await (await bed.logon(bo)).unbind();
  });
});
