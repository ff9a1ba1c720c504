import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { directoryDisableAccount } from './directory-disable-account.ts';

const samba = await need('samba');
const postgres = await need('postgres');

samba.describe('directory.disable-account', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'disable');
  });
  afterAll(() => bed.close());
  const controlOf = async (dn: string) => {
    const { searchEntries } = await bed.ldap.search(dn, {
      scope: 'base',
      attributes: ['userAccountControl'],
    });
    return Number(searchEntries[0]?.['userAccountControl']);
  };

  it('refuses new logons, keeps the other flags, and gives the account back', async () => {
    const person = await bed.person('disable-ada');
    await bed.setControl(person, 0x10200);
    const disable = verbs(directoryDisableAccount, bed);
    const { plan } = await disable.plan({ account: person.name });
    expect(plan.changes).toEqual(['~ account "disable-ada" becomes disabled: new logons are refused']);
    expect(await disable.verify()).toMatchObject({ outcome: 'not-proven' });
    await disable.act();
    expect(await disable.verify()).toMatchObject({ outcome: 'proven' });
    expect(await controlOf(person.dn)).toBe(0x10202);
    await expect(bed.logon(person)).rejects.toThrow();
    expect(await disable.undo()).toMatchObject({ outcome: 'proven' });
    expect(await controlOf(person.dn)).toBe(0x10200);
    await (await bed.logon(person)).unbind();
  });

  it('sends nothing when there is nothing to change, and then undo sends nothing either', async () => {
    const person = await bed.person('disable-bo');
    await bed.setControl(person, 0x202);
    const disable = verbs(directoryDisableAccount, bed);
    expect((await disable.plan({ account: person.name })).plan).toMatchObject({
      changes: [],
      undo: 'nothing: it was disabled before',
    });
    await disable.act();
    expect(await disable.undo()).toMatchObject({ outcome: 'proven' });
    expect([disable.calls, await controlOf(person.dn)]).toEqual([[], 0x202]);
  });

  it('is proven although the answer was lost', async () => {
    const person = await bed.person('disable-cy');
    const disable = verbs(directoryDisableAccount, bed);
    await disable.plan({ account: person.name });
    disable.loseNextAnswer();
    await expect(disable.act()).rejects.toThrow(/answer was lost/);
    expect(await disable.verify()).toMatchObject({ outcome: 'proven' });
  });

  it('says so when the account is gone', async () => {
    const person = await bed.person('disable-ed');
    const disable = verbs(directoryDisableAccount, bed);
    await disable.plan({ account: person.name });
    await bed.ldap.del(person.dn);
    await expect(disable.act()).rejects.toThrow(/the account is gone/);
    expect(await disable.verify()).toMatchObject({
      outcome: 'proven',
      detail: expect.stringMatching(/is gone/),
    });
    expect(await disable.undo()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/recycle bin/),
    });
  });

  it('meets the planned account after it was renamed', async () => {
    const person = await bed.person('disable-di');
    const disable = verbs(directoryDisableAccount, bed);
    await disable.plan({ account: person.name });
    await bed.ldap.modifyDN(person.dn, 'CN=disable-renamed');
    await disable.act();
    expect(await controlOf(person.dn.replace('disable-di', 'disable-renamed'))).toBe(0x202);
  });
});
