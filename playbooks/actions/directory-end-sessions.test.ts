import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Containment, containment } from '../../tests/proofs/containment.ts';
import { verbs } from '../../tests/proofs/verbs.ts';
import { need } from '../../tests/testbed/need.ts';
import { directoryEndSessions } from './directory-end-sessions.ts';

const samba = await need('samba');
const postgres = await need('postgres');

samba.describe('directory.end-sessions', () => {
  let bed: Containment;
  beforeAll(async () => {
    bed = await containment(samba.component, postgres.component, 'end');
  });
  afterAll(() => bed.close());
  const hoursOf = async (dn: string) => {
    const { searchEntries } = await bed.ldap.search(dn, {
      scope: 'base',
      attributes: ['logonHours'],
      explicitBufferAttributes: ['logonHours'],
    });
    const value = searchEntries[0]?.['logonHours'];
    return Buffer.isBuffer(value) ? value.toString('hex') : undefined;
  };

  it('forbids every hour, never claims more, and names what goes on and how to end it', async () => {
    const person = await bed.person('end-ada');
    const bound = await bed.logon(person);
    const end = verbs(directoryEndSessions, bed);
    await end.plan({ account: person.name, addresses: ['10.1.2.3', 'fe80::1'] });
    await end.act();
    const proof = await end.verify();
    expect(proof.outcome).toBe('not-proven');
    expect(proof.detail).toMatch(
      /every logon hour is forbidden.*LDAP connections bound before.*kill-client-ip" for 10\.1\.2\.3, fe80::1.*firewall/,
    );
    expect(await hoursOf(person.dn)).toBe('00'.repeat(21));
    expect((await bound.search(person.dn, { scope: 'base' })).searchEntries).toHaveLength(1);
    await bound.unbind();
  });

  it('says so when not even the hours were changed', async () => {
    const person = await bed.person('end-bo');
    const end = verbs(directoryEndSessions, bed);
    await end.plan({ account: person.name });
    expect(await end.verify()).toMatchObject({
      outcome: 'not-proven',
      detail: expect.stringMatching(/were NOT changed/),
    });
  });

  it.each([
    ['no hours were set', undefined],
    ['office hours were set', '00ffff'.repeat(7)],
  ])('restores the hours when %s', async (_, hours) => {
    const person = await bed.person(`end-${hours === undefined ? 'cy' : 'di'}`);
    if (hours !== undefined) {
      const modification = new Attribute({ type: 'logonHours', values: [Buffer.from(hours, 'hex')] });
      await bed.ldap.modify(person.dn, [new Change({ operation: 'replace', modification })]);
    }
    const end = verbs(directoryEndSessions, bed);
    await end.plan({ account: person.name });
    await end.act();
    expect(await end.undo()).toMatchObject({ outcome: 'proven' });
    expect(await hoursOf(person.dn)).toBe(hours);
  });
});
