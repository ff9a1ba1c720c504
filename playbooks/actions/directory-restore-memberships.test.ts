import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment, type Person } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { directoryRestoreMemberships } from './directory-restore-memberships.ts';

const samba = await need('samba');
const postgres = await need('postgres');

samba.describe('directory.restore-memberships', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'restore');
    for (const name of ['restore-clerks', 'restore-auditors']) await bed.group(name);
  });
  afterAll(() => bed?.close());
  const groupsOf = async ({ dn }: Person) => {
    const { searchEntries } = await bed.ldap.search(dn, { scope: 'base', attributes: ['memberOf'] });
    return [searchEntries[0]?.['memberOf'] ?? []].flat().map(String).sort();
  };

  it('adds what is missing, and undo takes away only what it added', async () => {
    const ada = await bed.person('restore-ada', ['restore-clerks']);
    const before = await groupsOf(ada);
    const auditors = `CN=restore-auditors,CN=Users,${bed.baseDn}`;
    const restore = verbs(directoryRestoreMemberships, bed);
    const { plan } = await restore.plan({ account: ada.name, groups: ['restore-clerks', auditors] });
    expect(plan.changes).toEqual(['+ "restore-ada" becomes a member of "restore-auditors"']);
    expect(await restore.verify()).toMatchObject({ outcome: 'not-proven' });
    await restore.act();
    expect(await restore.verify()).toMatchObject({ outcome: 'proven' });
    expect(await groupsOf(ada)).toEqual([auditors, ...before]);
    expect(await restore.undo()).toMatchObject({ outcome: 'proven' });
    expect(await groupsOf(ada)).toEqual(before);
  });

  it('refuses a group that is not there before it changes any', async () => {
    const bo = await bed.person('restore-bo');
    const restore = verbs(directoryRestoreMemberships, bed);
    await expect(restore.plan({ account: bo.name, groups: ['restore-clerks', 'no-such'] })).rejects.toThrow(
      /no-such/,
    );
    expect(await groupsOf(bo)).toEqual([]);
  });
});
