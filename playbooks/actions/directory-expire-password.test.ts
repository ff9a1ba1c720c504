import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { directoryExpirePassword } from './directory-expire-password.ts';

const samba = await need('samba');
const postgres = await need('postgres');

samba.describe('directory.expire-password', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'expire');
  });
  afterAll(() => bed?.close());

  it('stops logons until a new password is chosen, and undo makes the old one valid again', async () => {
    const ada = await bed.person('expire-ada');
    const expire = verbs(directoryExpirePassword, bed);
    await expire.plan({ account: ada.name });
    expect(await expire.verify()).toMatchObject({ outcome: 'not-proven' });
    await expire.act();
    expect(await expire.verify()).toMatchObject({ outcome: 'proven' });
    await expect(bed.logon(ada)).rejects.toThrow(/773/);
    expect(await expire.undo()).toMatchObject({ outcome: 'proven' });
    await (await bed.logon(ada)).unbind();
  });

  it('leaves one alone that was expired before, and refuses one that never expires', async () => {
    const bo = await bed.person('expire-bo');
    const first = verbs(directoryExpirePassword, bed);
    await first.plan({ account: bo.name });
    await first.act();
    const second = verbs(directoryExpirePassword, bed);
    await second.plan({ account: bo.name });
    await second.act();
    expect(await second.undo()).toMatchObject({ outcome: 'proven' });
    expect(second.calls).toEqual([]);
    await bed.setControl(bo, 0x10200);
    await expect(second.plan({ account: bo.name })).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('never expires'),
    });
  });
});
