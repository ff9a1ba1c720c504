import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEmbedded } from '../store/embedded/open.ts';
import { type Containment, containment, type Person } from '../tests/proofs/containment.ts';
import { type MariadbAccounts, mariadbAccounts } from '../tests/proofs/mariadb-accounts.ts';
import { type VaultRecord, vaultRecord } from '../tests/proofs/vault-record.ts';
import { need } from '../tests/testbed/need.ts';
import { type FlowBench, openFlowBench, outcomesOf } from './testbench/flow-bench.ts';

const samba = await need('samba');
const postgres = await need('postgres');
const mariadb = await need('mariadb');
const FLOW = 'revoke-privileged-access';
const HOURS = 3_600_000;

mariadb.describe(
  'revoke-privileged-access on a real directory, real databases and a record of a vault',
  () => {
    let bed: Containment;
    let maria: MariadbAccounts;
    let vault: VaultRecord;
    let bench: FlowBench;
    beforeAll(async () => {
      bed = await containment(samba.component, postgres.component, 'revoke');
      maria = await mariadbAccounts(mariadb.component, 'revoke');
      vault = await vaultRecord();
      bench = await openFlowBench(openEmbedded, { ...bed.targets, ...maria.targets, ...vault.targets });
      await bed.pg.query('CREATE ROLE "revoke-admins"');
    });
    afterAll(async () => {
      await bench?.close();
      expect(vault.refused).toEqual([]);
      await vault?.close();
      await maria?.close();
      await bed?.close();
    });

    /** An administrator of everything. */
    const administrator = async (name: string) => {
      const person = await bed.person(name, ['Domain Admins', 'DnsUpdateProxy']);
      await bed.setControl(person, 0x200 | 0x8_0000);
      const services = new Attribute({
        type: 'msDS-AllowedToDelegateTo',
        values: ['cifs/files.example.test'],
      });
      await bed.ldap.modify(person.dn, [new Change({ operation: 'add', modification: services })]);
      await bed.pg.query(
        `ALTER ROLE "${name}" SUPERUSER; GRANT "revoke-admins" TO "${name}" WITH ADMIN OPTION`,
      );
      const password = await maria.account(`${name}@%`);
      await maria.query(`GRANT ALL PRIVILEGES ON *.* TO '${name}'@'%' WITH GRANT OPTION`);
      const leases = `database/creds/${name}`;
      vault.path(leases);
      vault.valid.add(`${leases}/a1`).add(`${leases}/b2`);
      return { person, password };
    };
    const input = (name: string) => ({
      account: name,
      role: name,
      dbaccount: `${name}@%`,
      leases: [`database/creds/${name}`],
    });
    const leasesOf = ({ name }: Person) => [...vault.valid].filter((lease) => lease.includes(`/${name}/`));
    /** What each target says about the powers of that person. */
    const powersOf = async ({ name, dn }: Person) => {
      const attributes = ['memberOf', 'userAccountControl', 'msDS-AllowedToDelegateTo'];
      const { searchEntries } = await bed.ldap.search(dn, { scope: 'base', attributes });
      const role = await bed.pg.query(
        `SELECT rolcanlogin, rolsuper, ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid) AS of
         FROM pg_roles r WHERE rolname = $1`,
        [name],
      );
      const [entry] = searchEntries;
      const memberOf = [entry?.['memberOf'] ?? []].flat().map(String).sort();
      return { directory: { ...entry, memberOf }, role: role.rows[0], ...(await maria.stateOf(`${name}@%`)) };
    };

    it('takes the powers and leaves the logon, ends database sessions, and undo gives every power back', async () => {
      const { person, password } = await administrator('revoke-ada');
      const before = await powersOf(person);
      const sessions = [await bed.session(person), await maria.session(person.name, password)];

      const run = await bench.run(FLOW, input(person.name));

      expect([run.state, new Set(run.steps.map(({ outcome }) => outcome))]).toEqual([
        'done',
        new Set(['proven']),
      ]);
      await Promise.all(sessions.map(({ ended }) => ended));
      expect(leasesOf(person)).toEqual([]);
      expect(await powersOf(person)).toEqual({
        directory: {
          dn: person.dn,
          memberOf: [expect.stringContaining('DnsUpdateProxy')],
          userAccountControl: String(0x200 | 0x10_0000),
          'msDS-AllowedToDelegateTo': [],
        },
        role: { rolcanlogin: true, rolsuper: false, of: [] },
        locked: false,
        grants: [expect.stringContaining('GRANT USAGE')],
      });
      await (await bed.logon(person)).unbind();
      await (await bed.session(person)).client.end();
      (await maria.session(person.name, password)).connection.destroy();

      const undone = await bench.undo(run);
      expect([undone.state, undone.steps[3]?.detail]).toEqual([
        'undone',
        expect.stringContaining('not undone: a revoked credential is gone'),
      ]);
      expect(await powersOf(person)).toEqual(before);
      const kept = await bench.kept();
      for (const secret of [...maria.secrets(), ...bed.secrets, ...vault.secrets, person.password])
        expect(kept).not.toContain(secret);
    });

    it('says which step failed when the account of Vigia has too few rights on one server, and does the others', async () => {
      const { person } = await administrator('revoke-bo');
      const run = await bench.approved(FLOW, input(person.name));
      await bed.pg.query('ALTER ROLE "svc-vigia-revoke" NOSUPERUSER CREATEROLE');
      const after = await bench.vigia.execute(run.id);
      await bed.pg.query('ALTER ROLE "svc-vigia-revoke" SUPERUSER');
      expect(outcomesOf(after)).toEqual([
        'End its access through Vigia: proven',
        'Take it out of privileged groups: proven',
        'Stop delegation: proven',
        'Revoke the leases of the vault: database/creds/revoke-bo: proven',
        'Strip its PostgreSQL role: not-proven',
        'End the sessions of its PostgreSQL role: proven',
        'Strip its MariaDB account: proven',
        'End the connections of its MariaDB account: proven',
      ]);
      expect(after.steps[4]?.detail).toMatch(
        /stripping the role failed.*asked again: the role still has SUPERUSER/,
      );
      expect((await powersOf(person)).role).toMatchObject({ rolsuper: true });
    });

    it('refuses a protected account, and the person who approves may refuse', async () => {
      await expect(bench.vigia.plan(FLOW, { account: 'Administrator' })).rejects.toMatchObject({
        exitCode: 4,
        message: expect.stringContaining('(built-in-administrator)'),
      });
      const { person } = await administrator('revoke-cy');
      const before = await powersOf(person);
      const run = await bench.vigia.start(FLOW, input(person.name), 'rita');
      await bench.vigia.refuse(run.id, { by: 'olga', roles: ['approver'], reason: 'is on duty tonight' });
      await expect(bench.vigia.execute(run.id)).rejects.toMatchObject({ exitCode: 4 });
      expect(await powersOf(person)).toEqual(before);
    });

    it('changes nothing when the approval is too old', async () => {
      const { person } = await administrator('revoke-di');
      const before = await powersOf(person);
      const run = await bench.approved(FLOW, input(person.name));
      bench.wait(9 * HOURS);
      expect((await bench.vigia.execute(run.id)).state).toBe('expired');
      expect(await powersOf(person)).toEqual(before);
      expect(leasesOf(person)).toHaveLength(2);
    });
  },
);
