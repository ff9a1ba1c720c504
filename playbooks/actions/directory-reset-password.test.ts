import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { directoryResetPassword } from './directory-reset-password.ts';

const samba = await need('samba');
const postgres = await need('postgres');

samba.describe('directory.reset-password', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'reset');
  });
  afterAll(() => bed?.close());

  it('makes the old password useless and leaves the new one to its owner, even of a disabled account', async () => {
    const ada = await bed.person('reset-ada');
    const reset = verbs(directoryResetPassword, bed);
    const planned = await reset.plan({ account: ada.name });
    expect(await reset.verify()).toMatchObject({ outcome: 'not-proven' });
    const receipt = await reset.act();
    expect(await reset.verify()).toMatchObject({ outcome: 'proven' });
    const [file] = readdirSync(bed.handover);
    const password = readFileSync(join(bed.handover, file!), 'utf8').trimEnd();
    await expect(bed.logon(ada)).rejects.toThrow();
    await (await bed.logon({ ...ada, password })).unbind();
    await bed.setControl(ada, 514);
    expect(await reset.verify()).toMatchObject({ outcome: 'proven' });
    expect(JSON.stringify([planned, receipt, await reset.verify()])).not.toContain(password);
  });

  it('is not proven when somebody set yet another password, and unknown when the directory does not say', async () => {
    const bo = await bed.person('reset-bo');
    const reset = verbs(directoryResetPassword, bed);
    await reset.plan({ account: bo.name });
    await reset.act();
    await bed.setPassword(bo, 'Va1-somebody-else');
    expect(await reset.verify()).toMatchObject({ outcome: 'not-proven' });
    const cy = await bed.person('reset-cy');
    await reset.plan({ account: cy.name });
    await reset.act();
    await bed.lockOut(cy);
    expect(await reset.verify()).toMatchObject({ outcome: 'unknown' });
  });
});
