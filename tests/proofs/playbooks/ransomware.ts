/** ransomware-first-hour: accounts in a real directory, whose audit log counts, and people who answer through the API. */
import { containment, type Person } from '../containment.ts';
import { directoryChanges } from '../target-logs.ts';
import type { Story } from './story.ts';

const DISABLED = 'userAccountControl |= 2';

export const ransomware: Story = {
  flow: 'ransomware-first-hour',
  needs: ['samba', 'postgres'],
  async open(beds, tag) {
    const [samba, postgres] = await Promise.all([beds.samba(), beds.postgres()]);
    const bed = await containment(samba, postgres, tag);
    const isEnabled = async ({ dn }: Person) => {
      const attributes = ['userAccountControl'];
      const { searchEntries } = await bed.ldap.search(dn, { scope: 'base', attributes });
      return (Number(searchEntries[0]?.['userAccountControl']) & 2) === 0;
    };
    return {
      targets: { directory: bed.targets.directory },
      async scene(name) {
        const people = [await bed.person(`${name}-a`), await bed.person(`${name}-b`)];
        return {
          input: { hosts: ['srv-app-07', 'ws-114'], accounts: people.map((person) => person.name) },
          async changes() {
            return Object.fromEntries(
              people.map((person) => [
                `disabled ${person.name.slice(-1)}`,
                directoryChanges(samba, person)[DISABLED] ?? 0,
              ]),
            );
          },
          left: async () =>
            (await Promise.all(people.map(isEnabled))).flatMap((enabled, at) =>
              enabled ? [`${people[at]!.name} is enabled`] : [],
            ),
          state: async () => ({ enabled: await Promise.all(people.map(isEnabled)) }),
        };
      },
      close: () => bed.close(),
    };
  },
};
