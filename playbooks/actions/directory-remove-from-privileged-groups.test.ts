import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment, type Person } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { directoryRemoveFromPrivilegedGroups } from './directory-remove-from-privileged-groups.ts';

const samba = await need('samba');
const postgres = await need('postgres');

samba.describe('directory.remove-from-privileged-groups', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'remove');
    await bed.group('remove-deep', ['Domain Admins']);
    await bed.group('remove-outer', ['remove-deep']);
    await bed.group('remove-plain');
  });
  afterAll(() => bed.close());
  const groupsOf = async ({ dn }: Person) => {
    const { searchEntries } = await bed.ldap.search(dn, { scope: 'base', attributes: ['memberOf'] });
    return [searchEntries[0]?.['memberOf'] ?? []]
      .flat()
      .map((each) => /^CN=([^,]+)/.exec(String(each))?.[1])
      .sort();
  };

  const primaryOf = async ({ dn }: Person) => {
    const { searchEntries } = await bed.ldap.search(dn, { scope: 'base', attributes: ['primaryGroupID'] });
    return Number(searchEntries[0]?.['primaryGroupID']);
  };

  it('takes direct and nested privileged memberships, leaves the others, and restores exactly what it took', async () => {
    const person = await bed.person('remove-ada', ['Schema Admins', 'remove-outer', 'remove-plain']);
    const remove = verbs(directoryRemoveFromPrivilegedGroups, bed);
    const { plan } = await remove.plan({ account: person.name });
    expect(plan.targets.map(({ name }) => name).sort()).toEqual([
      'Schema Admins',
      'remove-ada',
      'remove-outer',
    ]);
    expect(await remove.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringContaining('"Domain Admins"'),
    });
    await remove.act();
    expect(await remove.verify()).toMatchObject({ outcome: 'proven' });
    expect(await groupsOf(person)).toEqual(['remove-plain']);
    expect(await remove.undo()).toMatchObject({ outcome: 'proven' });
    expect(await groupsOf(person)).toEqual(['Schema Admins', 'remove-outer', 'remove-plain']);
    expect(remove.calls).toHaveLength(4);
  });

  it('goes on after somebody else took one membership away, and puts back the recorded ones', async () => {
    const person = await bed.person('remove-bo', ['Schema Admins', 'Domain Admins']);
    const remove = verbs(directoryRemoveFromPrivilegedGroups, bed);
    await remove.plan({ account: person.name });
    const gone = new Attribute({ type: 'member', values: [person.dn] });
    await bed.ldap.modify(`CN=Schema Admins,CN=Users,${bed.baseDn}`, [
      new Change({ operation: 'delete', modification: gone }),
    ]);
    await remove.act();
    expect(await remove.verify()).toMatchObject({ outcome: 'proven' });
    expect(await remove.undo()).toMatchObject({ outcome: 'proven' });
    expect(await groupsOf(person)).toEqual(['Domain Admins', 'Schema Admins']);
  });

  it.each([
    ['Domain Admins itself', 'Domain Admins', 'remove-cy'],
    ['a group that leads to it', 'remove-outer', 'remove-fi'],
  ])('moves the account out of a privileged primary group (%s) and back', async (_, group, name) => {
    const person = await bed.person(name, [group]);
    const rid = await bed.ridOf(group);
    await bed.setPrimaryGroup(person, rid);
    const before = [await groupsOf(person), await primaryOf(person)];
    expect(before).toEqual([['Domain Users'], rid]);
    const remove = verbs(directoryRemoveFromPrivilegedGroups, bed);
    const { plan } = await remove.plan({ account: name });
    expect(plan.changes).toEqual([
      `~ primary group of "${name}": "${group}" → Domain Users, and it leaves the former`,
    ]);
    expect(plan.targets.map((target) => target.name)).toEqual([name, group]);
    await remove.act();
    expect(await remove.verify()).toMatchObject({ outcome: 'proven' });
    expect([await groupsOf(person), await primaryOf(person)]).toEqual([[], 513]);
    expect(await remove.undo()).toMatchObject({ outcome: 'proven' });
    expect([await groupsOf(person), await primaryOf(person)]).toEqual(before);
  });

  it('loses no membership from undo when only half was taken before the answer was lost', async () => {
    const person = await bed.person('remove-di', ['Schema Admins', 'Domain Admins']);
    const remove = verbs(directoryRemoveFromPrivilegedGroups, bed);
    await remove.plan({ account: person.name });
    remove.loseNextAnswer();
    await expect(remove.act()).rejects.toThrow(/answer was lost/);
    expect(await remove.verify()).toMatchObject({ outcome: 'not-proven' });
    expect(await remove.undo()).toMatchObject({ outcome: 'proven' });
    expect(await groupsOf(person)).toEqual(['Domain Admins', 'Schema Admins']);
  });
});
